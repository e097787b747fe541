"""Notices of beacons in SQL: what those with a role are told, as each of them asked for it.

A notice that stands in the table may be one that its reader may not know any more: their role is
gone and the beacon is private by now. So whatever reads them asks for the beacon as well.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain import limits
from stonechat.domain.beacon_notices import (
    DELETED,
    STALE,
    VALUE,
    BeaconNotice,
    InboxVersion,
    News,
)
from stonechat.domain.ids import NOBODY, AccountId, BeaconId
from stonechat.kernel.ids import ID_MAX
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.visibility import HIDING_STATES

_INSERT: Final[LiteralString] = (
    "INSERT INTO beacon_notices (account_id, id, beacon_id, kind, name, old_value, value, made_ms)"
    " SELECT r.account_id, CAST($2 AS BIGINT), r.beacon_id, CAST($7 AS TEXT), CAST($3 AS TEXT),"
    " CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT) FROM beacon_roles r"
    " WHERE r.beacon_id = $1"
)
# A change is for whoever wants all of them, and for whom a filter of theirs lets it through. That
# nobody confirms a value is for whoever wants to hear of any change. Everything else that happens
# to a beacon is for everybody with a role.
_HAS_FILTER: Final[LiteralString] = (
    " AND (r.notifies = 1 OR EXISTS (SELECT 1 FROM beacon_filters f"
    " WHERE f.beacon_id = r.beacon_id AND f.account_id = r.account_id"
)
_WILLING: Final[dict[str, LiteralString]] = {
    VALUE: _HAS_FILTER + " AND ((f.kind = 'to' AND f.value = $5)"
    " OR (f.kind = 'from' AND f.value = $4 AND $4 <> $5))))",
    STALE: _HAS_FILTER + "))",
}
# Whoever came while a job was on its way was not there when it happened.
_PORTION: Final[LiteralString] = (
    " AND r.account_id > $8 AND r.account_id <= $9 AND r.since_ms <= $6"
)


@cache
def _tell_sql(kind: str, *, is_portion: bool) -> LiteralString:
    portion = _PORTION if is_portion else ""
    return _INSERT + _WILLING.get(kind, "") + portion + " RETURNING account_id"


async def tell(
    tx: Transaction, news: News, *, above: AccountId = NOBODY, up_to: AccountId | None = None
) -> list[AccountId]:
    """Tell everybody with a role, or those of a portion; whom."""
    sql = _tell_sql(news.kind, is_portion=up_to is not None)
    values = (
        news.beacon_id,
        news.id,
        news.name,
        news.old_value,
        news.value,
        news.made_ms,
        news.kind,
    )
    bounds = () if up_to is None else (above, up_to)
    return [row[0] for row in await tx.all(sql, *values, *bounds)]


_FIND_PORTION: Final = (
    "SELECT MAX(p.account_id), COALESCE(MAX(p.newest_id), 0) FROM (SELECT r.account_id,"
    " (SELECT MAX(n.id) FROM beacon_notices n WHERE n.account_id = r.account_id) AS newest_id"
    " FROM beacon_roles r WHERE r.beacon_id = $1 AND r.account_id > $2"
    " ORDER BY r.account_id LIMIT $3) p"
)


class Portion(NamedTuple):
    """The last account of some of those with a role, and the newest notice of any of them."""

    up_to: AccountId
    newest_id: int


async def find_portion(
    tx: Reader, beacon_id: BeaconId, above: AccountId, size: int
) -> Portion | None:
    """The next portion of those with a role; None where there is no more."""
    row = await tx.one(_FIND_PORTION, beacon_id, above, size)
    assert row is not None
    return None if row[0] is None else Portion(*row)


_TAKE_ROLES: Final = (
    "DELETE FROM beacon_roles WHERE beacon_id = $1 AND account_id > $2 AND account_id <= $3"
)
_TAKE_FILTERS: Final = (
    "DELETE FROM beacon_filters WHERE beacon_id = $1 AND account_id > $2 AND account_id <= $3"
)


async def take_roles(
    tx: Transaction, beacon_id: BeaconId, above: AccountId, up_to: AccountId
) -> None:
    """Take away the roles of a portion, on a beacon that is gone."""
    values = (beacon_id, above, up_to)
    await tx.run_all((_TAKE_ROLES, values), (_TAKE_FILTERS, values))


_TELL_ONE: Final = (
    "INSERT INTO beacon_notices (account_id, id, beacon_id, kind, name, value, made_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
)


async def tell_one(tx: Transaction, account_id: AccountId, news: News) -> None:
    """Tell one account, such as of a role that it was given. There is no value in that."""
    values = (news.id, news.beacon_id, news.kind, news.name, "", news.made_ms)
    await tx.run(_TELL_ONE, account_id, *values)


_FORGET: Final = "DELETE FROM beacon_notices WHERE beacon_id = $1 AND account_id = $2"


async def forget(tx: Transaction, beacon_id: BeaconId, account_id: AccountId) -> None:
    """Take away what somebody was told of a beacon: they may not know it any more."""
    await tx.run(_FORGET, beacon_id, account_id)


# Reading -------------------------------------------------------------------------------------

# What a reader may still know: of a beacon that they see, or saw until it was deleted.
_READABLE: Final[LiteralString] = (
    " FROM beacon_notices n LEFT JOIN beacons b ON b.id = n.beacon_id"
    " LEFT JOIN accounts o ON o.id = b.owner_id"
    " LEFT JOIN beacon_roles r ON r.beacon_id = n.beacon_id AND r.account_id = n.account_id"
    " WHERE n.account_id = $1 AND CASE WHEN b.id IS NULL"
    " THEN EXISTS (SELECT 1 FROM beacon_notices d WHERE d.beacon_id = n.beacon_id"
    " AND d.account_id = n.account_id AND d.kind = '" + DELETED + "')"
    " ELSE (b.access = 'public' OR r.role IS NOT NULL)"
    " AND o.state NOT IN " + HIDING_STATES + " END"
)
_SEEN: Final[LiteralString] = (
    "COALESCE((SELECT i.seen_id FROM beacon_inboxes i WHERE i.account_id = $1), 0)"
)
_LIST: Final[LiteralString] = (
    "SELECT n.id, n.beacon_id, n.kind, n.name, n.old_value, n.value, n.made_ms, b.id, "
    + _SEEN
    + _READABLE
    + " AND n.id < $2 AND n.id > $3"
)
_NEWEST: Final[LiteralString] = _LIST + " ORDER BY n.id DESC LIMIT $4"
_OLDEST: Final[LiteralString] = _LIST + " ORDER BY n.id LIMIT $4"
_COUNT_UNREAD: Final[LiteralString] = (
    "SELECT COUNT(*) FROM (SELECT 1" + _READABLE + " AND n.id > " + _SEEN + " LIMIT $2) unread"
)


def _notice(row: Row) -> BeaconNotice:
    return BeaconNotice(
        *row[:7],
        # A new beacon may have got the id of one that is gone.
        is_there=row[7] is not None and row[2] != DELETED,
        is_unread=row[0] > row[8],
    )


async def list_readable(tx: Reader, account_id: AccountId, cursor: Cursor) -> list[BeaconNotice]:
    """A page of what an account was told and may still know, the newest first."""
    sql = _OLDEST if cursor.upwards else _NEWEST
    rows = await tx.all(sql, account_id, cursor.below, cursor.above, cursor.limit)
    found = [_notice(row) for row in rows]
    return found[::-1] if cursor.upwards else found


async def count_unread(tx: Reader, account_id: AccountId, most: int) -> int:
    """How many of those are newer than what the account has seen; no more than `most`."""
    row = await tx.one(_COUNT_UNREAD, account_id, most)
    assert row is not None
    return int(row[0])


# Nobody has seen what does not yet exist.
_MARK_SEEN: Final = (
    "INSERT INTO beacon_inboxes (account_id, seen_id) SELECT n.account_id, MAX(n.id)"
    " FROM beacon_notices n WHERE n.account_id = $1 AND n.id <= $2 GROUP BY n.account_id"
    " ON CONFLICT (account_id) DO UPDATE SET seen_id = excluded.seen_id"
    " WHERE beacon_inboxes.seen_id < excluded.seen_id"
)


async def mark_seen(tx: Transaction, account_id: AccountId, up_to: int) -> bool:
    """Note that an account has seen its notices up to one; False where that is nothing new."""
    return bool(await tx.run(_MARK_SEEN, account_id, max(0, min(up_to, ID_MAX))))


@cache
def _versions_sql(count: int) -> LiteralString:
    return (
        "SELECT a.id, COALESCE((SELECT MAX(n.id) FROM beacon_notices n"
        " WHERE n.account_id = a.id), 0), COALESCE(i.seen_id, 0) FROM accounts a"
        " LEFT JOIN beacon_inboxes i ON i.account_id = a.id"
        " WHERE a.id IN (" + parameters(1, count) + ")"
    )


async def find_versions(
    tx: Reader, account_ids: Sequence[AccountId]
) -> dict[AccountId, InboxVersion]:
    """The newest notice and the last seen one of each of one to IN_MAX accounts."""
    ids = padded(account_ids)
    rows = await tx.all(_versions_sql(len(ids)), *ids)
    return {row[0]: InboxVersion(row[1], row[2]) for row in rows}


# Sweeping ------------------------------------------------------------------------------------

_DELETE_OLD: Final = (
    "DELETE FROM beacon_notices WHERE (account_id, id) IN (SELECT account_id, id"
    " FROM beacon_notices WHERE made_ms < $1 LIMIT $2)"
)


_TRIM: Final = (
    "DELETE FROM beacon_notices WHERE account_id = $1 AND id < (SELECT id FROM beacon_notices"
    " WHERE account_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)"
)


async def trim(tx: Transaction, account_id: AccountId) -> None:
    """Take away what an account was told before its newest BEACON_NOTICES_MAX notices."""
    await tx.run(_TRIM, account_id, limits.BEACON_NOTICES_MAX - 1)


async def delete_old(tx: Transaction, before_ms: int, limit: int) -> bool:
    """Take away notices that are old; whether there may be more."""
    return await tx.run(_DELETE_OLD, before_ms, limit) == limit
