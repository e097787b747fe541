"""Views: from ids and a viewer to what is shown, in a fixed number of statements.

ids ── glance_statuses ──> glances (2 statements: rows, marks)
glances whose fragment is missing ── load_statuses, load_accounts ──> views (2 more)
"""

from collections.abc import Iterable, Sequence

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import AccountView, Glance, StatusView
from stonechat.kernel.errors import NotFound
from stonechat.services.env import Env
from stonechat.storage import accounts, glances, statuses
from stonechat.storage.database import Reader


async def glance_statuses(
    tx: Reader, viewer_id: AccountId, status_ids: Sequence[StatusId]
) -> list[Glance]:
    """Those of the statuses that exist and that the viewer may see, in the order given."""
    rows = await glances.load_rows(tx, status_ids)
    found = [rows[status_id] for status_id in status_ids if status_id in rows]
    return await glances.load_glances(tx, viewer_id, found)


async def glance_status(tx: Reader, viewer_id: AccountId, status_id: StatusId) -> Glance | None:
    """One status as the viewer meets it, or None."""
    row = await glances.find_visible_row(tx, viewer_id, status_id)
    if row is None:
        return None
    # Of a boost only the wrapper was looked at so far.
    is_visible = row.boost_of_id is None
    found = await glances.load_glances(tx, viewer_id, [row], is_visible=is_visible)
    return found[0] if found else None


async def load_statuses(env: Env, ids: Iterable[StatusId]) -> dict[StatusId, StatusView]:
    """The contents of statuses that somebody was found to be allowed to see."""
    return await statuses.load_views(env.db, sorted(set(ids)))


async def load_accounts(env: Env, ids: Iterable[AccountId]) -> dict[AccountId, AccountView]:
    """Accounts by id, whatever their state."""
    return await accounts.load_views(env.db, sorted(set(ids)))


async def get_glance(tx: Reader, viewer_id: AccountId, status_id: StatusId) -> Glance:
    """One status as the viewer meets it; NotFound when there is none for them."""
    glance = await glance_status(tx, viewer_id, status_id)
    if glance is None:
        raise NotFound
    return glance


async def get_original(tx: Reader, viewer: Viewer, status_id: StatusId) -> Glance:
    """The status itself where the id is of a boost of it; NotFound when the viewer sees none."""
    glance = await get_glance(tx, viewer.account_id, status_id)
    return glance.boost_of or glance


async def find_unguarded(tx: Reader, viewer_id: AccountId, status_id: StatusId) -> Glance | None:
    """A status with the viewer's marks, even if its author has blocked them since.

    Only for taking back a mark of one's own. What is not for everybody is found only by whom it
    is for: a mark must not show it once more, and it may say something else by now.
    """
    row = await glances.find_visible_row(tx, viewer_id, status_id, through_blocks=True)
    if row is None:
        return None
    found = await glances.load_glances(tx, viewer_id, [row], is_visible=True)
    return found[0] if found else None


async def glance_new(tx: Reader, view: StatusView) -> Glance:
    """A status that its author has just made: its row is known, and nobody marked it yet."""
    row = glances.row_of_new(view)
    return (await glances.load_glances(tx, view.account_id, [row], is_visible=True))[0]
