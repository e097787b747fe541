"""JWTs: whether one is good, and pairs of them for those who know their password."""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, offer
from stonechat.dialects.selfcommunity.forms.passwords import read_exact, read_password
from stonechat.domain import limits
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.http.rates import Tried
from stonechat.kernel.errors import NotAllowed, NotAuthenticated, NotFound
from stonechat.services import assertions, sessions


async def verify(call: CommunityCall) -> Answer:
    """Whether a JWT is signed with the community's secret and not over; not whose it is."""
    assertions.verify(call.env, read_exact(call.parameters, "token", limits.TOKEN_CHARACTERS_MAX))
    return Answer({})


def _ensure_offered(call: CommunityCall) -> None:
    settings = call.env.settings
    if not (settings.community_password_grant and settings.community_jwt_secret):
        raise NotFound


async def create(call: CommunityCall) -> Answer:
    """A pair for a name and a password, where the operator wants that."""
    _ensure_offered(call)
    name = read_exact(call.parameters, "username", limits.EMAIL_CHARACTERS_MAX)
    password = read_password(call.parameters, "password")
    rates, scope = call.room.rates, call.request.scope
    tried = Tried(name, await sessions.find_account_id(call.env, name))
    rates.check_sign_in(tried, scope)
    try:
        return Answer(await assertions.sign_in(call.env, name, password))
    except NotAuthenticated:
        rates.fail_sign_in(tried, scope)
        raise
    except NotAllowed as refusal:
        raise NotAuthenticated(refusal.message) from None


async def renew(call: CommunityCall) -> Answer:
    """The next pair, for the second one of the last."""
    _ensure_offered(call)
    refresh = read_exact(call.parameters, "refresh", limits.TOKEN_CHARACTERS_MAX)
    return Answer(await assertions.renew(call.env, refresh))


# Nobody needs a token for these, and one that is sent may be the very one that is over.
OPERATIONS: Final = (
    offer("POST /api/v2/jwt/verify_token/", verify, "{}", Caller.ANYONE, rides=True),
    offer("POST /api/v2/jwt/token/", create, "Pair", Caller.ANYONE, rides=True),
    offer("POST /api/v2/jwt/token/refresh/", renew, "Pair", Caller.ANYONE, rides=True),
)
