"""Favourites and bookmarks in SQL: one viewer's marks on statuses.

A mark has an id of its own, by which its owner's list is paged: newest mark first, whatever
the age of the status. Inserting and deleting say whether anything changed; counters follow that.
"""

from typing import Final, LiteralString

from stonechat.domain.ids import AccountId, StatusId
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Transaction

_KEEP: Final[dict[str, LiteralString]] = {
    "favourites": "INSERT INTO favourites (status_id, account_id, id) VALUES ($1, $2, $3)"
    " ON CONFLICT (status_id, account_id) DO NOTHING",
    "bookmarks": "INSERT INTO bookmarks (status_id, account_id, id) VALUES ($1, $2, $3)"
    " ON CONFLICT (account_id, status_id) DO NOTHING",
}
_DROP: Final[dict[str, LiteralString]] = {
    "favourites": "DELETE FROM favourites WHERE status_id = $1 AND account_id = $2",
    "bookmarks": "DELETE FROM bookmarks WHERE status_id = $1 AND account_id = $2",
}


async def insert(
    tx: Transaction, kind: str, status_id: StatusId, account_id: AccountId, mark_id: int
) -> bool:
    """Keep a mark of `kind`; False when it was there before."""
    return bool(await tx.run(_KEEP[kind], status_id, account_id, mark_id))


async def delete(tx: Transaction, kind: str, status_id: StatusId, account_id: AccountId) -> bool:
    """Take a mark away; False when there was none."""
    return bool(await tx.run(_DROP[kind], status_id, account_id))


def _pages(select: LiteralString) -> tuple[LiteralString, LiteralString]:
    """The page that looks down and the one that looks up."""
    return select + " ORDER BY 1 DESC LIMIT $4", select + " ORDER BY 1 LIMIT $4"


_LIST_OF_ACCOUNT: Final = {
    "favourites": _pages(
        "SELECT id, status_id FROM favourites WHERE account_id = $1 AND id < $2 AND id > $3"
    ),
    "bookmarks": _pages(
        "SELECT id, status_id FROM bookmarks WHERE account_id = $1 AND id < $2 AND id > $3"
    ),
}
_LIST_FAVOURITERS: Final = _pages(
    "SELECT id, account_id FROM favourites WHERE status_id = $1 AND id < $2 AND id > $3"
)
_LIST_BOOSTERS: Final = _pages(
    "SELECT status_id, account_id FROM boosts"
    " WHERE of_id = $1 AND status_id < $2 AND status_id > $3"
)


async def list_of_account(
    tx: Reader, kind: str, account_id: AccountId, cursor: Cursor
) -> list[tuple[int, StatusId]]:
    """An account's marks of a kind: paging id and status, newest mark first."""
    sql = _LIST_OF_ACCOUNT[kind][cursor.upwards]
    rows = await tx.all(sql, account_id, cursor.below, cursor.above, cursor.limit)
    return sorted(((row[0], row[1]) for row in rows), reverse=True)


async def list_favouriters(
    tx: Reader, status_id: StatusId, cursor: Cursor
) -> list[tuple[int, AccountId]]:
    """Who favourited a status: paging id and account, newest first."""
    sql = _LIST_FAVOURITERS[cursor.upwards]
    rows = await tx.all(sql, status_id, cursor.below, cursor.above, cursor.limit)
    return sorted(((row[0], row[1]) for row in rows), reverse=True)


async def list_boosters(
    tx: Reader, status_id: StatusId, cursor: Cursor
) -> list[tuple[int, AccountId]]:
    """Who boosted a status: the boost's id and the account, newest first."""
    sql = _LIST_BOOSTERS[cursor.upwards]
    rows = await tx.all(sql, status_id, cursor.below, cursor.above, cursor.limit)
    return sorted(((row[0], row[1]) for row in rows), reverse=True)


_MUTE_THREAD: Final = (
    "INSERT INTO thread_mutes (account_id, thread_id) VALUES ($1, $2)"
    " ON CONFLICT (account_id, thread_id) DO NOTHING"
)
_UNMUTE_THREAD: Final = "DELETE FROM thread_mutes WHERE account_id = $1 AND thread_id = $2"


async def update_thread_mute(
    tx: Transaction, account_id: AccountId, thread_id: int, *, is_muted: bool
) -> None:
    """Stop, or start again, telling an account of what happens in a thread."""
    await tx.run(_MUTE_THREAD if is_muted else _UNMUTE_THREAD, account_id, thread_id)


_FIND_THREAD_MUTE: Final = "SELECT 1 FROM thread_mutes WHERE account_id = $1 AND thread_id = $2"


async def is_thread_muted(tx: Reader, account_id: AccountId, thread_id: int) -> bool:
    """Whether an account wants to hear nothing of a thread."""
    return await tx.one(_FIND_THREAD_MUTE, account_id, thread_id) is not None
