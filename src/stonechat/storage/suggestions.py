"""Suggestions in SQL: whom an account might follow.

Only accounts that wish to be found are suggested, and nobody's follows are told of who hides
them. What an account has dealt with already (follows, requests, blocks either way, mutes, a
dismissal) is one set, worked out once per statement.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.directory import ACCOUNTS_CONSIDERED_MAX
from stonechat.domain.ids import AccountId
from stonechat.storage.database import Database, Reader, Transaction
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.visibility import hidden_accounts

FRIENDS_LOOKED_AT_MAX: Final = 200
FOLLOWS_LOOKED_AT_MAX: Final = 20_000
CANDIDATES_MAX: Final = 500

_DEALT_WITH: Final[LiteralString] = (
    "SELECT target_id FROM followings WHERE account_id = $1"
    " UNION ALL SELECT target_id FROM follow_requests WHERE account_id = $1"
    " UNION ALL SELECT target_id FROM dismissed_suggestions WHERE account_id = $1"
    " UNION ALL " + hidden_accounts("$1", "$2")
)
_FINDABLE: Final[LiteralString] = (
    "SELECT a.id FROM accounts a WHERE a.is_discoverable = 1 AND a.state = 'active'"
    " AND a.domain IS NULL"
)
_LIST_OF_FRIENDS: Final = (
    "SELECT x.id FROM (SELECT g.target_id AS id FROM (SELECT f.target_id FROM followings f"
    " WHERE f.account_id = $1 ORDER BY f.id DESC LIMIT $3) d"
    " JOIN accounts w ON w.id = d.target_id AND w.hides_collections = 0"
    " JOIN followings g ON g.account_id = d.target_id LIMIT $4) x"
    " WHERE x.id <> $1 AND x.id NOT IN (" + _DEALT_WITH + ")"
    " GROUP BY x.id ORDER BY COUNT(*) DESC, x.id LIMIT $5"
)
# `a.id > 0` is always so: it says that the index of those who wish to be found is walked.
_LIST_MOST_FOLLOWED: Final = (
    "SELECT c.account_id FROM (" + _FINDABLE + " AND a.id > 0 AND a.id <> $1"
    " AND a.id NOT IN (" + _DEALT_WITH + ") ORDER BY a.id DESC LIMIT $3) d"
    " JOIN account_counters c ON c.account_id = d.id"
    " ORDER BY c.followers DESC, c.account_id DESC LIMIT $4"
)


async def list_of_friends(db: Database, account_id: AccountId, now_ms: int) -> list[AccountId]:
    """Whom those follow whom an account follows, most often named first; findable or not."""
    rows = await db.all_slow(
        _LIST_OF_FRIENDS,
        account_id,
        now_ms,
        FRIENDS_LOOKED_AT_MAX,
        FOLLOWS_LOOKED_AT_MAX,
        CANDIDATES_MAX,
    )
    return [AccountId(row[0]) for row in rows]


@cache
def _findable_sql(count: int) -> LiteralString:
    return _FINDABLE + " AND a.id IN (" + parameters(1, count) + ")"


async def load_findable(tx: Reader, account_ids: Sequence[AccountId]) -> set[AccountId]:
    """Those of at most CANDIDATES_MAX accounts that wish to be found."""
    if not account_ids:
        return set()
    ids = padded(account_ids)
    return {row[0] for row in await tx.all(_findable_sql(len(ids)), *ids)}


async def list_most_followed(
    db: Database, account_id: AccountId, now_ms: int, limit: int
) -> list[AccountId]:
    """Of the newest accounts that wish to be found, those with the most followers."""
    rows = await db.all_slow(
        _LIST_MOST_FOLLOWED, account_id, now_ms, ACCOUNTS_CONSIDERED_MAX, limit
    )
    return [AccountId(row[0]) for row in rows]


_DISMISS: Final = (
    "INSERT INTO dismissed_suggestions (account_id, target_id) SELECT CAST($1 AS BIGINT), a.id"
    " FROM accounts a WHERE a.id = $2 ON CONFLICT (account_id, target_id) DO NOTHING"
)


async def insert_dismissal(tx: Transaction, account_id: AccountId, target_id: AccountId) -> None:
    """Suggest an account no more; one that does not exist needs no dismissal."""
    await tx.run(_DISMISS, account_id, target_id)
