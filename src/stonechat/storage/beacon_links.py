"""Private links to beacons in SQL: secrets that show a beacon to whoever has them.

A link is looked up together with its beacon (storage/beacons.find_by_link). One whose end has
come is as if it were not there; its row goes with the next sweep.
"""

from typing import Final

from stonechat.domain.beacon_links import BeaconLink
from stonechat.domain.ids import BeaconId
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

_END_ALL: Final = "DELETE FROM beacon_links WHERE beacon_id = $1"


def ending_all(beacon_id: BeaconId) -> Statement:
    """The statement that ends every link to a beacon."""
    return _END_ALL, (beacon_id,)


_INSERT: Final = (
    "INSERT INTO beacon_links (beacon_id, secret, label, created_ms, expires_ms)"
    " VALUES ($1, $2, $3, $4, $5)"
)
_LIST: Final = (
    "SELECT beacon_id, secret, label, created_ms, expires_ms FROM beacon_links"
    " WHERE beacon_id = $1 AND (expires_ms IS NULL OR expires_ms > $2)"
    " ORDER BY created_ms, secret LIMIT $3"
)
_ROTATE: Final = (
    "UPDATE beacon_links SET secret = $3 WHERE beacon_id = $1 AND secret = $2"
    " AND (expires_ms IS NULL OR expires_ms > $4)"
)
_END: Final = "DELETE FROM beacon_links WHERE beacon_id = $1 AND secret = $2"


async def insert(tx: Transaction, link: BeaconLink) -> None:
    """Keep a new link."""
    await tx.run(_INSERT, *_values(link))


def _values(link: BeaconLink) -> tuple[object, ...]:
    return link.beacon_id, link.secret, link.label, link.created_ms, link.expires_ms


async def list_good(tx: Reader, beacon_id: BeaconId, now_ms: int, limit: int) -> list[BeaconLink]:
    """The links to a beacon that are good, the oldest first."""
    return [BeaconLink._make(row) for row in await tx.all(_LIST, beacon_id, now_ms, limit)]


async def rotate(
    tx: Transaction, beacon_id: BeaconId, secret: str, new_secret: str, now_ms: int
) -> bool:
    """Give a link another secret; False where no good one has this one."""
    return bool(await tx.run(_ROTATE, beacon_id, secret, new_secret, now_ms))


async def end(tx: Transaction, beacon_id: BeaconId, secret: str) -> bool:
    """End a link; False where there is none."""
    return bool(await tx.run(_END, beacon_id, secret))
