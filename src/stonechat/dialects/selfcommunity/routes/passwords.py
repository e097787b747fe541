"""Passwords and addresses: what members change of the way they sign in.

No mail is sent from here: an address changes at once, or by a code that the caller is given and
brings to its owner in their own way (services/logins).
"""

from collections.abc import Awaitable, Callable
from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, ensure_own_token, offer
from stonechat.dialects.selfcommunity.forms.passwords import (
    CODE_CHARACTERS_MAX,
    read_code,
    read_email,
    read_new_password,
    read_password,
)
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.http.rates import Tried
from stonechat.kernel.errors import InvalidInput
from stonechat.services import logins
from stonechat.services.members import ensure_self


def _own_id(call: CommunityCall) -> AccountId:
    account_id = AccountId(call.path_id())
    ensure_self(call.viewer, account_id)
    return account_id


async def change_password(call: CommunityCall) -> Answer:
    """Another password. The token that asks stays good, all others end."""
    account_id = _own_id(call)
    password = read_password(call.parameters, "password")
    new_password = read_new_password(call.parameters, "new_password")
    # Whoever found a token must not find out the password with it.
    rates, scope, tried = call.room.rates, call.request.scope, Tried(None, account_id)
    rates.check_sign_in(tried, scope)
    try:
        await logins.change_password(call.env, call.viewer, password, new_password)
    except InvalidInput:
        rates.fail_sign_in(tried, scope)
        raise
    return Answer(b"", 204)


async def change_email(call: CommunityCall) -> Answer:
    """Another address; with `confirm` only the code by which it changes."""
    account_id = _own_id(call)
    ensure_own_token(call)
    email = read_email(call.parameters, "new_email")
    if call.parameters.flag("confirm"):
        code = await logins.make_email_code(call.env, account_id, email)
        return Answer({"validation_code": code})
    await _counted(call, account_id, lambda: logins.change_email(call.env, account_id, email))
    return Answer(b"", 204)


async def _counted(
    call: CommunityCall, account_id: AccountId, work: Callable[[], Awaitable[None]]
) -> None:
    """Do what may be refused because somebody else has that address.

    Whoever is told so has learnt who has an account here, so it counts like a wrong password.
    """
    rates, scope, tried = call.room.rates, call.request.scope, Tried(None, account_id)
    rates.check_sign_in(tried, scope)
    try:
        await work()
    except InvalidInput as refusal:
        if refusal.rule == "taken":
            rates.fail_sign_in(tried, scope)
        raise


async def confirm_email(call: CommunityCall) -> Answer:
    """Change the address as a code says, whoever brings it."""
    email = read_email(call.parameters, "new_email")
    code = read_code(call.parameters)
    account_id, env = AccountId(call.path_id()), call.env
    await _counted(call, account_id, lambda: logins.confirm_email(env, account_id, email, code))
    return Answer(b"", 204)


async def check_email_token(call: CommunityCall) -> Answer:
    """Whether a token is one of those that stand in links of mails.

    No mail is sent, so none of them was ever given out, and none is valid.
    """
    for name in ("token", "email_token"):
        call.parameters.exact(name, CODE_CHARACTERS_MAX)
    return Answer({"is_valid": False})


OPERATIONS: Final = (
    offer("PATCH /api/v2/user/{id}/change_password/", change_password, ""),
    offer("PATCH /api/v2/user/{id}/change_email/", change_email, "{validation_code}"),
    offer("POST /api/v2/user/{id}/confirm_email/", confirm_email, "", Caller.ANYONE, rides=True),
    offer(
        "GET /api/v2/user/{id}/check_email_token/",
        check_email_token,
        "{is_valid}",
        Caller.ANYONE,
        rides=True,
    ),
)
