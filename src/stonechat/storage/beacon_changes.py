"""Histories of beacons in SQL: every change of a value, by its number."""

from typing import Final, LiteralString, NamedTuple

from stonechat.domain.beacons import BeaconChange
from stonechat.domain.ids import BeaconId
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES

_INSERT: Final = (
    "INSERT INTO beacon_changes (beacon_id, number, value, color_no, account_id, source, made_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
)


def recording(beacon_id: BeaconId, change: BeaconChange) -> Statement:
    """The statement that writes one change down; Conflict where its number is taken."""
    return _INSERT, (
        beacon_id,
        change.number,
        change.value,
        change.color_no,
        change.account_id,
        change.source,
        change.made_ms,
    )


_LIST: Final[LiteralString] = (
    "SELECT c.number, c.value, c.color_no, c.made_ms, c.source, c.account_id, a.username"
    " FROM beacon_changes c LEFT JOIN accounts a ON a.id = c.account_id"
    # Whoever left or was suspended has no name here, either.
    " AND a.state NOT IN " + HIDING_STATES + ""
    " WHERE c.beacon_id = $1 AND c.number < $2 ORDER BY c.number DESC LIMIT $3"
)


async def list_page(tx: Reader, beacon_id: BeaconId, below: int, limit: int) -> list[BeaconChange]:
    """The changes before a number, the newest first."""
    rows = await tx.all(_LIST, beacon_id, below, limit)
    return [BeaconChange(*row[:7]) for row in rows]


_DELETE_SOME: Final = (
    "DELETE FROM beacon_changes WHERE beacon_id = $1 AND number IN (SELECT number"
    " FROM beacon_changes WHERE beacon_id = $1 AND number <= $2 ORDER BY number LIMIT $3)"
)
_LIST_OLD: Final = (
    "SELECT made_ms, beacon_id, number FROM beacon_changes"
    " WHERE (made_ms, beacon_id, number) > ($1, $2, $3) AND made_ms < $4"
    " ORDER BY made_ms, beacon_id, number LIMIT $5"
)
_DELETE_OLD: Final = (
    "DELETE FROM beacon_changes WHERE (made_ms, beacon_id, number) > ($1, $2, $3)"
    " AND (made_ms, beacon_id, number) <= ($4, $5, $6)"
    " AND number < (SELECT b.changes FROM beacons b WHERE b.id = beacon_changes.beacon_id)"
)


async def delete_some(tx: Transaction, beacon_id: BeaconId, up_to: int, limit: int) -> bool:
    """Take away the oldest changes up to a number; whether there may be more."""
    return await tx.run(_DELETE_SOME, beacon_id, up_to, limit) == limit


class Place(NamedTuple):
    """Where a change stands among all changes of all beacons, the oldest first."""

    made_ms: int
    beacon_id: BeaconId
    number: int


START: Final = Place(0, BeaconId(""), 0)


async def delete_old(tx: Transaction, after: Place, before_ms: int, limit: int) -> Place | None:
    """Look at the next old changes and take them away, but never a beacon's last one.

    It walks all of them once, those that stay too; the answer is where to go on, or None at the
    end.
    """
    rows = await tx.all(_LIST_OLD, *after, before_ms, limit)
    if not rows:
        return None
    last = Place._make(rows[-1])
    await tx.run(_DELETE_OLD, *after, *last)
    return last if len(rows) == limit else None
