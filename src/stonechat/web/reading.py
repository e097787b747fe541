"""Reading: what all pages of posts do with the page of a timeline that a service gave them."""

from collections.abc import Sequence

from stonechat.domain import limits
from stonechat.domain.viewers import Caller
from stonechat.domain.views import Glance
from stonechat.http.links import read_cursor
from stonechat.http.operations import Handler
from stonechat.kernel.paging import NO_UPPER, Cursor, Page
from stonechat.services import entries
from stonechat.web.calls import CHECKED, WebCall, WebOperation, WebRoom
from stonechat.web.entities.statuses import Post, present_post


def read_place(call: WebCall) -> Cursor:
    """Where somebody reads: at the top, or below a post."""
    return read_cursor(call.parameters, limits.STATUSES_PAGE)._replace(upwards=False, above=0)


def is_top(cursor: Cursor) -> bool:
    """Whether nothing newer was left out."""
    return cursor.below == NO_UPPER


async def load_posts(call: WebCall, glances: Sequence[Glance]) -> list[Post]:
    """What a page shows of the glances. One statement, or two with quotes."""
    found = await entries.load_entries(call.env, glances)
    now_ms = call.env.clock.now_ms()
    return [present_post(entry, call.room.site, now_ms) for entry in found]


def older(page: Page[Glance]) -> str | None:
    """The query that leads on, while there is more."""
    return f"?max_id={page.last_id}" if page.is_full else None


def reading(path: str, handler: Handler[WebRoom], *, cache: str = CHECKED) -> WebOperation:
    """An operation that shows to anybody the same."""
    return WebOperation("GET", path, handler, "page", Caller.ANYONE, rides=True, cache=cache)
