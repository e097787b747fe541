"""Partings in SQL: the roles that tie an account to beacons, and what makes pages look again."""

from typing import Final

from stonechat.domain.ids import AccountId, BeaconId
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

# Each half begins with the one whose role it is; the other one owns the beacon.
_LIST_BETWEEN: Final = (
    "SELECT r.beacon_id, r.account_id FROM beacon_roles r JOIN beacons b ON b.id = r.beacon_id"
    " WHERE r.account_id = $1 AND b.owner_id = $2"
    " UNION ALL SELECT r.beacon_id, r.account_id FROM beacon_roles r"
    " JOIN beacons b ON b.id = r.beacon_id WHERE r.account_id = $2 AND b.owner_id = $1"
)
_LIST_ROLES: Final = (
    "SELECT beacon_id FROM beacon_roles WHERE account_id = $1 AND beacon_id > $2"
    " ORDER BY beacon_id LIMIT $3"
)


async def list_between(
    tx: Reader, one_id: AccountId, other_id: AccountId
) -> list[tuple[BeaconId, AccountId]]:
    """The roles of either on beacons of the other, and whose each is."""
    rows = await tx.all(_LIST_BETWEEN, one_id, other_id)
    return [(row[0], row[1]) for row in rows]


async def list_roles(
    tx: Reader, account_id: AccountId, above: BeaconId, limit: int
) -> list[BeaconId]:
    """Some of the beacons on which an account has a role, above an id."""
    return [row[0] for row in await tx.all(_LIST_ROLES, account_id, above, limit)]


_HOLD: Final = "UPDATE beacons SET version = version WHERE id = $1"
_TOUCH_ALL: Final = (
    "UPDATE beacons SET version = version + 1 WHERE owner_id = $1",
    "UPDATE boards SET version = version + 1 WHERE owner_id = $1",
)


async def hold(tx: Transaction, beacon_id: BeaconId) -> bool:
    """Let nobody else change a beacon until the commit, whoever owns it; False where it is gone."""
    return bool(await tx.run(_HOLD, beacon_id))


def touching_all(owner_id: AccountId) -> list[Statement]:
    """The statements that let open pages of all of an account's beacons and boards look again."""
    return [(sql, (owner_id,)) for sql in _TOUCH_ALL]
