"""Notifications in SQL: what happened that concerns an account, one row each.

Every notice is written in the transaction of what it tells of, and taken back in the one that
undoes it, so the list never shows what is not so. Whether somebody wants to hear of it (blocks,
mutes, muted threads) is part of the INSERT. One row per reader, kind, cause and status.

Lists, and what takes notices away, are here as the dialects for microblogs have them: without the
communal kinds. As communities have them they are read in storage/interactions.
"""

from functools import cache
from typing import Final, LiteralString

from stonechat.domain.ids import AccountId, CustomNoticeId, StatusId
from stonechat.domain.notifications import (
    COMMENT,
    COMMUNAL,
    CUSTOM,
    MODERATION,
    NEARBY_COMMENT,
    OPEN_TYPES,
    Notice,
    NoticeChoice,
)
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import Status
from stonechat.kernel.ids import ms_of_id
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Database, Reader, Transaction
from stonechat.storage.idioms import parameters
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES, addressed, visible

NEARBY_CONSIDERED_MAX: Final = 200
"""Who said one of so many answers before is told of a comment beside it."""

# `r` is the row of the reader: somebody who hears of it must neither block nor mute its cause.
_WILLING: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = r.account_id"
    " AND b.target_id = $2) AND NOT EXISTS (SELECT 1 FROM mutes u"
    " WHERE u.account_id = r.account_id AND u.target_id = $2 AND u.hides_notifications = 1"
    " AND (u.expires_ms IS NULL OR u.expires_ms > $5))"
)
_NOT_MUTED_THREAD: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM thread_mutes h JOIN statuses s ON s.thread_id = h.thread_id"
    " WHERE h.account_id = r.account_id AND s.id = $3)"
)
# What is addressed to labels is told to those only who carry one, and to its author.
_AUDIENCE: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM statuses s WHERE s.id = $3 AND s.visibility = 4"
    " AND s.account_id <> r.account_id AND NOT " + addressed("r.account_id", "s.thread_id") + ")"
)
_INSERT: Final[LiteralString] = (
    "INSERT INTO notifications (account_id, id, type, from_id, status_id)"
    " SELECT r.account_id, CAST($1 AS BIGINT), CAST($4 AS TEXT), CAST($2 AS BIGINT),"
    " CAST($3 AS BIGINT) FROM "
)
_TO_MENTIONED: Final = (
    _INSERT + "status_mentions r WHERE r.status_id = $3 AND r.is_silent = 0"
    " AND r.account_id <> $2" + _AUDIENCE + _WILLING + _NOT_MUTED_THREAD + " ON CONFLICT DO NOTHING"
)
_TO_WATCHERS: Final = (
    _INSERT
    + "followers r WHERE r.target_id = $2 AND r.notifies = 1"
    + _AUDIENCE
    + _WILLING
    + " ON CONFLICT DO NOTHING"
)
_INSERT_COMMUNAL: Final[LiteralString] = (
    "INSERT INTO notifications (account_id, id, type, from_id, status_id, is_communal)"
    " SELECT r.account_id, CAST($1 AS BIGINT), CAST($4 AS TEXT), CAST($2 AS BIGINT),"
    " CAST($3 AS BIGINT), 1 FROM "
)
_ONE: Final = (
    "account_counters r WHERE r.account_id = $6 AND r.account_id <> $2"
    + _AUDIENCE
    + _WILLING
    + _NOT_MUTED_THREAD
    + " ON CONFLICT DO NOTHING"
)
_TO_ONE: Final = _INSERT + _ONE
_TO_ONE_COMMUNAL: Final = _INSERT_COMMUNAL + _ONE
# Whoever is told the same again is told it as something new. It comes from nobody in particular.
_TO_MODERATED: Final = (
    "INSERT INTO notifications (account_id, id, type, from_id, status_id, is_communal, days)"
    " SELECT r.account_id, CAST($1 AS BIGINT), CAST($4 AS TEXT), r.account_id,"
    " CAST($3 AS BIGINT), 1, CAST($5 AS BIGINT) FROM account_counters r WHERE r.account_id = $2"
    + _NOT_MUTED_THREAD
    + " ON CONFLICT (account_id, type, from_id, COALESCE(status_id, 0))"
    " DO UPDATE SET id = excluded.id, days = excluded.days"
)
# What stands for a status is the words: so an account is told each of its own.
_TO_ONE_IN_WORDS: Final = (
    _INSERT_COMMUNAL + "account_counters r WHERE r.account_id = $6 AND r.account_id <> $2"
    "" + _WILLING + " ON CONFLICT DO NOTHING"
)
_TO_FOLLOWERS_IN_WORDS: Final = (
    _INSERT_COMMUNAL + "followers r WHERE r.target_id = $2 AND r.account_id > $6"
    " AND r.account_id <= $7" + _WILLING + " ON CONFLICT DO NOTHING"
)
# The answer's own row is not there yet for a statement of the same write set: nothing here asks
# for it. $6 is the contribution; whom the answer mentions was written before, if it does.
_HEARING: Final[LiteralString] = (
    " AND r.account_id <> $2 AND NOT EXISTS (SELECT 1 FROM blocks o WHERE o.account_id = $2"
    " AND o.target_id = r.account_id)"
    " AND NOT EXISTS (SELECT 1 FROM thread_mutes h WHERE h.account_id = r.account_id"
    " AND h.thread_id = $6) AND EXISTS (SELECT 1 FROM statuses s"
    " JOIN accounts a ON a.id = s.account_id WHERE s.id = $6 AND "
    "" + visible("r.account_id") + ")" + _WILLING
)
_TO_THREAD: Final = _INSERT + "thread_follows r WHERE r.status_id = $6" + _HEARING
_NEARBY: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM thread_follows f WHERE f.account_id = r.account_id"
    " AND f.status_id = $6)"
)
_TO_PARTICIPANTS: Final = (
    _INSERT_COMMUNAL + "(SELECT DISTINCT q.account_id FROM (SELECT p.account_id FROM statuses p"
    " WHERE p.thread_id = $6 AND p.id < $3 AND p.in_reply_to_id IS NOT NULL"
    " AND p.deleted_ms IS NULL ORDER BY p.id DESC LIMIT $7) q) r WHERE r.account_id > 0"
    "" + _NEARBY + _HEARING
)
_TO_SIBLINGS: Final = (
    _INSERT_COMMUNAL + "(SELECT p.account_id FROM statuses p WHERE p.id = $8"
    " UNION SELECT q.account_id FROM (SELECT p.account_id FROM statuses p WHERE p.top_id = $8"
    " AND p.id < $3 AND p.deleted_ms IS NULL ORDER BY p.id DESC LIMIT $7) q) r"
    " WHERE r.account_id > 0" + _NEARBY + _HEARING
)
_NOT_MENTIONED: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM status_mentions m WHERE m.status_id = $3"
    " AND m.account_id = r.account_id)"
)
_FOLLOWING_AUTHOR: Final[LiteralString] = (
    " AND EXISTS (SELECT 1 FROM followings f WHERE f.account_id = r.account_id"
    " AND f.target_id = $2)"
)
_ADDRESSED: Final[LiteralString] = " AND " + addressed("r.account_id", "$6")
_TO_FOLLOWER: Final = (
    _INSERT
    + "followings r WHERE r.account_id = $6 AND r.target_id = $2"
    + _WILLING
    + _NOT_MUTED_THREAD
    + " ON CONFLICT DO NOTHING"
)
# They are told of their own status, which holds the quote; of the newest, where there are several.
_TO_QUOTERS: Final = (
    "INSERT INTO notifications (account_id, id, type, from_id, status_id)"
    " SELECT r.account_id, CAST($1 AS BIGINT), CAST($4 AS TEXT), CAST($2 AS BIGINT), r.status_id"
    " FROM (SELECT p.account_id, MAX(p.id) AS status_id FROM statuses p WHERE p.quote_of_id = $3"
    " AND p.quote_state = 'accepted' AND p.deleted_ms IS NULL GROUP BY p.account_id) r"
    " WHERE r.account_id <> $2" + _WILLING + _NOT_MUTED_THREAD + " ON CONFLICT DO NOTHING"
)
_TO_BOOSTERS: Final = (
    _INSERT
    + "boosts r WHERE r.of_id = $3 AND r.account_id <> $2"
    + _AUDIENCE
    + _WILLING
    + _NOT_MUTED_THREAD
    + " ON CONFLICT DO NOTHING"
)
# The end of a poll is the one thing that its author is told of although it is their own.
_TO_ASKER: Final = (
    _INSERT
    + "account_counters r WHERE r.account_id = $2"
    + _NOT_MUTED_THREAD
    + " ON CONFLICT DO NOTHING"
)
_TO_VOTERS: Final = (
    _INSERT + "(SELECT DISTINCT account_id FROM poll_votes WHERE status_id = $3"
    " AND account_id > $6 AND account_id <= $7) r WHERE r.account_id <> $2"
    + _AUDIENCE
    + _WILLING
    + _NOT_MUTED_THREAD
    + " ON CONFLICT DO NOTHING"
)


def telling_mentioned(notice_id: int, author_id: AccountId, status_id: StatusId) -> Statement:
    """Tell everybody whom a status mentions and who was not told of it yet."""
    return _TO_MENTIONED, (notice_id, author_id, status_id, "mention", ms_of_id(notice_id))


def telling_watchers(notice_id: int, author_id: AccountId, status_id: StatusId) -> Statement:
    """Tell the followers who asked to hear of everything that this author says."""
    return _TO_WATCHERS, (notice_id, author_id, status_id, "status", ms_of_id(notice_id))


def telling_boosters(notice_id: int, author_id: AccountId, status_id: StatusId) -> Statement:
    """Tell those who boosted a status that its author changed it."""
    return _TO_BOOSTERS, (notice_id, author_id, status_id, "update", ms_of_id(notice_id))


def telling_asker(notice_id: int, author_id: AccountId, status_id: StatusId) -> Statement:
    """Tell the author of a poll that it is over."""
    return _TO_ASKER, (notice_id, author_id, status_id, "poll")


def telling_voters(
    notice_id: int,
    author_id: AccountId,
    status_id: StatusId,
    *,
    above: AccountId,
    up_to: AccountId,
) -> Statement:
    """Tell those voters of a poll whose ids lie above one and up to the other that it is over."""
    now_ms = ms_of_id(notice_id)
    return _TO_VOTERS, (notice_id, author_id, status_id, "poll", now_ms, above, up_to)


def telling(
    notice_id: int,
    to_id: AccountId,
    type_: str,
    from_id: AccountId,
    status_id: StatusId | None = None,
) -> Statement:
    """Tell one account of one thing that another account did."""
    if type_ in MODERATION:
        return telling_of_moderation(notice_id, to_id, type_, status_id)
    sql = _TO_ONE_COMMUNAL if type_ in COMMUNAL else _TO_ONE
    return sql, (notice_id, from_id, status_id, type_, ms_of_id(notice_id), to_id)


def telling_of_moderation(
    notice_id: int,
    to_id: AccountId,
    type_: str,
    status_id: StatusId | None = None,
    *,
    days: int | None = None,
) -> Statement:
    """Tell somebody what moderators did; `days` is how long they are blocked, None for good."""
    return _TO_MODERATED, (notice_id, to_id, status_id, type_, days)


def telling_in_words(notice_id: CustomNoticeId, from_id: AccountId, to_id: AccountId) -> Statement:
    """Tell one account what an administrator says; the words have the notice's own id."""
    told = (notice_id, from_id, notice_id, CUSTOM, ms_of_id(notice_id))
    return _TO_ONE_IN_WORDS, (*told, to_id)


def telling_followers_in_words(
    notice_id: CustomNoticeId, from_id: AccountId, *, above: AccountId, up_to: AccountId
) -> Statement:
    """Tell those followers of an administrator whose ids lie above one and up to the other."""
    told = (notice_id, from_id, notice_id, CUSTOM, ms_of_id(notice_id))
    return _TO_FOLLOWERS_IN_WORDS, (*told, above, up_to)


def telling_thread(notice_id: int, status: Status) -> list[Statement]:
    """Tell those who follow a contribution of an answer that they may see, and are not named in.

    Whom it mentions must have been written before.
    """
    if status.in_reply_to_id is None or status.visibility == Visibility.DIRECT:
        return []
    sql = _hearing_sql(_TO_THREAD, status.visibility, has_mentions=bool(status.mentions))
    author_id, now_ms = status.account_id, ms_of_id(notice_id)
    return [(sql, (notice_id, author_id, status.id, COMMENT, now_ms, status.thread_id))]


def telling_participants(notice_id: int, status: Status) -> list[Statement]:
    """Tell of a comment those who follow not, but said something beside it lately.

    Beside a direct answer are all the others; beside a deeper one those beneath the same answer,
    and that.
    """
    if status.in_reply_to_id is None or status.visibility == Visibility.DIRECT:
        return []
    is_direct = status.top_id is None
    source = _TO_PARTICIPANTS if is_direct else _TO_SIBLINGS
    sql = _hearing_sql(source, status.visibility, has_mentions=bool(status.mentions))
    told = (notice_id, status.account_id, status.id, NEARBY_COMMENT, ms_of_id(notice_id))
    beneath = () if is_direct else (status.top_id,)
    return [(sql, (*told, status.thread_id, NEARBY_CONSIDERED_MAX, *beneath))]


@cache
def _hearing_sql(sql: LiteralString, visibility: int, *, has_mentions: bool) -> LiteralString:
    if has_mentions:
        sql = sql + _NOT_MENTIONED
    if visibility == Visibility.PRIVATE:
        sql = sql + _FOLLOWING_AUTHOR
    elif visibility == Visibility.ADDRESSED:
        sql = sql + _ADDRESSED
    return sql + " ON CONFLICT DO NOTHING"


def telling_follower(
    notice_id: int, to_id: AccountId, type_: str, from_id: AccountId, status_id: StatusId
) -> Statement:
    """Tell one account of a status for followers, if it follows who said that."""
    return _TO_FOLLOWER, (notice_id, from_id, status_id, type_, ms_of_id(notice_id), to_id)


def telling_quoters(notice_id: int, author_id: AccountId, status_id: StatusId) -> Statement:
    """Tell those who quote a status that its author changed it."""
    return _TO_QUOTERS, (notice_id, author_id, status_id, "quoted_update", ms_of_id(notice_id))


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


# What a reader finds in the list: nothing from whom they block or mute since, or who blocks
# them, or was suspended. Whether they still see the status is for glances to say.
READABLE: Final[LiteralString] = (
    " FROM notifications n JOIN accounts a ON a.id = n.from_id WHERE n.account_id = $1"
    " AND a.state NOT IN " + HIDING_STATES + " AND n.from_id NOT IN ("
    "SELECT target_id FROM blocks WHERE account_id = $1"
    " UNION ALL SELECT account_id FROM blocks WHERE target_id = $1"
    " UNION ALL SELECT target_id FROM mutes WHERE account_id = $1 AND hides_notifications = 1"
    " AND (expires_ms IS NULL OR expires_ms > $2))"
)
_COLUMNS: Final = "SELECT n.id, n.type, n.from_id, n.status_id"
_OPEN: Final = READABLE + " AND n.is_communal = 0"
_FIND: Final = _COLUMNS + _OPEN + " AND n.id = $3"
_FIND_MARKER: Final = (
    "SELECT last_read_id FROM markers WHERE account_id = $1 AND timeline = 'notifications'"
)


@cache
def _list_sql(*, by_type: bool, by_sender: bool, upwards: bool) -> LiteralString:
    sql = _COLUMNS + _OPEN + " AND n.id < $3 AND n.id > $4"
    if by_type:
        sql = sql + " AND n.type IN (" + parameters(6, len(OPEN_TYPES)) + ")"
    if by_sender:
        sql = sql + " AND n.from_id = " + parameters(6 + by_type * len(OPEN_TYPES), 1)
    return sql + (" ORDER BY n.id LIMIT $5" if upwards else " ORDER BY n.id DESC LIMIT $5")


async def list_readable(
    db: Database, account_id: AccountId, choice: NoticeChoice, cursor: Cursor, now_ms: int
) -> list[Notice]:
    """A page of an account's notices of a choice, newest first."""
    if not choice.types:
        return []
    by_type, by_sender = not choice.is_of_every_type, choice.from_id is not None
    types = choice.types + choice.types[-1:] * (len(OPEN_TYPES) - len(choice.types))
    sql = _list_sql(by_type=by_type, by_sender=by_sender, upwards=cursor.upwards)
    # A rare kind of notice may stand below very many of another kind.
    read = db.all_slow if by_type or by_sender else db.all
    rows = await read(
        sql,
        account_id,
        now_ms,
        cursor.below,
        cursor.above,
        cursor.limit,
        *(types if by_type else ()),
        *((choice.from_id,) if by_sender else ()),
    )
    return sorted((Notice._make(row) for row in rows), reverse=True)


async def find_readable(
    tx: Reader, account_id: AccountId, notice_id: int, now_ms: int
) -> Notice | None:
    """One notice of an account's own."""
    row = await tx.one(_FIND, account_id, now_ms, notice_id)
    return None if row is None else Notice._make(row)


async def find_marker(tx: Reader, account_id: AccountId) -> int:
    """The newest notice that an account said to have read; 0 where it never said."""
    row = await tx.one(_FIND_MARKER, account_id)
    return 0 if row is None else int(row[0])


# What a dialect does not show it does not take away either.
_DELETE: Final = "DELETE FROM notifications WHERE account_id = $1 AND id = $2 AND is_communal = 0"
_DELETE_OLDEST: Final = (
    "DELETE FROM notifications WHERE account_id = $1 AND id IN (SELECT id FROM notifications"
    " WHERE account_id = $1 AND id < $2 AND is_communal = 0 ORDER BY id LIMIT $3)"
)


async def delete(tx: Transaction, account_id: AccountId, notice_id: int) -> bool:
    """Take one notice away; False when the account has none by this id."""
    return bool(await tx.run(_DELETE, account_id, notice_id))


async def delete_oldest(tx: Transaction, account_id: AccountId, before_id: int, limit: int) -> bool:
    """Take so many of an account's notices away; whether there may be more of them."""
    return await tx.run(_DELETE_OLDEST, account_id, before_id, limit) == limit
