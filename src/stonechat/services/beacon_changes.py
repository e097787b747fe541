"""Histories of beacons: what is too old, or left of a beacon that is gone, goes in portions.

They are read and written with the beacons that they belong to (services/beacons.py).
"""

from collections.abc import Mapping
from typing import Final

from stonechat.domain.ids import BeaconId
from stonechat.services.env import Env
from stonechat.storage import announcements, beacon_changes

ROWS_AT_ONCE: Final = 500


async def delete_history(env: Env, payload: Mapping[str, object]) -> None:
    """Take away what is left of a beacon that was deleted, or the oldest changes of another."""
    beacon_id, up_to = BeaconId(str(payload["beacon_id"])), int(str(payload["changes"]))
    while await env.db.write(
        lambda tx: beacon_changes.delete_some(tx, beacon_id, up_to, ROWS_AT_ONCE)
    ):
        pass
    while await env.db.write(lambda tx: announcements.delete_some(tx, beacon_id, ROWS_AT_ONCE)):
        pass
