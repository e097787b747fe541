"""Deliveries in SQL: what is to be sent to a webhook, in the order of the ids, and what was.

Ids are made by several processes, whose clocks differ a little. Whoever leaves a delivery holds the
row of its beacon and gives it an id above those that are there: so what happened to one beacon
is sent in the order in which it happened.
"""

from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import WebhookId
from stonechat.domain.webhooks import Delivery
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

_INSERT: Final = (
    "INSERT INTO webhook_deliveries (webhook_id, id, event, body, made_ms)"
    " VALUES ($1, $2, $3, $4, $5)"
)


def inserting(webhook_id: WebhookId, delivery: Delivery) -> Statement:
    """The statement that leaves a delivery."""
    values = (webhook_id, delivery.id, delivery.event, delivery.body, delivery.made_ms)
    return _INSERT, values


class Queue(NamedTuple):
    """The newest delivery of a webhook, and how many wait; no more than may are counted."""

    newest_id: int
    waiting: int


_FIND_QUEUE: Final = (
    "SELECT COALESCE((SELECT MAX(id) FROM webhook_deliveries WHERE webhook_id = $1), 0),"
    " (SELECT COUNT(*) FROM (SELECT 1 FROM webhook_deliveries WHERE webhook_id = $1"
    " AND delivered_ms IS NULL LIMIT $2) waiting)"
)


async def find_queue(tx: Reader, webhook_id: WebhookId) -> Queue:
    """What there is for a webhook."""
    row = await tx.one(_FIND_QUEUE, webhook_id, limits.WEBHOOK_WAITING_MAX)
    assert row is not None
    return Queue(*row)


_LIST_WAITING: Final = (
    "SELECT id, event, body, made_ms FROM webhook_deliveries"
    " WHERE webhook_id = $1 AND delivered_ms IS NULL ORDER BY id LIMIT $2"
)
_MARK: Final = (
    "UPDATE webhook_deliveries SET delivered_ms = $3 WHERE webhook_id = $1 AND id = $2"
    " AND delivered_ms IS NULL"
)


async def list_waiting(tx: Reader, webhook_id: WebhookId, limit: int) -> list[Delivery]:
    """What is to be sent next, the oldest first."""
    return [Delivery(*row) for row in await tx.all(_LIST_WAITING, webhook_id, limit)]


async def mark(tx: Transaction, webhook_id: WebhookId, delivery_id: int, now_ms: int) -> None:
    """Note that a delivery has arrived."""
    await tx.run(_MARK, webhook_id, delivery_id, now_ms)


_LIST: Final = (
    "SELECT id, event, body, made_ms, delivered_ms FROM webhook_deliveries"
    " WHERE webhook_id = $1 AND id < $2 AND id > $3"
)
_NEWEST: Final = _LIST + " ORDER BY id DESC LIMIT $4"
_OLDEST: Final = _LIST + " ORDER BY id LIMIT $4"


async def list_page(tx: Reader, webhook_id: WebhookId, cursor: Cursor) -> list[Delivery]:
    """What was sent or is to be, the newest first."""
    sql = _OLDEST if cursor.upwards else _NEWEST
    rows = await tx.all(sql, webhook_id, cursor.below, cursor.above, cursor.limit)
    found = [Delivery(*row) for row in rows]
    return found[::-1] if cursor.upwards else found


_DELETE_SOME: Final = (
    "DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND id IN (SELECT id"
    " FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY id LIMIT $2)"
)


async def delete_some(tx: Transaction, webhook_id: WebhookId, limit: int) -> bool:
    """Take away what there is of a webhook that is no more; whether there may be more."""
    return await tx.run(_DELETE_SOME, webhook_id, limit) == limit
