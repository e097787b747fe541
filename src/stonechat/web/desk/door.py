"""The desk as a door of its own: everything here is for one person, so caches keep none of it."""

from typing import Final

from stonechat.http.live import Live
from stonechat.http.operations import Answer, Dialect
from stonechat.http.pages import page_headers
from stonechat.kernel.errors import StonechatError
from stonechat.services.env import Env
from stonechat.web.desk.calls import DeskOperation, DeskRoom
from stonechat.web.desk.routes import beacons, boards, history, keys, news, shares, users, webhooks

OPERATIONS: Final[tuple[DeskOperation, ...]] = (
    *beacons.OPERATIONS,
    *boards.OPERATIONS,
    *history.OPERATIONS,
    *keys.OPERATIONS,
    *news.OPERATIONS,
    *shares.OPERATIONS,
    *users.OPERATIONS,
    *webhooks.OPERATIONS,
)


async def _present_error(error: StonechatError, room: DeskRoom) -> Answer:
    return room.pages.problem(error)


def make_desk(env: Env, live: Live) -> Dialect[DeskRoom]:
    """The pages of whoever is signed in."""
    headers = {**page_headers(env.settings), "vary": "Cookie"}
    return Dialect("desk", OPERATIONS, DeskRoom(env, live), _present_error, headers)
