"""Flags in SQL: who flagged what, and why.

How many there are stands in the status itself, and in its ruling (moderation.py): whoever writes
here holds the status and notes both.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.flags import Flag
from stonechat.domain.ids import AccountId, StatusId
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.idioms import padded, parameters

_FIND: Final = "SELECT account_id, type, id FROM flags WHERE status_id = $1 AND account_id = $2"
_INSERT: Final = "INSERT INTO flags (status_id, account_id, type, id) VALUES ($1, $2, $3, $4)"
_DELETE: Final = "DELETE FROM flags WHERE status_id = $1 AND account_id = $2"
_FIND_NEWEST: Final = (
    "SELECT account_id, type, id FROM flags WHERE status_id = $1 ORDER BY id DESC LIMIT 1"
)
_LIST_OF: Final = "SELECT id FROM flags WHERE account_id = $1 AND id >= $2 ORDER BY id LIMIT $3"
_COUNT: Final = "UPDATE statuses SET flags = flags + $2, version = version + 1 WHERE id = $1"


async def find(tx: Reader, status_id: StatusId, account_id: AccountId) -> Flag | None:
    """The flag that an account gave to a status."""
    row = await tx.one(_FIND, status_id, account_id)
    return None if row is None else Flag._make(row)


async def find_newest(tx: Reader, status_id: StatusId) -> Flag | None:
    """The newest flag of a status."""
    row = await tx.one(_FIND_NEWEST, status_id)
    return None if row is None else Flag._make(row)


async def insert(tx: Transaction, status_id: StatusId, flag: Flag) -> None:
    """Flag a status that is held, and that this account does not flag."""
    await tx.run(_INSERT, status_id, *flag)


async def delete(tx: Transaction, status_id: StatusId, account_id: AccountId) -> None:
    """Take back an account's flag of a status that is held."""
    await tx.run(_DELETE, status_id, account_id)


async def count(tx: Transaction, status_id: StatusId, change: int) -> None:
    """Count the flags of a status up or down."""
    await tx.run(_COUNT, status_id, change)


async def list_since(tx: Reader, account_id: AccountId, first_id: int, limit: int) -> Sequence[int]:
    """The ids of what an account flagged from an id on, the oldest first."""
    return [row[0] for row in await tx.all(_LIST_OF, account_id, first_id, limit)]


_LIST: Final[LiteralString] = "SELECT account_id, type, id FROM flags WHERE status_id = $1"
_PAGE: Final[LiteralString] = " ORDER BY id DESC LIMIT $2 OFFSET $3"
_LIST_ALL: Final = _LIST + _PAGE
_LIST_FOR: Final = _LIST + " AND type = $4" + _PAGE


async def list_flags(
    tx: Reader, status_id: StatusId, reason: int | None, *, limit: int, offset: int
) -> list[Flag]:
    """The flags of a status, the newest first; for one reason, where that is asked for."""
    if reason is None:
        rows = await tx.all(_LIST_ALL, status_id, limit, offset)
    else:
        rows = await tx.all(_LIST_FOR, status_id, limit, offset, reason)
    return [Flag._make(row) for row in rows]


@cache
def _count_sql(count: int) -> LiteralString:
    return (
        "SELECT status_id, type, COUNT(*) FROM flags WHERE status_id IN ("
        + parameters(1, count)
        + ") GROUP BY status_id, type"
    )


async def load_counts(tx: Reader, status_ids: Sequence[StatusId]) -> dict[StatusId, dict[int, int]]:
    """How many flagged each of some statuses, by reason."""
    found: dict[StatusId, dict[int, int]] = {}
    if status_ids:
        ids = padded(status_ids)
        for status_id, reason, number in await tx.all(_count_sql(len(ids)), *ids):
            found.setdefault(status_id, {})[reason] = number
    return found
