"""Timelines: which statuses a viewer is shown where, newest first."""

from collections.abc import Sequence

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
    return viewer, await _page(env, viewer, rows, cursor)


async def see_public(
    env: Env, bearer: Bearer, cursor: Cursor, origin: Origin
) -> tuple[Viewer, Page[Glance]]:
    """What everybody here said to everybody. Two statements."""
    now_ms = env.clock.now_ms()
    facts, rows = await timelines.list_public(env.db, bearer.hash, cursor, now_ms, origin)
    viewer = admit(bearer, facts)
    return viewer, await _page(env, viewer, rows, cursor)


async def _page(
    env: Env, viewer: Viewer, rows: Sequence[GlanceRow], cursor: Cursor
) -> Page[Glance]:
    found = await glances.load_glances(env.db, viewer.account_id, rows, is_visible=True)
    if not rows:
        return Page(found)
    return Page(found, rows[0].id, rows[-1].id, len(rows) == cursor.limit)
