"""Idempotency keys: a retried request finds what the first one made.

The key is written in the transaction that makes the thing, so there is no moment in which one
exists without the other. A second transaction with the same key waits for the first one's
commit, fails by Conflict, and then finds what was made. Keys belong to an account. They hold for
IDEMPOTENCY_HOURS: storage/cleaning.py sweeps them some time after that, so whoever looks for one
says since when it counts (services/once).
"""

from typing import Final

from stonechat.domain.ids import AccountId
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

_KEEP: Final = (
    "INSERT INTO idempotency_keys (account_id, key, kind, result_id, created_ms)"
    " VALUES ($1, $2, $3, $4, $5)"
)
_FIND: Final = (
    "SELECT kind, result_id FROM idempotency_keys"
    " WHERE account_id = $1 AND key = $2 AND created_ms >= $3"
)
_DELETE: Final = (
    "DELETE FROM idempotency_keys WHERE account_id = $1 AND key = $2 AND created_ms < $3"
)


def keeping(
    account_id: AccountId, key: str, *, kind: str, result_id: int, now_ms: int
) -> Statement:
    """The statement that keeps a key; its transaction fails by Conflict when it is kept already."""
    return _KEEP, (account_id, key, kind, result_id, now_ms)


async def find(
    tx: Reader, account_id: AccountId, key: str, since_ms: int = 0
) -> tuple[str, int] | None:
    """Kind and id of what was made under a key since a moment, or None."""
    row = await tx.one(_FIND, account_id, key, since_ms)
    return None if row is None else (row[0], int(row[1]))


async def delete(tx: Transaction, account_id: AccountId, key: str, before_ms: int) -> None:
    """Forget a key that was kept before a moment; one that is younger stays."""
    await tx.run(_DELETE, account_id, key, before_ms)


_HAND_ON: Final = (
    "UPDATE idempotency_keys SET kind = $3, result_id = $4 WHERE account_id = $1 AND key = $2"
    " AND kind = $5 AND result_id = $6"
)


def handing_on(
    account_id: AccountId, key: str, made: tuple[str, int], instead_of: tuple[str, int]
) -> Statement:
    """The statement that lets a key lead to what became of the thing that it led to so far.

    Where the key led elsewhere, or was swept meanwhile, it does nothing.
    """
    return _HAND_ON, (account_id, key, *made, *instead_of)


_DROP: Final = (
    "DELETE FROM idempotency_keys WHERE account_id = $1 AND key = $2 AND kind = $3"
    " AND result_id = $4"
)


def dropping(account_id: AccountId, key: str, made: tuple[str, int]) -> Statement:
    """The statement that frees a key again, because what was made under it came to nothing."""
    return _DROP, (account_id, key, *made)
