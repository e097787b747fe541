"""Tags in SQL: how often they are used, who follows them, who features them.

There is no table of tags. A name is alive while a public status carries it, and the index over
those statuses answers everything: the days of a tag are a range of it, and the names with one
beginning are found by stepping from name to name.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.ids import AccountId
from stonechat.domain.names import end_of_prefix
from stonechat.domain.tags import IDS_PER_DAY, FeaturedTagView
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Database, Reader, Transaction
from stonechat.storage.idioms import IN_SIZES, parameters

USES_COUNTED_MAX: Final = 200_000
"""Uses of tags that one question looks at; what is beyond is not counted."""
OWN_STATUSES_LOOKED_AT_MAX: Final = 1000
"""Of an account's newest statuses, for suggesting what it might feature."""


def padded_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names with the last one repeated up to a length of IN lists."""
    size = next(size for size in IN_SIZES if size >= len(names))
    last = names[-1] if names else ""
    return (*names, *(last for _ in range(len(names), size)))


@cache
def _load_days_sql(count: int) -> LiteralString:
    return (
        "SELECT u.tag, u.status_id / CAST($1 AS BIGINT), COUNT(*), COUNT(DISTINCT u.account_id)"
        " FROM (SELECT tag, status_id, account_id FROM status_tags WHERE is_public = 1"
        " AND status_id >= $2 AND tag IN (" + parameters(4, count) + ") LIMIT $3) u GROUP BY 1, 2"
    )


async def load_days(
    db: Database, names: Sequence[str], first_id: int
) -> dict[str, dict[int, tuple[int, int]]]:
    """Uses and accounts of tags by name and number of the day, from an id on."""
    if not names:
        return {}
    every = padded_names(names)
    sql = _load_days_sql(len(every))
    rows = await db.all_slow(sql, IDS_PER_DAY, first_id, USES_COUNTED_MAX, *every)
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for name, day, uses, accounts in rows:
        found.setdefault(name, {})[day] = (uses, accounts)
    return found


_LIST_BEGINNING: Final = (
    "WITH RECURSIVE found (name, number) AS ("
    "SELECT (SELECT t.tag FROM status_tags t WHERE t.is_public = 1 AND t.tag >= $1"
    " AND t.tag < $2 ORDER BY t.tag LIMIT 1), CAST(1 AS BIGINT)"
    " UNION ALL SELECT (SELECT t.tag FROM status_tags t WHERE t.is_public = 1"
    " AND t.tag > f.name AND t.tag < $2 ORDER BY t.tag LIMIT 1), f.number + 1"
    " FROM found f WHERE f.name IS NOT NULL AND f.number < $3)"
    " SELECT name FROM found WHERE name IS NOT NULL"
)


async def list_beginning(db: Database, prefix: str, limit: int) -> list[str]:
    """The first names that begin so, in the order of their letters."""
    rows = await db.all_slow(_LIST_BEGINNING, prefix, end_of_prefix(prefix), limit)
    return [row[0] for row in rows]


class TagMarks(NamedTuple):
    """Which of some tags an account follows, and which it features."""

    followed: frozenset[str]
    featured: frozenset[str]


@cache
def _load_marks_sql(count: int) -> LiteralString:
    names = parameters(2, count)
    return (
        "SELECT 0, tag FROM tag_follows WHERE account_id = $1 AND tag IN (" + names + ")"
        " UNION ALL SELECT 1, tag FROM featured_tags WHERE account_id = $1"
        " AND tag IN (" + names + ")"
    )


async def load_marks(tx: Reader, account_id: AccountId, names: Sequence[str]) -> TagMarks:
    """An account's marks on tags."""
    if not names:
        return TagMarks(frozenset(), frozenset())
    every = padded_names(names)
    rows = await tx.all(_load_marks_sql(len(every)), account_id, *every)
    sorts = (frozenset(name for kind, name in rows if kind == wanted) for wanted in (0, 1))
    return TagMarks(*sorts)


_FOLLOW: Final = (
    "INSERT INTO tag_follows (account_id, tag, id) VALUES ($1, $2, $3)"
    " ON CONFLICT (account_id, tag) DO NOTHING"
)
_UNFOLLOW: Final = "DELETE FROM tag_follows WHERE account_id = $1 AND tag = $2"
_COUNT_FOLLOWS: Final = "SELECT COUNT(*) FROM tag_follows WHERE account_id = $1"
# A category is followed by its hashtag (storage/category_followers).
_COUNT_FOLLOWER: Final = (
    "UPDATE categories SET followers = followers + $2, version = version + 1"
    " WHERE tag = $1 AND deleted_ms IS NULL"
)
_LIST_SOME_FOLLOWED: Final = (
    "SELECT tag FROM tag_follows WHERE account_id = $1 ORDER BY tag LIMIT $2"
)
_LIST_FOLLOWS: Final[LiteralString] = (
    "SELECT id, tag FROM tag_follows WHERE account_id = $1 AND id < $2 AND id > $3 ORDER BY id DESC"
    " LIMIT $4"
)


async def insert_follow(tx: Transaction, account_id: AccountId, tag: str, follow_id: int) -> None:
    """Follow a tag, and the category that has it; a second time changes nothing."""
    if await tx.run(_FOLLOW, account_id, tag, follow_id):
        await tx.run(_COUNT_FOLLOWER, tag, 1)


async def delete_follow(tx: Transaction, account_id: AccountId, tag: str) -> bool:
    """Follow a tag no more, nor the category that has it; False where nobody did."""
    is_followed = bool(await tx.run(_UNFOLLOW, account_id, tag))
    if is_followed:
        await tx.run(_COUNT_FOLLOWER, tag, -1)
    return is_followed


async def delete_some_follows(tx: Transaction, account_id: AccountId, limit: int) -> bool:
    """Follow some tags no more; whether there may be others."""
    rows = await tx.all(_LIST_SOME_FOLLOWED, account_id, limit)
    for (tag,) in rows:
        await delete_follow(tx, account_id, tag)
    return len(rows) == limit


async def count_follows(tx: Reader, account_id: AccountId) -> int:
    """How many tags an account follows."""
    row = await tx.one(_COUNT_FOLLOWS, account_id)
    assert row is not None
    return int(row[0])


async def list_follows(tx: Reader, account_id: AccountId, cursor: Cursor) -> list[tuple[int, str]]:
    """The tags that an account follows with their paging ids, the newest follow first."""
    rows = await tx.all(_LIST_FOLLOWS, account_id, cursor.below, cursor.above, cursor.limit)
    return [(row[0], row[1]) for row in rows]


_FEATURE: Final = (
    "INSERT INTO featured_tags (account_id, tag, name, id) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (account_id, tag) DO NOTHING"
)
_UNFEATURE: Final = "DELETE FROM featured_tags WHERE account_id = $1 AND tag = $2"
_UNFEATURE_BY_ID: Final = "DELETE FROM featured_tags WHERE account_id = $1 AND id = $2"
# What everybody may know of: the others count for nobody.
_OF_FEATURED: Final[LiteralString] = (
    " FROM status_tags t JOIN statuses s ON s.id = t.status_id WHERE t.account_id = f.account_id"
    " AND t.tag = f.tag AND s.visibility <= 1 AND s.deleted_ms IS NULL)"
)
_LIST_FEATURED: Final = (
    "SELECT f.id, f.tag, f.name, (SELECT COUNT(*)"
    + _OF_FEATURED
    + ", (SELECT MAX(t.status_id)"
    + _OF_FEATURED
    + " FROM featured_tags f WHERE f.account_id = $1 ORDER BY f.id"
)
_LIST_FEATURED_NAMES: Final = "SELECT tag FROM featured_tags WHERE account_id = $1"
_LIST_USED: Final = (
    "SELECT t.tag FROM (SELECT id FROM statuses WHERE account_id = $1 AND deleted_ms IS NULL"
    " AND visibility <= 1 ORDER BY id DESC LIMIT $2) r JOIN status_tags t ON t.status_id = r.id"
    " WHERE t.tag NOT IN (SELECT tag FROM featured_tags WHERE account_id = $1)"
    " GROUP BY t.tag ORDER BY COUNT(*) DESC, t.tag LIMIT $3"
)


async def insert_featured(
    tx: Transaction, account_id: AccountId, *, tag: str, spelling: str, featured_id: int
) -> None:
    """Feature a tag; a second time changes nothing."""
    await tx.run(_FEATURE, account_id, tag, spelling, featured_id)


async def delete_featured(tx: Transaction, account_id: AccountId, tag: str) -> None:
    """Feature a tag no more."""
    await tx.run(_UNFEATURE, account_id, tag)


async def delete_featured_by_id(tx: Transaction, account_id: AccountId, featured_id: int) -> bool:
    """Feature a tag no more; False when the account features none by this id."""
    return bool(await tx.run(_UNFEATURE_BY_ID, account_id, featured_id))


async def list_featured_names(tx: Reader, account_id: AccountId) -> set[str]:
    """The names of what an account features."""
    return {row[0] for row in await tx.all(_LIST_FEATURED_NAMES, account_id)}


async def list_featured(db: Database, account_id: AccountId) -> list[FeaturedTagView]:
    """What an account features, oldest first, with how much it says under each."""
    return [FeaturedTagView(*row) for row in await db.all_slow(_LIST_FEATURED, account_id)]


async def list_used(db: Database, account_id: AccountId, limit: int) -> list[str]:
    """The tags that an account used most of late and does not feature."""
    rows = await db.all_slow(_LIST_USED, account_id, OWN_STATUSES_LOOKED_AT_MAX, limit)
    return [row[0] for row in rows]
