"""Idempotency keys: a retried request finds what the first one made.

The key is written in the transaction that makes the thing, so there is no moment in which one
exists without the other. A second transaction with the same key waits for the first one's
commit, fails by Conflict, and then finds what was made. Keys belong to an account, and
storage/cleaning.py sweeps them after IDEMPOTENCY_HOURS.
"""

from typing import Final

from stonechat.domain.ids import AccountId
from stonechat.storage.database import Reader
from stonechat.storage.statuses import Statement

_KEEP: Final = (
    "INSERT INTO idempotency_keys (account_id, key, kind, result_id, created_ms)"
    " VALUES ($1, $2, $3, $4, $5)"
)
_FIND: Final = "SELECT result_id FROM idempotency_keys WHERE account_id = $1 AND key = $2"


def keeping(
    account_id: AccountId, key: str, *, kind: str, result_id: int, now_ms: int
) -> Statement:
    """The statement that keeps a key; its transaction fails by Conflict when it is kept already."""
    return _KEEP, (account_id, key, kind, result_id, now_ms)


async def find(tx: Reader, account_id: AccountId, key: str) -> int | None:
    """The id of what was made under a key, or None."""
    row = await tx.one(_FIND, account_id, key)
    return None if row is None else int(row[0])
