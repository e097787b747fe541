"""Timelines: which statuses a viewer is shown where, newest first."""

from collections.abc import Sequence

from stonechat.domain.policies import Visibility
from stonechat.domain.timelines import Origin
from stonechat.domain.viewers import Bearer, Viewer, admit
from stonechat.domain.views import Glance
from stonechat.kernel.paging import Cursor, Page
from stonechat.services.env import Env
from stonechat.storage import glances, timelines
from stonechat.storage.glances import GlanceRow


async def see_home(env: Env, bearer: Bearer, cursor: Cursor) -> tuple[Viewer, Page[Glance]]:
    """What the viewer and those whom they follow said. Two statements."""
    facts, rows = await timelines.list_home(env.db, bearer.hash, cursor)
    viewer = admit(bearer, facts)
    return viewer, await page_of_entries(env, viewer, rows, cursor)


async def page_of_entries(
    env: Env, viewer: Viewer, rows: Sequence[GlanceRow], cursor: Cursor
) -> Page[Glance]:
    """A page of what was put into a home.

    Who may see an entry was asked when it was written. A follow that ends while a status is
    being posted can leave one behind, so what is not for everybody is asked for once more.
    """
    is_open = all(
        row.visibility <= Visibility.UNLISTED or row.account_id == viewer.account_id for row in rows
    )
    return await _page(env, viewer, rows, cursor, is_visible=is_open)


async def see_public(
    env: Env, bearer: Bearer, cursor: Cursor, origin: Origin
) -> tuple[Viewer, Page[Glance]]:
    """What everybody here said to everybody. Two statements."""
    now_ms = env.clock.now_ms()
    facts, rows = await timelines.list_public(env.db, bearer.hash, cursor, now_ms, origin)
    viewer = admit(bearer, facts)
    return viewer, await _page(env, viewer, rows, cursor, is_visible=True)


async def _page(
    env: Env, viewer: Viewer, rows: Sequence[GlanceRow], cursor: Cursor, *, is_visible: bool
) -> Page[Glance]:
    found = await glances.load_glances(env.db, viewer.account_id, rows, is_visible=is_visible)
    if not rows:
        return Page(found)
    return Page(found, rows[0].id, rows[-1].id, len(rows) == cursor.limit)
