"""Beacons in SQL: the rows, and one viewer's role beside each.

Whoever changes a beacon reads it by `find_locked` first: what is decided on it then stays true
until the commit, so the numbers of its changes have no gap. Whatever changes what anybody sees
of it, or who sees it, raises `version`: live pages and caches go by that alone.
"""

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final, LiteralString

from stonechat.domain.beacons import Beacon, BeaconView, Preset
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import locked, padded, parameters
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES

PRESETS_CACHED_MAX: Final = 1024

_COLUMNS: Final = (
    "b.id, b.tail, b.owner_id, b.key, b.name, b.value, b.description, b.color_no, b.access,"
    " b.users_access, b.history_access, b.presets, b.stale_after_s, b.announces, b.hears_answers,"
    " b.changes, b.subscribers, b.created_ms, b.changed_ms, b.version"
)
_WIDTH: Final = 20


def _beacon(row: Row) -> Beacon:
    return Beacon(
        *row[:11],
        presets=_presets(row[11]),
        stale_after_s=row[12],
        announces=row[13],
        hears_answers=bool(row[14]),
        changes=row[15],
        subscribers=row[16],
        created_ms=row[17],
        changed_ms=row[18],
        version=row[19],
    )


@lru_cache(maxsize=PRESETS_CACHED_MAX)
def _presets(text: str) -> tuple[Preset, ...]:
    return tuple(Preset(*each) for each in json.loads(text))


_VIEW: Final[LiteralString] = (
    "SELECT " + _COLUMNS + ", r.role, o.username, o.display_name FROM beacons b"
    " JOIN accounts o ON o.id = b.owner_id AND o.state NOT IN " + HIDING_STATES + ""
    " LEFT JOIN beacon_roles r ON r.beacon_id = b.id AND r.account_id = $2"
)
_FIND: Final[LiteralString] = _VIEW + " WHERE b.id = $1"


def _view(row: Row) -> BeaconView:
    role, username, display_name = row[_WIDTH : _WIDTH + 3]
    return BeaconView(_beacon(row), role, display_name or username)


async def find(tx: Reader, beacon_id: BeaconId, account_id: AccountId) -> BeaconView | None:
    """A beacon with somebody's role on it, whether or not they may see it."""
    row = await tx.one(_FIND, beacon_id, account_id)
    return None if row is None else _view(row)


async def find_locked(
    tx: Transaction, engine: str, beacon_id: BeaconId, account_id: AccountId
) -> BeaconView | None:
    """The same, and nobody else changes the beacon until the commit."""
    row = await tx.one(locked(engine, _FIND, "b"), beacon_id, account_id)
    if row is not None and engine == "postgres" and row[2] != account_id:
        # A statement that waited for the beacon still sees the roles of before it waited. Only
        # an owner's never changes.
        row = await tx.one(_FIND, beacon_id, account_id)
    return None if row is None else _view(row)


_FIND_BY_LINK: Final[LiteralString] = (
    _FIND + " AND EXISTS (SELECT 1 FROM beacon_links l WHERE l.beacon_id = b.id"
    " AND l.secret = $3 AND (l.expires_ms IS NULL OR l.expires_ms > $4))"
)


async def find_by_link(
    tx: Reader, beacon_id: BeaconId, account_id: AccountId, secret: str, now_ms: int
) -> BeaconView | None:
    """A beacon by the secret of a private link that is good."""
    row = await tx.one(_FIND_BY_LINK, beacon_id, account_id, secret, now_ms)
    if row is None:
        return None
    view = _view(row)
    return BeaconView(view.beacon, view.role, view.owner_name, is_by_link=True)


_FIND_KEY: Final = "SELECT beacon_id FROM beacon_keys WHERE owner_id = $1 AND key = $2"


async def find_by_key(tx: Reader, owner_id: AccountId, key: str) -> BeaconId | None:
    """The beacon that an owner calls so."""
    row = await tx.one(_FIND_KEY, owner_id, key)
    return None if row is None else row[0]


_FIND_OWN: Final[LiteralString] = (
    "SELECT " + _COLUMNS + " FROM beacons b WHERE b.id = $1 AND b.owner_id = $2"
)


async def find_own(tx: Reader, beacon_id: BeaconId, owner_id: AccountId) -> Beacon | None:
    """What somebody owns, also where they left and it is to go after them."""
    row = await tx.one(_FIND_OWN, beacon_id, owner_id)
    return None if row is None else _beacon(row)


_LIST_OWN: Final[LiteralString] = (
    "SELECT " + _COLUMNS + " FROM beacons b WHERE b.owner_id = $1"
    " ORDER BY b.created_ms DESC, b.id LIMIT $2"
)


async def list_own(tx: Reader, owner_id: AccountId, limit: int) -> list[Beacon]:
    """What somebody owns, the newest first."""
    return [_beacon(row) for row in await tx.all(_LIST_OWN, owner_id, limit)]


_LIST_WATCHED: Final[LiteralString] = (
    "SELECT " + _COLUMNS + ", r.role, o.username, o.display_name FROM beacon_roles r"
    " JOIN beacons b ON b.id = r.beacon_id"
    " JOIN accounts o ON o.id = b.owner_id AND o.state NOT IN " + HIDING_STATES + ""
    " WHERE r.account_id = $1"
    " ORDER BY CASE WHEN r.role = 'owner' THEN 0 ELSE 1 END, r.since_ms DESC, b.id LIMIT $2"
)


async def list_watched(tx: Reader, account_id: AccountId, limit: int) -> list[BeaconView]:
    """Every beacon on which somebody has a role: their own first, and what was joined last."""
    return [_view(row) for row in await tx.all(_LIST_WATCHED, account_id, limit)]


@cache
def _load_sql(count: int) -> LiteralString:
    return _VIEW.replace("$2", "$1") + " WHERE b.id IN (" + parameters(2, count) + ")"


async def load(
    tx: Reader, account_id: AccountId, beacon_ids: Sequence[BeaconId]
) -> dict[BeaconId, BeaconView]:
    """Those of at most IN_MAX beacons that are there, with somebody's role on each."""
    ids = padded(beacon_ids)
    rows = await tx.all(_load_sql(len(ids)), account_id, *ids)
    return {row[0]: _view(row) for row in rows}


@cache
def _versions_sql(count: int) -> LiteralString:
    return "SELECT id, version FROM beacons WHERE id IN (" + parameters(1, count) + ")"


async def find_versions(tx: Reader, beacon_ids: Sequence[BeaconId]) -> dict[BeaconId, int]:
    """The versions of those of at most IN_MAX beacons that are there."""
    ids = padded(beacon_ids)
    return {row[0]: row[1] for row in await tx.all(_versions_sql(len(ids)), *ids)}


_COUNT_OWN: Final = "SELECT COUNT(*) FROM beacons WHERE owner_id = $1"


async def count_own(tx: Reader, owner_id: AccountId) -> int:
    """How many beacons somebody owns."""
    row = await tx.one(_COUNT_OWN, owner_id)
    assert row is not None
    return int(row[0])


_INSERT: Final = (
    "INSERT INTO beacons (id, tail, owner_id, key, name, value, description, color_no, access,"
    " users_access, history_access, presets, stale_after_s, announces, hears_answers, changes,"
    " subscribers, created_ms, changed_ms, version)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20)"
)
_KEEP_KEY: Final = "INSERT INTO beacon_keys (owner_id, key, beacon_id) VALUES ($1, $2, $3)"


def inserting(beacon: Beacon) -> list[Statement]:
    """The statements that keep a new beacon; Conflict where its id or its key is taken."""
    values = (
        beacon.id,
        beacon.tail,
        beacon.owner_id,
        beacon.key,
        *_editable(beacon),
        beacon.changes,
        beacon.subscribers,
        beacon.created_ms,
        beacon.changed_ms,
        beacon.version,
    )
    statements: list[Statement] = [(_INSERT, values)]
    if beacon.key is not None:
        statements.append((_KEEP_KEY, (beacon.owner_id, beacon.key, beacon.id)))
    return statements


def _editable(beacon: Beacon) -> tuple[object, ...]:
    return (
        beacon.name,
        beacon.value,
        beacon.description,
        beacon.color_no,
        beacon.access,
        beacon.users_access,
        beacon.history_access,
        json.dumps(beacon.presets, ensure_ascii=False),
        beacon.stale_after_s,
        beacon.announces,
        int(beacon.hears_answers),
    )


_UPDATE: Final = (
    "UPDATE beacons SET name = $2, value = $3, description = $4, color_no = $5, access = $6,"
    " users_access = $7, history_access = $8, presets = $9, stale_after_s = CAST($10 AS BIGINT),"
    " announces = $11, hears_answers = $12, changes = $13, changed_ms = $14, version = $15,"
    # Who confirms the value, or changes for how long it holds, may have to be told anew.
    " is_stale = CASE WHEN changes = $13"
    " AND COALESCE(stale_after_s, 0) = COALESCE(CAST($10 AS BIGINT), 0)"
    " THEN is_stale ELSE 0 END WHERE id = $1"
)


def updating(beacon: Beacon) -> Statement:
    """The statement that keeps a beacon as it is by now; for whoever holds its row."""
    values = (beacon.changes, beacon.changed_ms, beacon.version)
    return _UPDATE, (beacon.id, *_editable(beacon), *values)


_TELL_STALE: Final = (
    "UPDATE beacons SET is_stale = 1, version = version + 1 WHERE id = $1 AND is_stale = 0"
)


async def tell_stale(tx: Transaction, beacon_id: BeaconId) -> bool:
    """Note that watchers hear that a value is stale; False where they did."""
    return bool(await tx.run(_TELL_STALE, beacon_id))


_TOUCH: Final = "UPDATE beacons SET version = version + 1 WHERE id = $1"


def touching(beacon_id: BeaconId) -> Statement:
    """The statement that tells live pages to look again at who may see what."""
    return _TOUCH, (beacon_id,)


_DELETE_ROLES: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM beacon_roles WHERE beacon_id = $1",
    "DELETE FROM beacon_filters WHERE beacon_id = $1",
)
_DELETE: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM beacon_links WHERE beacon_id = $1",
    "DELETE FROM board_beacons WHERE beacon_id = $1",
    "DELETE FROM tokens WHERE beacon_id = $1",
    "DELETE FROM beacons WHERE id = $1",
)
_DROP_KEY: Final = "DELETE FROM beacon_keys WHERE owner_id = $1 AND key = $2"


def deleting(beacon: Beacon, *, keeps_roles: bool = False) -> list[Statement]:
    """The statements that take away a beacon, and what leads to it.

    Its history and its announcements, of which there may be many, are taken away in portions
    (`delete_some`), and so are very many roles, as those who have them are told
    (beacon_notices.take_roles).
    """
    every = _DELETE if keeps_roles else _DELETE_ROLES + _DELETE
    statements: list[Statement] = [(sql, (beacon.id,)) for sql in every]
    if beacon.key is not None:
        statements.append((_DROP_KEY, (beacon.owner_id, beacon.key)))
    return statements


_HAS_REMAINS: Final = (
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM beacon_changes WHERE beacon_id = $1)"
    " OR EXISTS (SELECT 1 FROM beacon_roles WHERE beacon_id = $1)"
    " OR EXISTS (SELECT 1 FROM webhooks WHERE beacon_id = $1)"
    " OR EXISTS (SELECT 1 FROM beacon_announcements WHERE beacon_id = $1)"
)


async def has_remains(tx: Reader, beacon_id: BeaconId) -> bool:
    """Whether something is left, for a while, of a beacon that had this id."""
    return await tx.one(_HAS_REMAINS, beacon_id) is not None
