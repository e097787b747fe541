"""Announcements in SQL: which status told of which change of a beacon.

A row outlives its status when that is deleted: the change was told of, and is not told again.
Changes count from 1. The row with the number 0 names no announcement: it holds, for each beacon
that obeyed one, the last answer that it did.
"""

from typing import Final

from stonechat.domain.ids import AccountId, BeaconId, StatusId
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

_INSERT: Final = (
    "INSERT INTO beacon_announcements (status_id, beacon_id, number) VALUES ($1, $2, $3)"
)


def inserting(status_id: StatusId, beacon_id: BeaconId, number: int) -> Statement:
    """The statement that notes which change a status tells of."""
    return _INSERT, (status_id, beacon_id, number)


_FIND_OWNER: Final = "SELECT owner_id FROM beacons WHERE id = $1"


async def find_owner(tx: Reader, beacon_id: BeaconId) -> AccountId | None:
    """Who speaks for a beacon; None where it is gone."""
    row = await tx.one(_FIND_OWNER, beacon_id)
    return None if row is None else row[0]


_IS_NEWS: Final = (
    "SELECT 1 FROM accounts a WHERE a.id = $2 AND a.state = 'active' AND NOT EXISTS (SELECT 1"
    " FROM beacon_announcements m WHERE m.beacon_id = $1 AND m.number = $3)"
)


async def is_news(tx: Reader, beacon_id: BeaconId, owner_id: AccountId, number: int) -> bool:
    """Whether an owner who may speak has not told of this change."""
    return await tx.one(_IS_NEWS, beacon_id, owner_id, number) is not None


_FIND_HEARD: Final = (
    "SELECT m.beacon_id, s.account_id FROM statuses s"
    " JOIN beacon_announcements m ON m.status_id = s.in_reply_to_id AND m.number > 0"
    " JOIN beacons b ON b.id = m.beacon_id AND b.hears_answers = 1"
    " JOIN accounts a ON a.id = s.account_id AND a.state = 'active'"
    " WHERE s.id = $1 AND s.deleted_ms IS NULL"
)


async def find_heard(tx: Reader, answer_id: StatusId) -> tuple[BeaconId, AccountId] | None:
    """The beacon that hears an answer to its announcement, and who gave that answer."""
    row = await tx.one(_FIND_HEARD, answer_id)
    return None if row is None else (row[0], row[1])


_OBEY: Final = (
    "UPDATE beacon_announcements SET status_id = $2"
    " WHERE beacon_id = $1 AND number = 0 AND status_id < $2"
)
_OBEY_FIRST: Final = (
    "INSERT INTO beacon_announcements (status_id, beacon_id, number)"
    " SELECT CAST($2 AS BIGINT), CAST($1 AS TEXT), 0 WHERE NOT EXISTS"
    " (SELECT 1 FROM beacon_announcements m WHERE m.beacon_id = $1 AND m.number = 0)"
)


async def obey(tx: Transaction, beacon_id: BeaconId, answer_id: StatusId) -> bool:
    """Note, for whoever holds a beacon, which answer it obeys; False where it did, or a later one.

    Answers may come to be heard in another order than they were given in.
    """
    if await tx.run(_OBEY, beacon_id, answer_id):
        return True
    return bool(await tx.run(_OBEY_FIRST, beacon_id, answer_id))


_DELETE_SOME: Final = (
    "DELETE FROM beacon_announcements WHERE status_id IN (SELECT m.status_id"
    " FROM beacon_announcements m WHERE m.beacon_id = $1"
    " AND NOT EXISTS (SELECT 1 FROM beacons b WHERE b.id = $1) LIMIT $2)"
)


async def delete_some(tx: Transaction, beacon_id: BeaconId, limit: int) -> bool:
    """Forget what a beacon that is gone told of; whether there may be more."""
    return await tx.run(_DELETE_SOME, beacon_id, limit) == limit
