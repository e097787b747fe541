"""Returns in SQL: what lies undone of an account's beacons, in portions."""

from typing import Final

from stonechat.domain.ids import AccountId, BeaconId, WebhookId
from stonechat.storage.database import Reader

_LIST_WAITING: Final = (
    "SELECT w.id FROM webhooks w WHERE w.account_id = $1 AND w.id > $2 AND w.disabled_ms IS NULL"
    " AND EXISTS (SELECT 1 FROM webhook_deliveries e"
    " WHERE e.webhook_id = w.id AND e.delivered_ms IS NULL) ORDER BY w.id LIMIT $3"
)
_LIST_OVERDUE: Final = (
    "SELECT b.created_ms, b.id FROM beacons b"
    " WHERE b.owner_id = $1 AND (b.created_ms, b.id) > ($2, $3) AND b.is_stale = 0"
    " AND b.changed_ms + b.stale_after_s * 1000 <= $4 ORDER BY b.created_ms, b.id LIMIT $5"
)


async def list_waiting(
    tx: Reader, account_id: AccountId, above: WebhookId, limit: int
) -> list[WebhookId]:
    """Some of an account's webhooks, above an id, that are to be sent something."""
    return [row[0] for row in await tx.all(_LIST_WAITING, account_id, above, limit)]


async def list_overdue(
    tx: Reader, account_id: AccountId, after: tuple[int, BeaconId], now_ms: int, limit: int
) -> list[tuple[int, BeaconId]]:
    """Some of an account's beacons that are stale, untold; with when they were made, in order."""
    rows = await tx.all(_LIST_OVERDUE, account_id, *after, now_ms, limit)
    return [(row[0], row[1]) for row in rows]
