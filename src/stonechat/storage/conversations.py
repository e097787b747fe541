"""Conversations in SQL: threads of direct statuses, as each of the people in them sees them."""

from collections.abc import Sequence
from typing import Final

from stonechat.domain.ids import AccountId, StatusId
from stonechat.storage.database import Transaction

_UPSERT: Final = (
    "INSERT INTO conversations (account_id, id, thread_id, participants, last_status_id,"
    " is_unread) VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (account_id, thread_id, participants) DO UPDATE SET last_status_id = $5,"
    " is_unread = $6 RETURNING id"
)
_KEEP_STATUS: Final = (
    "INSERT INTO conversation_statuses (account_id, conversation_id, status_id)"
    " VALUES ($1, $2, $3) ON CONFLICT (account_id, conversation_id, status_id) DO NOTHING"
)
_LIST_OF_STATUS: Final = (
    "SELECT account_id, conversation_id FROM conversation_statuses WHERE status_id = $1"
)
_FORGET_STATUS: Final = "DELETE FROM conversation_statuses WHERE status_id = $1"
_STEP_BACK: Final = (
    "UPDATE conversations SET last_status_id = (SELECT MAX(c.status_id)"
    " FROM conversation_statuses c WHERE c.account_id = $1 AND c.conversation_id = $2)"
    " WHERE account_id = $1 AND id = $2 AND EXISTS (SELECT 1 FROM conversation_statuses c"
    " WHERE c.account_id = $1 AND c.conversation_id = $2)"
)
_DELETE_EMPTY: Final = (
    "DELETE FROM conversations WHERE account_id = $1 AND id = $2 AND NOT EXISTS ("
    "SELECT 1 FROM conversation_statuses c WHERE c.account_id = $1 AND c.conversation_id = $2)"
)


async def add_status(
    tx: Transaction,
    *,
    owner_id: AccountId,
    conversation_id: int,
    thread_id: int,
    participants: Sequence[AccountId],
    status_id: StatusId,
    is_unread: bool,
) -> None:
    """Put a direct status on top of its conversation, which is made where there is none."""
    names = ",".join(str(account_id) for account_id in sorted(participants))
    row = await tx.one(
        _UPSERT, owner_id, conversation_id, thread_id, names, status_id, int(is_unread)
    )
    assert row is not None
    await tx.run(_KEEP_STATUS, owner_id, row[0], status_id)


async def remove_status(tx: Transaction, status_id: StatusId) -> None:
    """Take a status out of every conversation; one that is left empty goes with it."""
    places = await tx.all(_LIST_OF_STATUS, status_id)
    if not places:
        return
    await tx.run(_FORGET_STATUS, status_id)
    for account_id, conversation_id in places:
        await tx.run(_STEP_BACK, account_id, conversation_id)
        await tx.run(_DELETE_EMPTY, account_id, conversation_id)
