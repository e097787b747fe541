"""The door as a whole: what people and their feed readers ask for without an account.

Nothing here may be read by other sites' scripts, so there is no CORS, and nothing depends on who
asks, so there are no cookies and no `Vary`.
"""

from typing import Final

from stonechat.http.observing import Observer
from stonechat.http.operations import Answer, Dialect
from stonechat.http.pages import page_headers
from stonechat.kernel.errors import StonechatError
from stonechat.services.env import Env
from stonechat.web.calls import WebOperation, WebRoom
from stonechat.web.routes import about, feeds, front, machines, profiles, statuses, tags

OPERATIONS: Final[tuple[WebOperation, ...]] = (
    *about.OPERATIONS,
    *feeds.OPERATIONS,
    *front.OPERATIONS,
    *machines.OPERATIONS,
    *profiles.OPERATIONS,
    *statuses.OPERATIONS,
    *tags.OPERATIONS,
)


async def _present_error(error: StonechatError, room: WebRoom) -> Answer:
    return room.pages.problem(error)


def make_web(env: Env, observer: Observer) -> Dialect[WebRoom]:
    """The web face over these rooms; the observer's numbers are shown at /metrics."""
    room = WebRoom(env, observer)
    return Dialect("web", OPERATIONS, room, _present_error, page_headers(env.settings))
