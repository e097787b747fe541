"""Homes in SQL, when what lies between two accounts changes: what comes in, and what goes.

New statuses are put into homes by storage/timelines, in the transaction that posts them; the
conditions here are the same ones, asked for one reader and the newest statuses of one author.
A reader's own entries are never touched: what they said of somebody stays theirs.
"""

from typing import Final, LiteralString

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.relationships import Follow
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import addressed

BACKFILL_LOOKED_AT: Final = 10 * limits.HOME_BACKFILL_STATUSES
"""How many of an author's newest statuses are looked at to find those that may come in."""

_UNWANTED: Final[LiteralString] = (
    "SELECT target_id FROM blocks WHERE account_id = $1"
    " UNION ALL SELECT account_id FROM blocks WHERE target_id = $1"
    " UNION ALL SELECT target_id FROM mutes WHERE account_id = $1"
)
_BACKFILL: Final = (
    "INSERT INTO home_entries (account_id, status_id, author_id, boost_of_id, boost_author_id)"
    " SELECT CAST($1 AS BIGINT), p.id, p.account_id, p.boost_of_id, o.account_id"
    " FROM (SELECT id, account_id, boost_of_id, in_reply_to_account_id, visibility, language,"
    " thread_id"
    " FROM statuses WHERE account_id = $2 AND deleted_ms IS NULL ORDER BY id DESC LIMIT $3) p"
    " LEFT JOIN statuses o ON o.id = p.boost_of_id"
    " WHERE (p.visibility <= 2 OR (p.visibility = 4 AND " + addressed("$1", "p.thread_id") + "))"
    " AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.target_id = $2)"
    " AND (CAST($5 AS TEXT) = '' OR p.language IS NULL"
    " OR CAST($5 AS TEXT) LIKE '% ' || p.language || ' %')"
    " AND (p.in_reply_to_account_id IS NULL OR p.in_reply_to_account_id = $1"
    " OR p.in_reply_to_account_id = p.account_id OR EXISTS (SELECT 1 FROM followings g"
    " WHERE g.account_id = $1 AND g.target_id = p.in_reply_to_account_id))"
    " AND NOT EXISTS (SELECT 1 FROM status_mentions m WHERE m.status_id = p.id"
    " AND m.account_id IN (" + _UNWANTED + "))"
    " AND (p.boost_of_id IS NULL OR (CAST($6 AS BIGINT) = 1 AND o.account_id <> $1"
    " AND o.deleted_ms IS NULL AND o.account_id NOT IN (" + _UNWANTED + ")"
    " AND NOT EXISTS (SELECT 1 FROM home_entries h WHERE h.account_id = $1"
    " AND h.status_id = p.boost_of_id)"
    " AND NOT EXISTS (SELECT 1 FROM (SELECT h.boost_of_id FROM home_entries h"
    " WHERE h.account_id = $1 ORDER BY h.status_id DESC LIMIT 40) recent"
    " WHERE recent.boost_of_id = p.boost_of_id)))"
    " ORDER BY p.id DESC LIMIT $4 ON CONFLICT (account_id, status_id) DO NOTHING"
)
_LEAVE: Final = "DELETE FROM home_entries WHERE account_id = $1 AND author_id = $2"
_CLEAR: Final = (
    "DELETE FROM home_entries WHERE account_id = $1 AND (author_id = $2 OR boost_author_id = $2"
    " OR (author_id <> $1 AND EXISTS (SELECT 1 FROM status_mentions m"
    " WHERE m.status_id = home_entries.status_id AND m.account_id = $2)))"
)


def filling(reader_id: AccountId, author_id: AccountId, follow: Follow) -> Statement:
    """The statement that brings the newest of an author's statuses into a home.

    Nothing comes of an author whom the reader mutes.
    """
    languages = f" {' '.join(follow.languages)} " if follow.languages else ""
    return _BACKFILL, (
        reader_id,
        author_id,
        BACKFILL_LOOKED_AT,
        limits.HOME_BACKFILL_STATUSES,
        languages,
        int(follow.shows_boosts),
    )


def leaving(reader_id: AccountId, author_id: AccountId) -> Statement:
    """The statement that takes an author's statuses and boosts out of a home.

    What others whom the reader follows boosted of theirs stays.
    """
    return _LEAVE, (reader_id, author_id)


def clearing(reader_id: AccountId, other_id: AccountId) -> Statement:
    """The statement that takes everything out of a home by which one would meet the other."""
    return _CLEAR, (reader_id, other_id)
