"""Trends in SQL: what was taken up most in the last days.

Both statements look at a bounded number of the newest rows and at nothing of a viewer. They
take a while on a busy server, so their answers are kept for some minutes (services/trends).
"""

from typing import Final

from stonechat.domain.trends import STATUS_MARKS_MIN, TAG_ACCOUNTS_MIN, TrendingStatus
from stonechat.storage.database import Database
from stonechat.storage.visibility import HIDING_STATES

USES_LOOKED_AT_MAX: Final = 50_000
STATUSES_LOOKED_AT_MAX: Final = 20_000

_LIST_TAGS: Final = (
    "SELECT u.tag FROM (SELECT tag, account_id, is_public FROM status_tags WHERE status_id >= $1"
    " ORDER BY status_id DESC LIMIT $2) u JOIN accounts a ON a.id = u.account_id"
    " AND a.state NOT IN "
    + HIDING_STATES
    + " WHERE u.is_public = 1 GROUP BY u.tag HAVING COUNT(DISTINCT u.account_id) >= $3"
    " ORDER BY COUNT(DISTINCT u.account_id) DESC, COUNT(*) DESC, u.tag LIMIT $4"
)
# What may hurt unasked does not trend, and neither does an answer: it is half a conversation.
_LIST_STATUSES: Final = (
    "SELECT r.id, r.account_id, r.marks FROM (SELECT s.id, s.account_id,"
    " s.favourites + s.boosts AS marks FROM statuses s WHERE s.visibility = 0"
    " AND s.boost_of_id IS NULL AND s.deleted_ms IS NULL"
    " AND (s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id = s.account_id)"
    " AND s.in_reply_to_id IS NULL AND s.is_sensitive = 0 AND s.id >= $1"
    " ORDER BY s.id DESC LIMIT $2) r WHERE r.marks >= $3 ORDER BY r.marks DESC, r.id DESC LIMIT $4"
)


async def list_tags(db: Database, first_id: int, limit: int) -> list[str]:
    """The tags that most people used since an id."""
    rows = await db.all_slow(_LIST_TAGS, first_id, USES_LOOKED_AT_MAX, TAG_ACCOUNTS_MIN, limit)
    return [row[0] for row in rows]


async def list_statuses(db: Database, first_id: int, limit: int) -> list[TrendingStatus]:
    """The public statuses since an id that were favourited and boosted most."""
    rows = await db.all_slow(
        _LIST_STATUSES, first_id, STATUSES_LOOKED_AT_MAX, STATUS_MARKS_MIN, limit
    )
    return [TrendingStatus._make(row) for row in rows]
