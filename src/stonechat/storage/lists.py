"""Lists in SQL: their rows, their members, and the pages of their timelines.

A list's timeline is its owner's home with the members' entries alone, so it needs no entries
of its own, and leaving a list or an account leaves nothing behind. Members are paged by the id
of their account.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.ids import AccountId
from stonechat.domain.lists import ListView
from stonechat.domain.viewers import TokenFacts
from stonechat.kernel.errors import NotFound
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.glances import BOOST_JOIN, ROW_COLUMNS, GlanceRow
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.statuses import Statement
from stonechat.storage.viewers import TOKEN_COLUMNS, TOKEN_TABLES, TOKEN_WIDTH, token_facts

_COLUMNS: Final = "SELECT l.id, l.title, l.replies_policy, l.is_exclusive FROM lists l"
_LIST_ALL: Final = _COLUMNS + " WHERE l.account_id = $1 ORDER BY l.id"
_GET: Final = _COLUMNS + " WHERE l.account_id = $1 AND l.id = $2"
_LIST_HOLDING: Final = (
    _COLUMNS + " JOIN list_members m ON m.account_id = l.account_id AND m.list_id = l.id"
    " WHERE m.account_id = $1 AND m.target_id = $2 ORDER BY l.id"
)
_COUNT: Final = "SELECT COUNT(*) FROM lists WHERE account_id = $1"


def _view(row: Row) -> ListView:
    return ListView(row[0], row[1], row[2], bool(row[3]))


async def list_all(tx: Reader, account_id: AccountId) -> list[ListView]:
    """Every list of an account, oldest first."""
    return [_view(row) for row in await tx.all(_LIST_ALL, account_id)]


async def list_holding(tx: Reader, account_id: AccountId, target_id: AccountId) -> list[ListView]:
    """The lists of an account that somebody is on, oldest first."""
    return [_view(row) for row in await tx.all(_LIST_HOLDING, account_id, target_id)]


async def get(tx: Reader, account_id: AccountId, list_id: int) -> ListView:
    """One list of an account; anybody else's is NotFound."""
    row = await tx.one(_GET, account_id, list_id)
    if row is None:
        raise NotFound
    return _view(row)


async def count(tx: Reader, account_id: AccountId) -> int:
    """How many lists an account has."""
    row = await tx.one(_COUNT, account_id)
    assert row is not None
    return int(row[0])


_INSERT: Final = (
    "INSERT INTO lists (account_id, id, title, replies_policy, is_exclusive)"
    " VALUES ($1, $2, $3, $4, $5)"
)
_UPDATE: Final = (
    "UPDATE lists SET title = $3, replies_policy = $4, is_exclusive = $5"
    " WHERE account_id = $1 AND id = $2"
)
_DELETE: Final = "DELETE FROM lists WHERE account_id = $1 AND id = $2"
_DELETE_ITS_MEMBERS: Final = "DELETE FROM list_members WHERE account_id = $1 AND list_id = $2"


def _values(account_id: AccountId, view: ListView) -> tuple[object, ...]:
    return account_id, view.id, view.title, view.replies_policy, int(view.is_exclusive)


async def insert(tx: Transaction, account_id: AccountId, view: ListView) -> None:
    """A new list without members."""
    await tx.run(_INSERT, *_values(account_id, view))


async def update(tx: Transaction, account_id: AccountId, view: ListView) -> None:
    """Give a list its new title and ways."""
    await tx.run(_UPDATE, *_values(account_id, view))


async def delete(tx: Transaction, account_id: AccountId, list_id: int) -> None:
    """Take a list away; its members stay followed."""
    own = (account_id, list_id)
    await tx.run_all((_DELETE, own), (_DELETE_ITS_MEMBERS, own))


_LIST_MEMBERS: Final = (
    "SELECT target_id FROM list_members WHERE account_id = $1 AND list_id = $2"
    " AND target_id < $3 AND target_id > $4 ORDER BY target_id DESC LIMIT $5"
)
_COUNT_MEMBERS: Final = "SELECT COUNT(*) FROM list_members WHERE account_id = $1 AND list_id = $2"


async def list_members(
    tx: Reader, account_id: AccountId, list_id: int, cursor: Cursor
) -> list[AccountId]:
    """A page of the members of a list, the newest accounts first."""
    bounds = (cursor.below, cursor.above, cursor.limit)
    rows = await tx.all(_LIST_MEMBERS, account_id, list_id, *bounds)
    return [AccountId(row[0]) for row in rows]


async def count_members(tx: Reader, account_id: AccountId, list_id: int) -> int:
    """How many are on a list."""
    row = await tx.one(_COUNT_MEMBERS, account_id, list_id)
    assert row is not None
    return int(row[0])


# What lies between a list's owner and those who are to be on it.
_KNOWN, _FOLLOWED, _ON_LIST = range(3)


@cache
def _load_standing_sql(size: int) -> LiteralString:
    ids = parameters(3, size)
    return (
        "SELECT 0, id FROM accounts WHERE id IN (" + ids + ")"
        " UNION ALL SELECT 1, target_id FROM followings WHERE account_id = $1"
        " AND target_id IN (" + ids + ")"
        " UNION ALL SELECT 1, target_id FROM follow_requests WHERE account_id = $1"
        " AND target_id IN (" + ids + ")"
        " UNION ALL SELECT 2, target_id FROM list_members WHERE account_id = $1 AND list_id = $2"
        " AND target_id IN (" + ids + ")"
    )


async def load_standing(
    tx: Reader, account_id: AccountId, list_id: int, targets: Sequence[AccountId]
) -> tuple[set[AccountId], set[AccountId], set[AccountId]]:
    """Those of `targets` that exist, that are followed or asked to be, and that are on the list."""
    if not targets:
        return set(), set(), set()
    ids = padded(targets)
    rows = await tx.all(_load_standing_sql(len(ids)), account_id, list_id, *ids)

    def of_kind(kind: int) -> set[AccountId]:
        return {AccountId(row[1]) for row in rows if row[0] == kind}

    return of_kind(_KNOWN), of_kind(_FOLLOWED), of_kind(_ON_LIST)


_INSERT_MEMBER: Final = (
    "INSERT INTO list_members (account_id, list_id, target_id) VALUES ($1, $2, $3)"
)
_DELETE_MEMBER: Final = (
    "DELETE FROM list_members WHERE account_id = $1 AND list_id = $2 AND target_id = $3"
)
_DELETE_FROM_ALL: Final = "DELETE FROM list_members WHERE account_id = $1 AND target_id = $2"


def adding_members(
    account_id: AccountId, list_id: int, targets: Sequence[AccountId]
) -> list[Statement]:
    """The statements that put accounts on a list."""
    return [(_INSERT_MEMBER, (account_id, list_id, target_id)) for target_id in targets]


def removing_members(
    account_id: AccountId, list_id: int, targets: Sequence[AccountId]
) -> list[Statement]:
    """The statements that take accounts off a list."""
    return [(_DELETE_MEMBER, (account_id, list_id, target_id)) for target_id in targets]


def leaving_lists(account_id: AccountId, target_id: AccountId) -> Statement:
    """The statement that takes somebody off every list of an account that follows them no more."""
    return _DELETE_FROM_ALL, (account_id, target_id)


_ME: Final[LiteralString] = "(SELECT account_id FROM tokens WHERE hash = $1)"
# An answer stands in a list when it goes to its own author or to the list's owner, and else as
# the list's policy says. Homes hold no answers to people whom the owner does not follow, so
# `followed` shows them all. A join of the statuses would let PostgreSQL begin with all of them.
_POLICY: Final[LiteralString] = (
    "(SELECT l.replies_policy FROM lists l WHERE l.account_id = " + _ME + " AND l.id = $5)"
)
_ENTRIES: Final[LiteralString] = (
    "SELECT h.status_id AS id FROM home_entries h WHERE h.account_id = " + _ME + ""
    " AND h.status_id < $2 AND h.status_id > $3"
    " AND h.author_id IN (SELECT m.target_id FROM list_members m WHERE m.account_id = " + _ME + ""
    " AND m.list_id = $5) AND (" + _POLICY + " = 'followed'"
    " OR EXISTS (SELECT 1 FROM statuses p WHERE p.id = h.status_id"
    " AND (p.in_reply_to_account_id IS NULL OR p.in_reply_to_account_id = p.account_id"
    " OR p.in_reply_to_account_id = h.account_id OR (" + _POLICY + " = 'list'"
    " AND EXISTS (SELECT 1 FROM list_members x WHERE x.account_id = h.account_id"
    " AND x.list_id = $5 AND x.target_id = p.in_reply_to_account_id)))))"
)
_HEAD: Final[LiteralString] = (
    "SELECT "
    + TOKEN_COLUMNS
    + ", own.id, "
    + ROW_COLUMNS
    + " FROM "
    + TOKEN_TABLES
    + " LEFT JOIN lists own ON own.account_id = t.account_id AND own.id = $5 LEFT JOIN ("
)
_TAIL: Final[LiteralString] = (
    " LIMIT $4) e ON 1 = 1 LEFT JOIN statuses s ON s.id = e.id" + BOOST_JOIN
)
_TIMELINE: Final = (
    _HEAD + _ENTRIES + " ORDER BY id DESC" + _TAIL,
    _HEAD + _ENTRIES + " ORDER BY id" + _TAIL,
)


async def list_timeline(
    tx: Reader, token_hash: bytes, list_id: int, cursor: Cursor
) -> tuple[TokenFacts | None, bool, list[GlanceRow]]:
    """A page of a list, newest first, and whether the token's owner has such a list."""
    bounds = (token_hash, cursor.below, cursor.above, cursor.limit, list_id)
    rows = await tx.all(_TIMELINE[cursor.upwards], *bounds)
    start = TOKEN_WIDTH + 1
    found = [GlanceRow._make(row[start:]) for row in rows if row[start] is not None]
    found.sort(reverse=True)
    return token_facts(rows[0]), rows[0][TOKEN_WIDTH] is not None, found
