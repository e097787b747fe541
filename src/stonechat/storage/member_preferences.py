"""What clients keep for a member, in SQL: JSON under names of the clients' own."""

from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId
from stonechat.storage.database import Reader, Transaction


class PreferenceRow(NamedTuple):
    """One thing that is kept. `value` is JSON."""

    id: int
    name: str
    value: str
    changed_ms: int


_COLUMNS: Final = "SELECT id, name, value, changed_ms FROM account_preferences"
_LIST: Final = _COLUMNS + " WHERE account_id = $1 ORDER BY id DESC"
_FIND: Final = _COLUMNS + " WHERE account_id = $1 AND id = $2"
_FIND_BY_NAME: Final = _COLUMNS + " WHERE account_id = $1 AND name = $2"
_INSERT: Final = (
    "INSERT INTO account_preferences (account_id, id, name, value, changed_ms)"
    " VALUES ($1, $2, $3, $4, $5)"
)
_UPDATE: Final = (
    "UPDATE account_preferences SET name = $3, value = $4, changed_ms = $5"
    " WHERE account_id = $1 AND id = $2"
)
_DELETE: Final = "DELETE FROM account_preferences WHERE account_id = $1 AND id = $2"


async def list_all(tx: Reader, account_id: AccountId) -> list[PreferenceRow]:
    """All that is kept for somebody, newest first; there is a bound on it."""
    return [PreferenceRow._make(row) for row in await tx.all(_LIST, account_id)]


async def find(tx: Reader, account_id: AccountId, preference_id: int) -> PreferenceRow | None:
    """One thing that is kept."""
    row = await tx.one(_FIND, account_id, preference_id)
    return None if row is None else PreferenceRow._make(row)


async def find_by_name(tx: Reader, account_id: AccountId, name: str) -> PreferenceRow | None:
    """What is kept under a name."""
    row = await tx.one(_FIND_BY_NAME, account_id, name)
    return None if row is None else PreferenceRow._make(row)


async def insert(tx: Transaction, account_id: AccountId, kept: PreferenceRow) -> None:
    """Keep something more."""
    await tx.run(_INSERT, account_id, *kept)


async def update(tx: Transaction, account_id: AccountId, kept: PreferenceRow) -> None:
    """Keep it otherwise."""
    await tx.run(_UPDATE, account_id, *kept)


async def delete(tx: Transaction, account_id: AccountId, preference_id: int) -> bool:
    """Keep it no longer; False where it was not kept."""
    return bool(await tx.run(_DELETE, account_id, preference_id))
