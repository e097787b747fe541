"""Tokens: given for a code or to an app itself, taken back, and who is behind one."""

from typing import Final

from stonechat.dialects.oauth.calls import OAuthCall, OAuthOperation
from stonechat.dialects.oauth.entities import present_token, present_user
from stonechat.dialects.oauth.forms import (
    SECRET_CHARACTERS_MAX,
    read_client,
    read_exchange,
    read_grant_type,
    read_scope,
    required,
)
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import oauth
from stonechat.services.views import load_accounts


async def create(call: OAuthCall) -> Answer:
    """A token. `scope` counts for an app's own token only: a code's scopes stand already."""
    grant_type = read_grant_type(call.parameters)
    client = read_client(call.parameters, call.header("authorization"))
    if grant_type == "authorization_code":
        grant = await oauth.exchange_code(call.env, client, read_exchange(call.parameters))
    else:
        grant = await oauth.grant_to_app(call.env, client, read_scope(call.parameters))
    return Answer(present_token(grant))


async def revoke(call: OAuthCall) -> Answer:
    """End a token of one's own."""
    client = read_client(call.parameters, call.header("authorization"))
    token = required(call.parameters, "token", SECRET_CHARACTERS_MAX)
    await oauth.revoke_token(call.env, client, token)
    return Answer({})


async def show_user(call: OAuthCall) -> Answer:
    """The person behind the token."""
    accounts = await load_accounts(call.env, [call.viewer.account_id])
    account = accounts.get(call.viewer.account_id)
    if account is None:
        raise NotFound
    return Answer(present_user(account, call.env.settings.base_url))


_USER_SCOPE: Final = "profile|read:accounts"
# These look at no bearer token: a client may well send the dead one that it came to replace.
OPERATIONS: Final = (
    OAuthOperation("POST", "/oauth/token", create, "Token", Caller.ANYONE, rides=True),
    OAuthOperation("POST", "/oauth/revoke", revoke, "{}", Caller.ANYONE, rides=True),
    OAuthOperation("GET", "/oauth/userinfo", show_user, "UserInfo", scope=_USER_SCOPE),
    OAuthOperation("POST", "/oauth/userinfo", show_user, "UserInfo", scope=_USER_SCOPE),
)
