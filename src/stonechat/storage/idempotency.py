"""Idempotency keys: a retried request finds what the first one made.

The key is written in the transaction that makes the thing, so there is no moment in which one
exists without the other. Keys belong to an account, and storage/cleaning.py sweeps them after
IDEMPOTENCY_HOURS.
"""

from typing import Final

from stonechat.domain.ids import AccountId
from stonechat.storage.database import Transaction

_KEEP: Final = (
    "INSERT INTO idempotency_keys (account_id, key, kind, result_id, created_ms)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, key) DO NOTHING"
)
_FIND: Final = "SELECT kind, result_id FROM idempotency_keys WHERE account_id = $1 AND key = $2"


async def keep(
    tx: Transaction, account_id: AccountId, key: str, *, kind: str, result_id: int, now_ms: int
) -> tuple[str, int] | None:
    """Keep a key for `result_id`; or give the kind and id that it was kept for before.

    A second transaction with the same key waits here for the first one's commit.
    """
    if await tx.run(_KEEP, account_id, key, kind, result_id, now_ms):
        return None
    row = await tx.one(_FIND, account_id, key)
    assert row is not None
    return row[0], row[1]
