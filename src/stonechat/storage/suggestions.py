"""Suggestions in SQL: whom an account might follow.

Only accounts that wish to be found are suggested, and nobody's follows are told of who hides
them. What an account has dealt with already (follows, requests, blocks either way, mutes, a
dismissal) is one set, worked out once per statement.
"""

from typing import Final, LiteralString

from stonechat.domain.ids import AccountId
from stonechat.storage.database import Database, Transaction
from stonechat.storage.visibility import hidden_accounts

FRIENDS_LOOKED_AT_MAX: Final = 200
FOLLOWS_LOOKED_AT_MAX: Final = 20_000

_DEALT_WITH: Final[LiteralString] = (
    "SELECT target_id FROM followings WHERE account_id = $1"
    " UNION ALL SELECT target_id FROM follow_requests WHERE account_id = $1"
    " UNION ALL SELECT target_id FROM dismissed_suggestions WHERE account_id = $1"
    " UNION ALL " + hidden_accounts("$1", "$2")
)
_OPEN: Final[LiteralString] = (
    " a.is_discoverable = 1 AND a.state = 'active' AND a.domain IS NULL AND a.id <> $1"
    " AND a.id NOT IN (" + _DEALT_WITH + ")"
)
_LIST_FRIENDS_OF_FRIENDS: Final = (
    "SELECT a.id FROM (SELECT g.target_id AS id FROM (SELECT f.target_id FROM followings f"
    " WHERE f.account_id = $1 ORDER BY f.id DESC LIMIT $3) d"
    " JOIN accounts w ON w.id = d.target_id AND w.hides_collections = 0"
    " JOIN followings g ON g.account_id = d.target_id LIMIT $4) x"
    " JOIN accounts a ON a.id = x.id WHERE" + _OPEN + ""
    " GROUP BY a.id ORDER BY COUNT(*) DESC, a.id LIMIT $5"
)
_LIST_MOST_FOLLOWED: Final = (
    "SELECT a.id FROM account_counters c JOIN accounts a ON a.id = c.account_id WHERE"
    + _OPEN
    + " ORDER BY c.followers DESC, c.account_id DESC LIMIT $3"
)
_DISMISS: Final = (
    "INSERT INTO dismissed_suggestions (account_id, target_id) SELECT CAST($1 AS BIGINT), a.id"
    " FROM accounts a WHERE a.id = $2 ON CONFLICT (account_id, target_id) DO NOTHING"
)


async def list_friends_of_friends(
    db: Database, account_id: AccountId, now_ms: int, limit: int
) -> list[AccountId]:
    """Whom those follow whom an account follows, most often named first."""
    rows = await db.all_slow(
        _LIST_FRIENDS_OF_FRIENDS,
        account_id,
        now_ms,
        FRIENDS_LOOKED_AT_MAX,
        FOLLOWS_LOOKED_AT_MAX,
        limit,
    )
    return [AccountId(row[0]) for row in rows]


async def list_most_followed(
    db: Database, account_id: AccountId, now_ms: int, limit: int
) -> list[AccountId]:
    """The accounts with the most followers."""
    rows = await db.all_slow(_LIST_MOST_FOLLOWED, account_id, now_ms, limit)
    return [AccountId(row[0]) for row in rows]


async def insert_dismissal(tx: Transaction, account_id: AccountId, target_id: AccountId) -> None:
    """Suggest an account no more; one that does not exist needs no dismissal."""
    await tx.run(_DISMISS, account_id, target_id)
