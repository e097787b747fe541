"""Notices of beacons in SQL: what those with a role are told, as each of them asked for it."""

from typing import Final, LiteralString

from stonechat.domain.beacons import BeaconEvent
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.storage.database import Transaction
from stonechat.storage.statuses import Statement

# A change is for whoever wants all of them, and for whom a filter of theirs lets it through.
# Everything else that happens to a beacon is for everybody with a role.
_INSERT_VALUE: Final[LiteralString] = (
    "INSERT INTO beacon_notices (account_id, id, beacon_id, kind, name, old_value, value, made_ms)"
    " SELECT r.account_id, CAST($2 AS BIGINT), r.beacon_id, 'value', CAST($3 AS TEXT),"
    " CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT) FROM beacon_roles r"
    " WHERE r.beacon_id = $1 AND (r.notifies = 1 OR EXISTS (SELECT 1 FROM beacon_filters f"
    " WHERE f.beacon_id = r.beacon_id AND f.account_id = r.account_id"
    " AND ((f.kind = 'to' AND f.value = $5) OR (f.kind = 'from' AND f.value = $4 AND $4 <> $5))))"
    " ON CONFLICT DO NOTHING"
)
_INSERT_OTHER: Final[LiteralString] = (
    "INSERT INTO beacon_notices (account_id, id, beacon_id, kind, name, old_value, value, made_ms)"
    " SELECT r.account_id, CAST($2 AS BIGINT), r.beacon_id, CAST($7 AS TEXT), CAST($3 AS TEXT),"
    " CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT) FROM beacon_roles r"
    " WHERE r.beacon_id = $1 ON CONFLICT DO NOTHING"
)


def telling(notice_id: int, event: BeaconEvent) -> Statement:
    """The statement that tells everybody with a role; told twice is told once."""
    beacon = event.beacon
    values = (
        beacon.id,
        notice_id,
        beacon.name,
        event.old_value,
        beacon.value,
        event.made_ms,
    )
    if event.kind == "value":
        return _INSERT_VALUE, values
    return _INSERT_OTHER, (*values, event.kind)


_TELL_ONE: Final = (
    "INSERT INTO beacon_notices (account_id, id, beacon_id, kind, name, value, made_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
)


def telling_one(account_id: AccountId, notice_id: int, event: BeaconEvent) -> Statement:
    """The statement that tells one account, such as of a role that it was given."""
    beacon = event.beacon
    values = (account_id, notice_id, beacon.id, event.kind, beacon.name, "", event.made_ms)
    return _TELL_ONE, values


_FORGET: Final = "DELETE FROM beacon_notices WHERE beacon_id = $1 AND account_id = $2"


async def forget(tx: Transaction, beacon_id: BeaconId, account_id: AccountId) -> None:
    """Take away what somebody was told of a beacon: they may not know it any more."""
    await tx.run(_FORGET, beacon_id, account_id)
