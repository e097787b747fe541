"""Avatars in SQL: the pictures that somebody may choose from, and which one is chosen.

The chosen one is `accounts.avatar`, the name of its file. One that another dialect put there has
no row until it is about to be replaced (`keeping_chosen`). Whoever writes here holds the account
and writes `accounts.touching` in the same transaction.
"""

from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId
from stonechat.storage.database import Reader, Transaction


class AvatarRow(NamedTuple):
    """A picture that somebody may choose."""

    id: int
    file: str


_LIST: Final = "SELECT id, file FROM account_avatars WHERE account_id = $1 ORDER BY id DESC"
_FIND_CHOSEN: Final = "SELECT avatar FROM accounts WHERE id = $1"
_INSERT: Final = "INSERT INTO account_avatars (account_id, id, file) VALUES ($1, $2, $3)"
_DELETE: Final = "DELETE FROM account_avatars WHERE account_id = $1 AND id = $2"
_CHOOSE: Final = "UPDATE accounts SET avatar = $2 WHERE id = $1"


async def list_all(tx: Reader, account_id: AccountId) -> list[AvatarRow]:
    """Somebody's pictures, newest first."""
    return [AvatarRow._make(row) for row in await tx.all(_LIST, account_id)]


async def find_chosen(tx: Reader, account_id: AccountId) -> str | None:
    """The file of the picture that is shown."""
    row = await tx.one(_FIND_CHOSEN, account_id)
    return None if row is None else row[0]


async def insert(tx: Transaction, account_id: AccountId, avatar: AvatarRow) -> None:
    """Another picture to choose from."""
    await tx.run(_INSERT, account_id, avatar.id, avatar.file)


async def delete(tx: Transaction, account_id: AccountId, avatar_id: int) -> None:
    """One picture less."""
    await tx.run(_DELETE, account_id, avatar_id)


async def choose(tx: Transaction, account_id: AccountId, file: str | None) -> None:
    """Show a picture, or none."""
    await tx.run(_CHOOSE, account_id, file)
