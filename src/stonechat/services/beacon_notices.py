"""Notices of beacons: the one place that tells people and programs what happened to a beacon.

Whoever has a role is told as they asked for it (their filters are a part of the statement); a
new way to tell them begins here.
"""

from stonechat.domain.beacons import BeaconEvent
from stonechat.services.env import Env
from stonechat.storage import beacon_notices
from stonechat.storage.database import Transaction


async def tell(env: Env, tx: Transaction, event: BeaconEvent) -> None:
    """Tell everybody who watches, within the transaction of what happened."""
    sql, values = beacon_notices.telling(env.ids.next_id(), event)
    await tx.run(sql, *values)
