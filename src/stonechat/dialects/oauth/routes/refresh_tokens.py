"""Tokens as clients of communities want them: with an end, and with what renews them.

These are the paths with a slash at their end. Without one they are Mastodon's, whose clients keep
a token for good and would be signed out by one that ends; so the slash decides, here as in
http/forks.
"""

from typing import Final

from stonechat.dialects.oauth.calls import RenewalCall, RenewalOperation
from stonechat.dialects.oauth.entities import present_renewable, present_token
from stonechat.dialects.oauth.forms import (
    SECRET_CHARACTERS_MAX,
    read_client,
    read_community_grant_type,
    read_exchange,
    read_scope,
    read_sign_in,
    required,
)
from stonechat.domain.oauth import Client, Grant
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.http.rates import Tried
from stonechat.kernel.errors import NotAllowed, NotAuthenticated, NotFound
from stonechat.services import oauth, refresh_tokens, sessions


async def create(call: RenewalCall) -> Answer:
    """A token: for a code, for one that renews it, or for a name and a password."""
    grant_type = read_community_grant_type(call.parameters, call.env.settings)
    client = read_client(call.parameters, call.header("authorization"))
    if grant_type == "client_credentials":
        grant = await oauth.grant_to_app(call.env, client, read_scope(call.parameters))
        return Answer(present_token(grant))
    if grant_type == "refresh_token":
        secret = required(call.parameters, "refresh_token", SECRET_CHARACTERS_MAX)
        grant = await refresh_tokens.renew(call.env, client, secret)
    elif grant_type == "password":
        grant = await _sign_in(call, client)
    else:
        order = read_exchange(call.parameters)
        grant = await oauth.exchange_code(call.env, client, order, is_renewable=True)
    return Answer(present_renewable(grant))


async def _sign_in(call: RenewalCall, client: Client) -> Grant:
    order = read_sign_in(call.parameters)
    rates, scope = call.room.rates, call.request.scope
    tried = Tried(order.name, await sessions.find_account_id(call.env, order.name))
    rates.check_sign_in(tried, scope)
    try:
        return await oauth.sign_in(call.env, client, order)
    except NotAuthenticated as refusal:
        if refusal.details.get("subject") == "client":
            raise
        rates.fail_sign_in(tried, scope)
        raise NotFound(refusal.message) from None
    except NotAllowed as refusal:
        raise NotFound(refusal.message) from None


async def revoke(call: RenewalCall) -> Answer:
    """End a token, or a whole line of renewals by its refresh token."""
    client = read_client(call.parameters, call.header("authorization"))
    token = required(call.parameters, "token", SECRET_CHARACTERS_MAX)
    await oauth.revoke_token(call.env, client, token, by_id=True)
    return Answer(b"")


# These look at no bearer token: a client may well send the dead one that it came to replace.
OPERATIONS: Final = (
    RenewalOperation("POST", "/oauth/token/", create, "Token", Caller.ANYONE, rides=True),
    RenewalOperation("POST", "/oauth/revoke_token/", revoke, "", Caller.ANYONE, rides=True),
)
