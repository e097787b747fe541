"""Accounts: made and found by administrators, and by systems that sign people on in their name.

`ext_id` is our own id as text, here as on every User: no other system's ids are kept. Signing up
by oneself with a code from a mail, and getting a lost password back by one, are not there, for no
mail is sent: all of them say so in the same words, whoever asks about whomever.
"""

from typing import Final

from stonechat.dialects.selfcommunity.calls import (
    CommunityCall,
    ensure_administrator,
    offer,
)
from stonechat.dialects.selfcommunity.entities.accounts import (
    addressed_user_bytes,
    present_sign_in,
    present_sign_up,
)
from stonechat.dialects.selfcommunity.forms.accounts import (
    Wanted,
    read_enrolment,
    read_sign_up,
    read_wanted,
)
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import UPLOAD_BYTES_MAX, Answer
from stonechat.kernel.errors import InvalidInput
from stonechat.services import accounts, enrolments, logins
from stonechat.services.members import see_member

NO_MAIL: Final = "no_mail"
_NO_MAIL: Final = "This server sends no mail: ask whoever runs it for a new password"


async def create(call: CommunityCall) -> Answer:
    """Make an account for somebody."""
    ensure_administrator(call)
    order = read_enrolment(call.parameters)
    account_id = await enrolments.enrol(call.env, call.viewer, order)
    return await _answer(call, account_id, 201)


async def search(call: CommunityCall) -> Answer:
    """The one account that somebody looks for."""
    ensure_administrator(call)
    return await _answer(call, await _find(call, read_wanted(call.parameters)), 200)


async def _find(call: CommunityCall, wanted: Wanted) -> AccountId:
    if wanted.username is not None:
        return (await accounts.look_up(call.env, wanted.username)).id
    if wanted.email is not None:
        return await logins.find_owner(call.env, wanted.email)
    assert wanted.id is not None
    return AccountId(wanted.id)


async def _answer(call: CommunityCall, account_id: AccountId, status: int) -> Answer:
    member = await see_member(call.env, account_id)
    email = await logins.see_email(call.env, account_id)
    return Answer(addressed_user_bytes(member, email, call.room.base_url), status)


async def refuse(call: CommunityCall) -> Answer:
    """Whatever needs a mail. It says the same of every address, whether somebody has it or not."""
    del call
    raise InvalidInput(_NO_MAIL, rule=NO_MAIL)


async def sign_up(call: CommunityCall) -> Answer:
    """Make an account that another system vouches for."""
    ensure_administrator(call)
    order = read_sign_up(call.parameters)
    account_id = await enrolments.enrol(call.env, call.viewer, order)
    member = await see_member(call.env, account_id)
    email = await logins.see_email(call.env, account_id)
    return Answer(present_sign_up(member, email, call.room.base_url), 201)


async def sign_in(call: CommunityCall) -> Answer:
    """Who stands behind the token."""
    return Answer(present_sign_in(await see_member(call.env, call.viewer.account_id)))


OPERATIONS: Final = (
    offer("POST /api/v2/account/create/", create, "User"),
    offer("GET /api/v2/account/search/", search, "User"),
    offer("POST /api/v2/account/verify/", refuse, "{token}", Caller.ANYONE, rides=True),
    offer("POST /api/v2/account/recover/", refuse, "", Caller.ANYONE, rides=True),
    offer("POST /api/v2/account/reset/", refuse, "{token}", Caller.ANYONE, rides=True),
    offer("POST /api/v2/sso/signup/", sign_up, "SignUp", body_bytes_max=UPLOAD_BYTES_MAX),
    offer("POST /api/v2/sso/signin/", sign_in, "SignIn", scope="read"),
)
