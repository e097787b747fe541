"""Status keys: a word of an owner's own by which their programs find a beacon.

A program that makes a beacon by a key gives the key at once (beacons.put_beacon). Here its owner
gives one to a beacon that was made without. A key that was given stays as it is: programs rely on
what it leads to.
"""

from stonechat.domain.beacons import OWNER, check_key
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import Conflict
from stonechat.services import beacons
from stonechat.services.beacons import Name
from stonechat.services.env import Env
from stonechat.storage import beacon_keys
from stonechat.storage.beacons import find_by_key
from stonechat.storage.database import Transaction


async def name_beacon(env: Env, viewer: Viewer, name: Name, key: str) -> None:
    """Give the viewer's beacon its key. Conflict where it has another one, or the key is in use.

    The same key again changes nothing.
    """
    check_key(key)

    async def work(tx: Transaction) -> bool:
        view = await beacons.hold(env, tx, viewer, name, OWNER)
        if view.beacon.key == key:
            return False
        if view.beacon.key is not None:
            raise Conflict("It has a status key already, which stays as it is")
        if await find_by_key(tx, viewer.account_id, key) is not None:
            raise Conflict("Another beacon of yours has this status key")
        await tx.run_all(*beacon_keys.giving(view.beacon, key))
        return True

    if await env.db.write(work):
        env.wake_live(beacons.LIVE, name.id)
