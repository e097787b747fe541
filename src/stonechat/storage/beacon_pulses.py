"""Pulses of beacons in SQL: four columns of one row, for those who ask all day."""

from typing import Final, LiteralString

from stonechat.domain.beacon_pulses import Pulse
from stonechat.domain.ids import BeaconId
from stonechat.storage.database import Reader
from stonechat.storage.visibility import HIDING_STATES

_FIND: Final[LiteralString] = (
    "SELECT b.version, b.access, b.changed_ms, b.stale_after_s FROM beacons b"
    " JOIN accounts o ON o.id = b.owner_id AND o.state NOT IN " + HIDING_STATES + " WHERE b.id = $1"
)


async def find(tx: Reader, beacon_id: BeaconId) -> Pulse | None:
    """The pulse of a beacon, public or not."""
    row = await tx.one(_FIND, beacon_id)
    return None if row is None else Pulse(*row)
