"""What accounts have had before their eyes, in SQL: the reads of feeds, and the views they count.

A status is seen once by an account. Whether a read is the first one is decided by the row that it
inserts, so that two requests at once count one view.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.ids import AccountId, StatusId
from stonechat.storage.database import Transaction
from stonechat.storage.idioms import padded, parameters

_INSERT: Final = (
    "INSERT INTO feed_reads (account_id, status_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
)


async def insert(tx: Transaction, account_id: AccountId, status_id: StatusId) -> bool:
    """Note that an account has seen a status; False where it had before."""
    return bool(await tx.run(_INSERT, account_id, status_id))


@cache
def _count_sql(count: int) -> LiteralString:
    return (
        "UPDATE statuses SET views = views + 1, version = version + 1"
        " WHERE id IN (" + parameters(1, count) + ")"
    )


async def count_views(tx: Transaction, status_ids: Sequence[StatusId]) -> None:
    """Count one view more of each of at most IN_MAX statuses, each of them named once."""
    if status_ids:
        ids = padded(status_ids)
        await tx.run(_count_sql(len(ids)), *ids)
