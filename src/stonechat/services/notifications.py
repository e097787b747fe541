"""Notifications: reading, counting and dismissing them.

Making them is a part of what they tell of, and stands with the verbs of those nouns. A notice
may be there and yet not be shown: its status can have gone out of its reader's sight since. The
paging ids are those of the rows, so that a page of hidden ones still leads on.
"""

from collections.abc import Sequence
from typing import Final

from stonechat.domain.notifications import Notice, NoticeChoice, NoticeView
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotFound
from stonechat.kernel.paging import Cursor, Page
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.storage import notifications
from stonechat.storage.database import Transaction

CLEARED_AT_ONCE_MAX: Final = 2000
"""Notices that one transaction takes away, so that nobody else waits long for it."""


async def list_notices(
    env: Env, viewer: Viewer, choice: NoticeChoice, cursor: Cursor
) -> Page[NoticeView]:
    """What happened that concerns the viewer, newest first. Three statements."""
    now_ms = env.clock.now_ms()
    rows = await notifications.list_readable(env.db, viewer.account_id, choice, cursor, now_ms)
    found = await _visible(env, viewer, rows)
    if not rows:
        return Page(found)
    return Page(found, rows[0].id, rows[-1].id, len(rows) == cursor.limit)


async def _visible(env: Env, viewer: Viewer, rows: Sequence[Notice]) -> list[NoticeView]:
    """The notices whose status, where they have one, the viewer may still see."""
    ids = dict.fromkeys(row.status_id for row in rows if row.status_id is not None)
    glances = await views.glance_statuses(env.db, viewer.account_id, list(ids))
    seen = {glance.id: glance for glance in glances}
    return [
        NoticeView(row, None if row.status_id is None else seen[row.status_id])
        for row in rows
        if row.status_id is None or row.status_id in seen
    ]


async def see_notice(env: Env, viewer: Viewer, notice_id: int) -> NoticeView:
    """One notice of the viewer's own."""
    now_ms = env.clock.now_ms()
    row = await notifications.find_readable(env.db, viewer.account_id, notice_id, now_ms)
    found = [] if row is None else await _visible(env, viewer, [row])
    if not found:
        raise NotFound
    return found[0]


async def count_unread(env: Env, viewer: Viewer, choice: NoticeChoice, most: int) -> int:
    """How many notices the list would show above the viewer's marker; at most `most`."""
    above = await notifications.find_marker(env.db, viewer.account_id)
    page = await list_notices(env, viewer, choice, Cursor(most, above=above))
    return len(page.items)


async def dismiss_notice(env: Env, viewer: Viewer, notice_id: int) -> None:
    """Take one of the viewer's notices away for good."""

    async def work(tx: Transaction) -> bool:
        return await notifications.delete(tx, viewer.account_id, notice_id)

    if not await env.db.write(work):
        raise NotFound


async def clear_notices(env: Env, viewer: Viewer) -> None:
    """Take every notice away that the viewer has now."""
    before_id = env.ids.next_id()

    async def work(tx: Transaction) -> bool:
        return await notifications.delete_oldest(
            tx, viewer.account_id, before_id, CLEARED_AT_ONCE_MAX
        )

    while await env.db.write(work):
        pass
