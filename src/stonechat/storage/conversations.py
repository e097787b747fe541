"""Conversations in SQL: threads of direct statuses, as each of the people in them sees them."""

from collections.abc import Sequence
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.ids import AccountId, StatusId
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Row, Transaction

_UPSERT: Final = (
    "INSERT INTO conversations (account_id, id, thread_id, participants, last_status_id,"
    " is_unread) VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (account_id, thread_id, participants) DO UPDATE SET last_status_id = $5,"
    " is_unread = $6 RETURNING id"
)
# What comes back is no news: it is not unread again, and not on top of what was said since.
_BRING_BACK: Final = (
    "INSERT INTO conversations (account_id, id, thread_id, participants, last_status_id,"
    " is_unread) VALUES ($1, $2, $3, $4, $5, 0)"
    " ON CONFLICT (account_id, thread_id, participants) DO UPDATE SET last_status_id ="
    " CASE WHEN conversations.last_status_id < $5 THEN $5 ELSE conversations.last_status_id END"
    " RETURNING id"
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


async def bring_back_status(
    tx: Transaction,
    *,
    owner_id: AccountId,
    conversation_id: int,
    thread_id: int,
    participants: Sequence[AccountId],
    status_id: StatusId,
) -> None:
    """Put a direct status that was deleted back into its conversation, at its place."""
    names = ",".join(str(account_id) for account_id in sorted(participants))
    row = await tx.one(_BRING_BACK, owner_id, conversation_id, thread_id, names, status_id)
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


class ConversationRow(NamedTuple):
    """A conversation as it is kept; `participants` are the others."""

    id: int
    last_status_id: StatusId
    is_unread: bool
    participants: tuple[AccountId, ...]


def _conversation(row: Row) -> ConversationRow:
    others = tuple(AccountId(int(each)) for each in row[3].split(",") if each)
    return ConversationRow(row[0], row[1], bool(row[2]), others)


_COLUMNS: Final = (
    "SELECT id, last_status_id, is_unread, participants FROM conversations WHERE account_id = $1"
)
_FIND: Final = _COLUMNS + " AND id = $2"
_BETWEEN: Final[LiteralString] = " AND last_status_id < $2 AND last_status_id > $3"
_LIST: Final = (
    _COLUMNS + _BETWEEN + " ORDER BY last_status_id DESC LIMIT $4",
    _COLUMNS + _BETWEEN + " ORDER BY last_status_id LIMIT $4",
)
_STATUSES: Final[LiteralString] = (
    "SELECT status_id FROM conversation_statuses WHERE account_id = $1 AND status_id < $2"
    " AND status_id > $3"
)
_LIST_STATUSES: Final = (
    _STATUSES + " ORDER BY status_id DESC LIMIT $4",
    _STATUSES + " ORDER BY status_id LIMIT $4",
)


async def list_page(tx: Reader, account_id: AccountId, cursor: Cursor) -> list[ConversationRow]:
    """A page of an account's conversations, the one with the newest status first."""
    sql = _LIST[cursor.upwards]
    rows = await tx.all(sql, account_id, cursor.below, cursor.above, cursor.limit)
    found = [_conversation(row) for row in rows]
    return found[::-1] if cursor.upwards else found


async def find(tx: Reader, account_id: AccountId, conversation_id: int) -> ConversationRow | None:
    """One conversation of an account's own."""
    row = await tx.one(_FIND, account_id, conversation_id)
    return None if row is None else _conversation(row)


async def list_statuses(tx: Reader, account_id: AccountId, cursor: Cursor) -> list[StatusId]:
    """A page of the direct statuses in all conversations of an account, newest first."""
    sql = _LIST_STATUSES[cursor.upwards]
    rows = await tx.all(sql, account_id, cursor.below, cursor.above, cursor.limit)
    return sorted((StatusId(row[0]) for row in rows), reverse=True)


_UPDATE_UNREAD: Final = "UPDATE conversations SET is_unread = $3 WHERE account_id = $1 AND id = $2"
_DELETE: Final = "DELETE FROM conversations WHERE account_id = $1 AND id = $2"
_DELETE_STATUSES: Final = (
    "DELETE FROM conversation_statuses WHERE account_id = $1 AND conversation_id = $2"
)


async def update_unread(
    tx: Transaction, account_id: AccountId, conversation_id: int, *, is_unread: bool
) -> bool:
    """Mark a conversation as read or unread; False when the account has none by this id."""
    return bool(await tx.run(_UPDATE_UNREAD, account_id, conversation_id, int(is_unread)))


async def delete(tx: Transaction, account_id: AccountId, conversation_id: int) -> bool:
    """Take a conversation out of an account's list; the statuses themselves stay."""
    await tx.run(_DELETE_STATUSES, account_id, conversation_id)
    return bool(await tx.run(_DELETE, account_id, conversation_id))
