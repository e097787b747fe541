"""News: tells an open desk that it is out of date.

The page then asks for itself again, and shows what the server draws: so there is one way to draw a
beacon with its buttons, and one place that says who may see it.
"""

from hashlib import sha256
from typing import Final

from stonechat.domain.beacon_notices import DESK
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Caller
from stonechat.http import rates
from stonechat.http.cookies import SESSION, read_cookie
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotAuthenticated, NotFound
from stonechat.kernel.secrets import hash_secret
from stonechat.services import desks, sessions
from stonechat.services.env import Env
from stonechat.web.desk.calls import DeskCall, DeskOperation

MARK_DIGITS: Final = 24


async def watch(call: DeskCall) -> Answer:
    """An event whenever there is something new on the desk of whoever is signed in."""
    env, secret = call.env, read_cookie(call, SESSION)
    account_id = await _find(env, secret)
    if account_id is None or secret is None:
        raise NotAuthenticated

    async def render() -> bytes:
        if await _find(env, secret) != account_id:
            raise NotFound
        state = (await desks.find_desk_versions(env, [account_id]))[account_id]
        # The numbers say nothing to anybody; that they are other ones does.
        mark = sha256(repr(state).encode()).hexdigest()[:MARK_DIGITS]
        return f'{{"mark":"{mark}"}}'.encode()

    grant = f"session {hash_secret(secret).hex()}"
    return call.room.live.stream(call, DESK, str(account_id), grant, render)


async def _find(env: Env, secret: str | None) -> AccountId | None:
    visitor = await sessions.find_visitor(env, secret)
    return None if visitor is None else visitor.account_id


OPERATIONS: Final = (
    DeskOperation(
        "GET",
        "/beacons/news",
        watch,
        "events",
        Caller.ANYONE,
        rides=True,
        limit=rates.DESK,
        cache="no-store",
    ),
)
