"""Notifications in SQL: what happened that concerns an account, one row each.

Every notice is written in the transaction of what it tells of, and taken back in the one that
undoes it, so the list never shows what is not so. Whether somebody wants to hear of it (blocks,
mutes, muted threads) is part of the INSERT. One row per reader, kind, cause and status.
"""

from typing import Final, LiteralString

from stonechat.domain.ids import AccountId, StatusId
from stonechat.storage.database import Transaction
from stonechat.storage.statuses import Statement

# `r` is the row of the reader: somebody who hears of it must neither block nor mute its cause.
_WILLING: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = r.account_id"
    " AND b.target_id = $2) AND NOT EXISTS (SELECT 1 FROM mutes u"
    " WHERE u.account_id = r.account_id AND u.target_id = $2 AND u.hides_notifications = 1)"
)
_NOT_MUTED_THREAD: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM thread_mutes h JOIN statuses s ON s.thread_id = h.thread_id"
    " WHERE h.account_id = r.account_id AND s.id = $3)"
)
_INSERT: Final[LiteralString] = (
    "INSERT INTO notifications (account_id, id, type, from_id, status_id)"
    " SELECT r.account_id, CAST($1 AS BIGINT), CAST($4 AS TEXT), CAST($2 AS BIGINT),"
    " CAST($3 AS BIGINT) FROM "
)
_TO_MENTIONED: Final = (
    _INSERT + "status_mentions r WHERE r.status_id = $3 AND r.is_silent = 0"
    " AND r.account_id <> $2" + _WILLING + _NOT_MUTED_THREAD + " ON CONFLICT DO NOTHING"
)
_TO_WATCHERS: Final = (
    _INSERT
    + "followers r WHERE r.target_id = $2 AND r.notifies = 1"
    + _WILLING
    + " ON CONFLICT DO NOTHING"
)
_TO_ONE: Final = (
    _INSERT
    + "account_counters r WHERE r.account_id = $5 AND r.account_id <> $2"
    + _WILLING
    + _NOT_MUTED_THREAD
    + " ON CONFLICT DO NOTHING"
)
_TO_BOOSTERS: Final = (
    _INSERT
    + "boosts r WHERE r.of_id = $3 AND r.account_id <> $2"
    + _WILLING
    + _NOT_MUTED_THREAD
    + " ON CONFLICT DO NOTHING"
)


def telling_mentioned(notice_id: int, author_id: AccountId, status_id: StatusId) -> Statement:
    """Tell everybody whom a status mentions and who was not told of it yet."""
    return _TO_MENTIONED, (notice_id, author_id, status_id, "mention")


def telling_watchers(notice_id: int, author_id: AccountId, status_id: StatusId) -> Statement:
    """Tell the followers who asked to hear of everything that this author says."""
    return _TO_WATCHERS, (notice_id, author_id, status_id, "status")


def telling_boosters(notice_id: int, author_id: AccountId, status_id: StatusId) -> Statement:
    """Tell those who boosted a status that its author changed it."""
    return _TO_BOOSTERS, (notice_id, author_id, status_id, "update")


def telling(
    notice_id: int,
    to_id: AccountId,
    type_: str,
    from_id: AccountId,
    status_id: StatusId | None = None,
) -> Statement:
    """Tell one account of one thing that another account did."""
    return _TO_ONE, (notice_id, from_id, status_id, type_, to_id)


_FORGET: Final = (
    "DELETE FROM notifications WHERE account_id = $1 AND type = $2 AND from_id = $3"
    " AND COALESCE(status_id, 0) = $4"
)
_FORGET_STATUS: Final = "DELETE FROM notifications WHERE status_id = $1"


def forgetting(
    to_id: AccountId, type_: str, from_id: AccountId, status_id: StatusId | None = None
) -> Statement:
    """Take back what one account was told of another."""
    return _FORGET, (to_id, type_, from_id, status_id or 0)


async def delete_of_status(tx: Transaction, status_id: StatusId) -> None:
    """Take back everything that was told of a status."""
    await tx.run(_FORGET_STATUS, status_id)
