"""Views: from ids and a viewer to what is shown, in a fixed number of statements.

    ids ── glance_statuses ──> glances (2 statements: rows, marks)
    glances whose fragment is missing ── load_statuses, load_accounts ──> views (2 more)
"""

from collections.abc import Iterable, Sequence

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.views import AccountView, Glance, StatusView
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
    found = await glance_statuses(tx, viewer_id, [status_id])
    return found[0] if found else None


async def load_statuses(env: Env, ids: Iterable[StatusId]) -> dict[StatusId, StatusView]:
    """The contents of statuses that somebody was found to be allowed to see."""
    return await statuses.load_views(env.db, sorted(set(ids)))


async def load_accounts(env: Env, ids: Iterable[AccountId]) -> dict[AccountId, AccountView]:
    """Accounts by id, whatever their state."""
    return await accounts.load_views(env.db, sorted(set(ids)))
