"""Interactions in SQL: the notices of an account as its community tells them.

The rows are those of storage/notifications, with what tells their names: where a status stands in
its thread, and whose that is. They are chosen first and looked at then, so that a page costs the
same however much was ever told.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.ids import AccountId
from stonechat.domain.interactions import UNTOLD, NoticeRow
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Database, Reader
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.notifications import READABLE

_CHOSEN: Final[LiteralString] = (
    "SELECT n.id, n.type, n.from_id, n.status_id, n.days"
    + READABLE
    + " AND n.id < $3 AND n.id > $4 AND n.type NOT IN ("
    + parameters(6, len(UNTOLD))
    + ") ORDER BY n.id"
)
_COLUMNS: Final[LiteralString] = (
    "SELECT c.id, c.type, c.from_id, c.status_id, c.days, s.thread_id, s.in_reply_to_id,"
    " s.in_reply_to_account_id, p.account_id, t.account_id, b.status_id FROM ("
)
_TABLES: Final[LiteralString] = (
    ") c LEFT JOIN statuses s ON s.id = c.status_id LEFT JOIN statuses t ON t.id = s.thread_id"
    " LEFT JOIN statuses p ON p.id = s.top_id LEFT JOIN boosts b ON b.of_id = c.status_id"
    " AND b.account_id = c.from_id AND c.type = 'reblog' ORDER BY c.id DESC"
)
_LIST_UP: Final = _COLUMNS + _CHOSEN + " LIMIT $5" + _TABLES
_LIST_DOWN: Final = _COLUMNS + _CHOSEN + " DESC LIMIT $5" + _TABLES


async def list_rows(
    db: Database, account_id: AccountId, cursor: Cursor, now_ms: int
) -> list[NoticeRow]:
    """A part of what an account is told, newest first, whoever sees what it is about."""
    sql = _LIST_UP if cursor.upwards else _LIST_DOWN
    # What has no name here may stand above what has in great numbers.
    rows = await db.all_slow(
        sql, account_id, now_ms, cursor.below, cursor.above, cursor.limit, *UNTOLD
    )
    return [NoticeRow._make(row) for row in rows]


@cache
def _find_newest_sql(count: int) -> LiteralString:
    return (
        "SELECT MAX(id) FROM notifications WHERE account_id = $1 AND id IN ("
        "" + parameters(2, count) + ")"
    )


async def find_newest(tx: Reader, account_id: AccountId, ids: Sequence[int]) -> int | None:
    """The newest of these notices that is the account's own."""
    some = padded(ids)
    row = await tx.one(_find_newest_sql(len(some)), account_id, *some)
    return None if row is None else row[0]
