"""Roles on beacons in SQL: who owns, updates or follows which, since when, and their filters.

`beacons.subscribers` counts every role but the owner's. It is written here, by whoever holds the
beacon's row and was told by the number of changed rows that a role really came or went.
"""

from collections.abc import Sequence
from typing import Final, LiteralString

from stonechat.domain.beacon_roles import BeaconFilter, BeaconSettings, BeaconUser
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES

_INSERT: Final = (
    "INSERT INTO beacon_roles (beacon_id, account_id, role, via, since_ms)"
    " VALUES ($1, $2, $3, $4, $5)"
)


def inserting(
    beacon_id: BeaconId, account_id: AccountId, *, role: str, via: str, now_ms: int
) -> Statement:
    """The statement that gives somebody a first role; Conflict where they have one."""
    return _INSERT, (beacon_id, account_id, role, via, now_ms)


_ADD: Final[LiteralString] = _INSERT + " ON CONFLICT (beacon_id, account_id) DO NOTHING"
_CHANGE: Final = (
    "UPDATE beacon_roles SET role = $3 WHERE beacon_id = $1 AND account_id = $2 AND role <> 'owner'"
)
_DELETE: Final = (
    "DELETE FROM beacon_roles WHERE beacon_id = $1 AND account_id = $2 AND role <> 'owner'"
)
_DELETE_FILTERS: Final = "DELETE FROM beacon_filters WHERE beacon_id = $1 AND account_id = $2"
_COUNT: Final = (
    "UPDATE beacons SET subscribers = subscribers + $2, version = version + 1 WHERE id = $1"
)


async def add(
    tx: Transaction, beacon_id: BeaconId, account_id: AccountId, *, role: str, via: str, now_ms: int
) -> bool:
    """Give somebody a first role and count them; False where they have one."""
    if not await tx.run(_ADD, beacon_id, account_id, role, via, now_ms):
        return False
    await tx.run(_COUNT, beacon_id, 1)
    return True


async def change(tx: Transaction, beacon_id: BeaconId, account_id: AccountId, role: str) -> None:
    """Give somebody with a role another one; an owner keeps theirs."""
    await tx.run_all((_CHANGE, (beacon_id, account_id, role)), (_COUNT, (beacon_id, 0)))


async def remove(tx: Transaction, beacon_id: BeaconId, account_id: AccountId) -> bool:
    """Take somebody's role and filters and count them no longer; False where they have none."""
    if not await tx.run(_DELETE, beacon_id, account_id):
        return False
    await tx.run_all((_DELETE_FILTERS, (beacon_id, account_id)), (_COUNT, (beacon_id, -1)))
    return True


_USERS: Final[LiteralString] = (
    "SELECT r.account_id, a.username, a.display_name, r.role, r.via, r.since_ms"
    " FROM beacon_roles r JOIN accounts a ON a.id = r.account_id WHERE r.beacon_id = $1"
)
_FIND: Final[LiteralString] = _USERS + " AND r.account_id = $2"
_LIST: Final[LiteralString] = (
    _USERS + " AND r.account_id > $2 AND a.state NOT IN " + HIDING_STATES + ""
    " ORDER BY r.account_id LIMIT $3"
)


def _user(row: Row) -> BeaconUser:
    return BeaconUser(row[0], row[1], row[2] or row[1], *row[3:6])


async def find_user(tx: Reader, beacon_id: BeaconId, account_id: AccountId) -> BeaconUser | None:
    """Somebody with a role, whatever the state of their account, or None where they have none."""
    row = await tx.one(_FIND, beacon_id, account_id)
    return None if row is None else _user(row)


async def list_users(
    tx: Reader, beacon_id: BeaconId, above: AccountId, limit: int
) -> list[BeaconUser]:
    """Those with a role who are to be seen, above an account id, in the order of their ids."""
    return [_user(row) for row in await tx.all(_LIST, beacon_id, above, limit)]


_COUNT_OF: Final = "SELECT COUNT(*) FROM beacon_roles WHERE account_id = $1 AND role <> 'owner'"


async def count_of(tx: Reader, account_id: AccountId) -> int:
    """On how many beacons of others somebody has a role."""
    row = await tx.one(_COUNT_OF, account_id)
    assert row is not None
    return int(row[0])


_SETTINGS: Final = (
    "SELECT r.notifies, f.kind, f.value FROM beacon_roles r"
    " LEFT JOIN beacon_filters f ON f.beacon_id = r.beacon_id AND f.account_id = r.account_id"
    " WHERE r.beacon_id = $1 AND r.account_id = $2 ORDER BY f.kind DESC, f.value"
)
_NOTIFY: Final = (
    "UPDATE beacon_roles SET notifies = COALESCE(CAST($3 AS BIGINT), notifies)"
    " WHERE beacon_id = $1 AND account_id = $2"
)
_INSERT_FILTER: Final = (
    "INSERT INTO beacon_filters (beacon_id, account_id, kind, value) VALUES ($1, $2, $3, $4)"
)


async def find_settings(
    tx: Reader, beacon_id: BeaconId, account_id: AccountId
) -> BeaconSettings | None:
    """What somebody with a role wants to hear of; None where they have no role."""
    rows = await tx.all(_SETTINGS, beacon_id, account_id)
    if not rows:
        return None
    filters = tuple(BeaconFilter(kind, value) for _, kind, value in rows if kind is not None)
    return BeaconSettings(bool(rows[0][0]), filters)


async def change_notifies(
    tx: Transaction, beacon_id: BeaconId, account_id: AccountId, *, notifies: bool | None
) -> bool:
    """Say whether somebody hears of every change, None for as before; False where no role is."""
    wanted = None if notifies is None else int(notifies)
    return bool(await tx.run(_NOTIFY, beacon_id, account_id, wanted))


async def replace_filters(
    tx: Transaction, beacon_id: BeaconId, account_id: AccountId, filters: Sequence[BeaconFilter]
) -> None:
    """Give somebody these filters and no others."""
    await tx.run(_DELETE_FILTERS, beacon_id, account_id)
    for kind, value in filters:
        await tx.run(_INSERT_FILTER, beacon_id, account_id, kind, value)
