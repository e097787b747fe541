"""Roles on beacons in SQL: who owns, updates or follows which, and since when."""

from typing import Final

from stonechat.domain.ids import AccountId, BeaconId
from stonechat.storage.statuses import Statement

_INSERT: Final = (
    "INSERT INTO beacon_roles (beacon_id, account_id, role, via, since_ms)"
    " VALUES ($1, $2, $3, $4, $5)"
)


def inserting(
    beacon_id: BeaconId, account_id: AccountId, *, role: str, via: str, now_ms: int
) -> Statement:
    """The statement that gives somebody a first role; Conflict where they have one."""
    return _INSERT, (beacon_id, account_id, role, via, now_ms)
