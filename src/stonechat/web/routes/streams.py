"""Streams: what open pages listen to (Server-Sent Events).

A stream shows what the JSON of the same address shows, and shows it again when it changes. Who may
see it is asked when it is opened and again before each event, so whoever lost the right hears
nothing newer than what they saw: `event: gone`, and the end. Where that does not depend on who is
signed in, other sites' scripts may listen too. A newcomer renders with what the
request found out: by the time of the next event that may not be so any more.
"""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import msgspec

from stonechat.domain.beacons import Address, read_address
from stonechat.domain.boards import read_board_id
from stonechat.domain.ids import NOBODY, AccountId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.http.rates import SHARES
from stonechat.kernel.errors import NotFound
from stonechat.kernel.secrets import hash_secret
from stonechat.services import beacons, boards, sessions
from stonechat.services.env import Env
from stonechat.web.calls import WebCall, WebOperation
from stonechat.web.entities.beacons import present_reading
from stonechat.web.entities.boards import present_board_reading
from stonechat.web.visits import find_visit

_ANYBODY: Final = "anybody"
_OPEN_HEADERS: Final = {"access-control-allow-origin": "*"}
_encode: Final = msgspec.json.Encoder().encode

Render = Callable[[], Awaitable[bytes | None]]


class Session(NamedTuple):
    """A browser's session, as long as it lasts; without a secret it is nobody's."""

    env: Env
    secret: str | None

    @property
    def grant(self) -> str:
        """What streams of this session have in common."""
        return _ANYBODY if self.secret is None else f"session {hash_secret(self.secret).hex()}"

    async def find(self) -> AccountId:
        """Whose it is; NotFound where it has ended."""
        if self.secret is None:
            return NOBODY
        visitor = await sessions.find_visitor(self.env, self.secret)
        if visitor is None:
            raise NotFound
        return visitor.account_id


# Beacons -------------------------------------------------------------------------------------


async def watch_beacon(call: WebCall) -> Answer:
    """The value of a beacon, to whoever may see its page."""
    address = read_address(call.path["address"])
    visit = await find_visit(call)
    view = await beacons.see_shared(call.env, visit.account_id, address)
    # What everybody may see is the same for all of them, signed in or not.
    is_open = view.is_by_link or view.beacon.is_public
    session = Session(call.env, None if is_open else visit.secret)
    grant = f"link {address.secret}" if address.secret else session.grant
    render = _rendering_beacon(session, address)
    answer = call.room.live.stream(call, beacons.LIVE, address.id, grant, render)
    return _open(answer) if is_open else answer


def _rendering_beacon(session: Session, address: Address) -> Render:
    env = session.env

    async def render() -> bytes:
        view = await beacons.see_shared(env, await session.find(), address)
        return _encode(present_reading(view.beacon, env.clock.now_ms()))

    return render


# Boards --------------------------------------------------------------------------------------


async def watch_board(call: WebCall) -> Answer:
    """A board, with those of its beacons that the viewer may see."""
    board_id = read_board_id(call.path["board"])
    visit = await find_visit(call)
    await boards.see_board(call.env, visit.account_id, board_id)
    env, session = call.env, Session(call.env, visit.secret)

    async def render() -> bytes:
        view = await boards.see_board(env, await session.find(), board_id)
        return _encode(present_board_reading(view, env.clock.now_ms()))

    answer = call.room.live.stream(call, boards.LIVE, board_id, session.grant, render)
    return _open(answer) if visit.secret is None else answer


def _open(answer: Answer) -> Answer:
    answer.headers = {**answer.headers, **_OPEN_HEADERS}
    return answer


def _streaming(path: str, handler: Callable[[WebCall], Awaitable[Answer]]) -> WebOperation:
    return WebOperation(
        "GET", path, handler, "events", Caller.ANYONE, rides=True, limit=SHARES, cache="no-store"
    )


OPERATIONS: Final = (
    _streaming("/s/{address}/events", watch_beacon),
    _streaming("/b/{board}/events", watch_board),
)
