"""Followers of categories in SQL. A follow is a row of tag_follows, under the category's hashtag.

The rows are written by storage/tags, which counts them in the category's row; here they are read,
and written for everybody at once. Whoever writes takes rows of tag_follows first and the category
after them, and several categories in the order of their hashtags, so that nobody waits in a circle.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, CategoryId
from stonechat.storage.database import Database, Reader, Transaction
from stonechat.storage.idioms import IN_MAX, padded, parameters
from stonechat.storage.visibility import HIDING_STATES


@cache
def _load_followed_sql(count: int) -> LiteralString:
    return (
        "SELECT c.id FROM categories c JOIN tag_follows f ON f.account_id = $1 AND f.tag = c.tag"
        " WHERE c.id IN (" + parameters(2, count) + ")"
    )


async def load_followed(
    tx: Reader, account_id: AccountId, ids: Sequence[CategoryId]
) -> frozenset[CategoryId]:
    """Those of some categories that an account follows."""
    found: set[CategoryId] = set()
    for start in range(0, len(ids), IN_MAX):
        some = padded(ids[start : start + IN_MAX])
        rows = await tx.all(_load_followed_sql(len(some)), account_id, *some)
        found.update(row[0] for row in rows)
    return frozenset(found)


_IS_FORCED: Final = (
    "SELECT 1 FROM categories WHERE tag = $1 AND auto_follow = 'forced' AND is_active = 1"
    " AND deleted_ms IS NULL"
)
_LIST_AUTOMATIC: Final = (
    "SELECT tag FROM categories WHERE auto_follow <> 'none' AND is_active = 1"
    " AND deleted_ms IS NULL ORDER BY tag LIMIT $1"
)


async def is_forced(tx: Reader, tag: str) -> bool:
    """Whether a hashtag is that of a category which nobody may leave."""
    return await tx.one(_IS_FORCED, tag) is not None


async def list_automatic(tx: Reader) -> list[str]:
    """The hashtags of the categories that newcomers follow."""
    return [row[0] for row in await tx.all(_LIST_AUTOMATIC, limits.CATEGORIES_MAX)]


# Between a follower who is shown and the viewer there is no block.
_SHOWN: Final[LiteralString] = (
    "a.state NOT IN " + HIDING_STATES + " AND NOT EXISTS (SELECT 1 FROM blocks b"
    " WHERE b.account_id = a.id AND b.target_id = $2) AND NOT EXISTS (SELECT 1 FROM blocks b"
    " WHERE b.account_id = $2 AND b.target_id = a.id)"
)
_LIST_FOLLOWERS: Final = (
    "SELECT f.account_id FROM tag_follows f JOIN accounts a ON a.id = f.account_id"
    " WHERE f.tag = $1 AND " + _SHOWN + " ORDER BY f.account_id DESC LIMIT $3 OFFSET $4"
)
_COUNT_FOLLOWERS: Final = (
    "SELECT COUNT(*) FROM (SELECT f.account_id FROM tag_follows f"
    " JOIN accounts a ON a.id = f.account_id WHERE f.tag = $1 AND " + _SHOWN + " LIMIT $3) counted"
)
# Who said most comes first, and of two who said as much the newer account.
_LIST_LIVELY: Final = (
    "SELECT x.account_id FROM (SELECT s.account_id, COUNT(*) AS said"
    " FROM (SELECT e.status_id FROM category_entries e WHERE e.category_id = $3 AND e.is_open = 1"
    " AND e.status_id >= $4 ORDER BY e.status_id DESC LIMIT $5) n"
    " JOIN statuses s ON s.id = n.status_id AND s.deleted_ms IS NULL"
    " JOIN tag_follows f ON f.account_id = s.account_id AND f.tag = $1"
    " JOIN accounts a ON a.id = s.account_id WHERE " + _SHOWN + " GROUP BY s.account_id) x"
    " ORDER BY x.said DESC, x.account_id DESC LIMIT $6"
)
_COUNT_KNOWN: Final = (
    "SELECT COUNT(*) FROM followings g JOIN tag_follows f ON f.account_id = g.target_id"
    " AND f.tag = $2 WHERE g.account_id = $1"
)


async def list_followers(
    db: Database, tag: str, viewer_id: AccountId, *, limit: int, offset: int
) -> list[AccountId]:
    """Who follows a hashtag, the newest accounts first."""
    rows = await db.all_slow(_LIST_FOLLOWERS, tag, viewer_id, limit, offset)
    return [row[0] for row in rows]


async def count_followers(db: Database, tag: str, viewer_id: AccountId) -> int:
    """How many those are, up to a bound."""
    ((count,),) = await db.all_slow(_COUNT_FOLLOWERS, tag, viewer_id, limits.MEMBERS_COUNTED_MAX)
    return int(count)


async def list_lively(
    db: Database,
    tag: str,
    viewer_id: AccountId,
    category_id: CategoryId,
    first_id: int,
) -> list[AccountId]:
    """Followers who filed something in a category from an id on, the liveliest first."""
    bounds = limits.CATEGORY_TREND_ENTRIES_MAX, limits.CATEGORY_TREND_FOLLOWERS_MAX
    rows = await db.all_slow(_LIST_LIVELY, tag, viewer_id, category_id, first_id, *bounds)
    return [row[0] for row in rows]


async def count_known(db: Database, viewer_id: AccountId, tag: str) -> int:
    """How many of those whom somebody follows follow a hashtag."""
    ((count,),) = await db.all_slow(_COUNT_KNOWN, viewer_id, tag)
    return int(count)


_FIND_REACH: Final = (
    "SELECT MAX(p.id) FROM (SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT $2) p"
)
_FOLLOW_SOME: Final = (
    "INSERT INTO tag_follows (account_id, tag, id)"
    " SELECT a.id, c.tag, CAST($4 AS BIGINT) FROM categories c"
    " JOIN accounts a ON a.id > $2 AND a.id <= $3 AND a.domain IS NULL AND a.state <> 'deleted'"
    " WHERE c.id = $1 AND c.auto_follow = 'forced' AND c.deleted_ms IS NULL"
    " ON CONFLICT (account_id, tag) DO NOTHING"
)
_COUNT_SOME: Final = (
    "UPDATE categories SET followers = followers + $2, version = version + 1 WHERE id = $1"
)
_HOLD: Final = "UPDATE categories SET version = version WHERE id = $1"
_COUNT_AGAIN: Final = (
    "UPDATE categories SET version = version + 1,"
    " followers = (SELECT COUNT(*) FROM tag_follows f WHERE f.tag = categories.tag) WHERE id = $1"
)


async def find_reach(tx: Reader, after: int, limit: int) -> int | None:
    """The last of the next accounts in the order of their ids; None where there is none."""
    row = await tx.one(_FIND_REACH, after, limit)
    assert row is not None
    return row[0]


async def follow_some(
    tx: Transaction, category_id: CategoryId, after: int, last: int, follow_id: int
) -> None:
    """Have the accounts between two ids follow a forced category, if they do not yet."""
    joined = await tx.run(_FOLLOW_SOME, category_id, after, last, follow_id)
    if joined:
        await tx.run(_COUNT_SOME, category_id, joined)


async def count_again(tx: Transaction, category_id: CategoryId) -> None:
    """Count the followers of a category anew; whoever comes or goes meanwhile waits."""
    await tx.run(_HOLD, category_id)
    await tx.run(_COUNT_AGAIN, category_id)
