"""The doors as wholes: what people and their feed readers ask for without an account.

No page may be read by other sites' scripts, so there is no CORS but for streams of what is open to
everybody (routes/streams.py). In the first door nothing depends on who asks, so there are no
cookies and no `Vary`. The pages of beacons and boards are a door of their own, because they are
live and show more to whoever has a role; what programs read of beacons, and what stands in pages
of theirs, are two more (routes/share_formats.py).
"""

from typing import Final

from stonechat.http.live import Live
from stonechat.http.observing import Observer
from stonechat.http.operations import Answer, Dialect
from stonechat.http.pages import page_headers
from stonechat.kernel.errors import StonechatError
from stonechat.services.env import Env
from stonechat.web.calls import WebOperation, WebRoom
from stonechat.web.routes import (
    about,
    boards,
    feeds,
    front,
    machines,
    profiles,
    shares,
    statuses,
    streams,
    tags,
)
from stonechat.web.visits import visit_headers

OPERATIONS: Final[tuple[WebOperation, ...]] = (
    *about.OPERATIONS,
    *feeds.OPERATIONS,
    *front.OPERATIONS,
    *machines.OPERATIONS,
    *profiles.OPERATIONS,
    *statuses.OPERATIONS,
    *tags.OPERATIONS,
)
SHARE_OPERATIONS: Final[tuple[WebOperation, ...]] = (
    *boards.OPERATIONS,
    *shares.OPERATIONS,
    *streams.OPERATIONS,
)


async def _present_error(error: StonechatError, room: WebRoom) -> Answer:
    return room.pages.problem(error)


def make_web(env: Env, observer: Observer, live: Live) -> Dialect[WebRoom]:
    """The web face over these rooms; the observer's numbers are shown at /metrics."""
    room = WebRoom(env, observer, live)
    return Dialect("web", OPERATIONS, room, _present_error, page_headers(env.settings))


def make_shares(env: Env, observer: Observer, live: Live) -> Dialect[WebRoom]:
    """The pages of beacons and boards, which are for whoever has their address."""
    room = WebRoom(env, observer, live)
    headers = visit_headers(env.settings)
    return Dialect("shares", SHARE_OPERATIONS, room, _present_error, headers)
