"""Followed threads in SQL: who wants to hear of every comment on a contribution.

How many there are stands in the contribution itself: whoever writes here holds it.
"""

from typing import Final

from stonechat.domain.ids import AccountId, StatusId
from stonechat.storage.database import Reader, Transaction

_FOLLOW: Final = (
    "INSERT INTO thread_follows (account_id, status_id, id) VALUES ($1, $2, $3)"
    " ON CONFLICT (account_id, status_id) DO NOTHING"
)
_UNFOLLOW: Final = "DELETE FROM thread_follows WHERE account_id = $1 AND status_id = $2"
_FIND: Final = "SELECT 1 FROM thread_follows WHERE account_id = $1 AND status_id = $2"
_COUNT: Final = (
    "UPDATE statuses SET followers = followers + $2, version = version + 1 WHERE id = $1"
)


async def insert(
    tx: Transaction, account_id: AccountId, status_id: StatusId, follow_id: int
) -> None:
    """Follow a contribution that is held."""
    if await tx.run(_FOLLOW, account_id, status_id, follow_id):
        await tx.run(_COUNT, status_id, 1)


async def delete(tx: Transaction, account_id: AccountId, status_id: StatusId) -> bool:
    """Follow a contribution that is held no more; False when it was not followed."""
    if not await tx.run(_UNFOLLOW, account_id, status_id):
        return False
    await tx.run(_COUNT, status_id, -1)
    return True


async def is_followed(tx: Reader, account_id: AccountId, status_id: StatusId) -> bool:
    """Whether an account follows a contribution."""
    return await tx.one(_FIND, account_id, status_id) is not None
