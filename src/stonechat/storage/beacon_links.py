"""Private links to beacons in SQL: secrets that show a beacon to whoever has them."""

from typing import Final

from stonechat.domain.ids import BeaconId
from stonechat.storage.statuses import Statement

_END_ALL: Final = "DELETE FROM beacon_links WHERE beacon_id = $1"


def ending_all(beacon_id: BeaconId) -> Statement:
    """The statement that ends every link to a beacon."""
    return _END_ALL, (beacon_id,)
