"""Markers in SQL: one row for each timeline that an account reads."""

from typing import Final

from stonechat.domain.ids import AccountId
from stonechat.domain.markers import MarkerView, MoveMarker
from stonechat.storage.database import Reader, Transaction

_LIST_ALL: Final = (
    "SELECT timeline, last_read_id, version, updated_ms FROM markers WHERE account_id = $1"
    " ORDER BY timeline"
)
# One statement looks and writes, so of two devices that move at once none undoes the other.
_MOVE: Final = (
    "INSERT INTO markers (account_id, timeline, last_read_id, version, updated_ms)"
    " VALUES ($1, $2, $3, 1, $4) ON CONFLICT (account_id, timeline) DO UPDATE"
    " SET last_read_id = excluded.last_read_id, version = markers.version + 1,"
    " updated_ms = excluded.updated_ms WHERE markers.last_read_id <= excluded.last_read_id"
    " AND (CAST($5 AS BIGINT) IS NULL OR markers.version = CAST($5 AS BIGINT))"
)


async def list_all(tx: Reader, account_id: AccountId) -> list[MarkerView]:
    """The markers of an account."""
    return [MarkerView(*row) for row in await tx.all(_LIST_ALL, account_id)]


async def update(tx: Transaction, account_id: AccountId, move: MoveMarker, now_ms: int) -> bool:
    """Move a marker; False when it stands further on already, or at another version."""
    own = (account_id, move.timeline)
    return bool(await tx.run(_MOVE, *own, move.last_read_id, now_ms, move.version))
