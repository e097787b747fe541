"""Status keys in SQL: giving one to a beacon that was made without. Finding by one is beacons'."""

from typing import Final

from stonechat.domain.beacons import Beacon
from stonechat.storage.statuses import Statement

_GIVE: Final = "UPDATE beacons SET key = $2, version = version + 1 WHERE id = $1"
_KEEP: Final = "INSERT INTO beacon_keys (owner_id, key, beacon_id) VALUES ($1, $2, $3)"


def giving(beacon: Beacon, key: str) -> list[Statement]:
    """The statements that give a beacon its key; Conflict where its owner uses it already."""
    return [(_KEEP, (beacon.owner_id, key, beacon.id)), (_GIVE, (beacon.id, key))]
