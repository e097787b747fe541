"""Timelines in SQL: pages of glance rows, keyset by status id, and the entries of homes.

The home and public pages carry the token's lookup in the same statement, so the whole page
costs two statements (the other one is glances.load_glances). Homes are written when a status
is (`fanning_out`), so reading one is a walk along a primary key.
"""

from functools import cache
from typing import Final, LiteralString

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import Status
from stonechat.domain.timelines import Origin
from stonechat.domain.viewers import TokenFacts
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Row
from stonechat.storage.glances import BOOST_JOIN, ROW_COLUMNS, GlanceRow
from stonechat.storage.statuses import Statement
from stonechat.storage.viewers import TOKEN_TEXT, token_text_facts
from stonechat.storage.visibility import addressed, hidden_accounts

ME: Final[LiteralString] = "(SELECT account_id FROM tokens WHERE hash = $1)"
"""Who asks, in a statement whose first parameter is the hash of a token."""


def page_of(inner: LiteralString) -> tuple[LiteralString, LiteralString]:
    """The statement of a page that looks down, and of one that looks up, from one text.

    `inner` selects ids as `id` and ends before ORDER BY; `$2` and `$3` are the bounds.
    """
    head = (
        "SELECT " + TOKEN_TEXT + ", " + ROW_COLUMNS + " FROM (SELECT 1 AS one) request LEFT JOIN ("
    )
    tail = " LIMIT $4) e ON 1 = 1 LEFT JOIN statuses s ON s.id = e.id" + BOOST_JOIN
    return (
        head + inner + " ORDER BY id DESC" + tail,
        head + inner + " ORDER BY id" + tail,
    )


_HOME: Final = page_of(
    "SELECT h.status_id AS id FROM home_entries h WHERE h.account_id = "
    + ME
    + " AND h.status_id < $2 AND h.status_id > $3 AND h.author_id NOT IN ("
    "SELECT lm.target_id FROM lists l JOIN list_members lm ON lm.account_id = l.account_id"
    " AND lm.list_id = l.id WHERE l.account_id = " + ME + " AND l.is_exclusive = 1)"
)
_PUBLIC_SOURCE: Final[LiteralString] = (
    "SELECT p.id AS id FROM statuses p WHERE p.visibility = 0 AND p.boost_of_id IS NULL"
    " AND p.deleted_ms IS NULL"
    " AND (p.in_reply_to_account_id IS NULL OR p.in_reply_to_account_id = p.account_id)"
    " AND p.id < $2 AND p.id > $3"
)


def origin_conditions(origin: Origin) -> LiteralString:
    """What narrows a source of statuses `p` to an origin. Only remote statuses have a uri."""
    sql: LiteralString = ""
    if origin.is_local:
        sql = sql + " AND p.uri IS NULL"
    if origin.is_remote:
        sql = sql + " AND p.uri IS NOT NULL"
    if origin.only_media:
        sql = sql + " AND p.has_media = 1"
    return sql


@cache
def _public(origin: Origin, *, is_anonymous: bool) -> tuple[LiteralString, LiteralString]:
    sql = _PUBLIC_SOURCE + origin_conditions(origin)
    if not is_anonymous:
        sql = sql + " AND p.account_id NOT IN (" + hidden_accounts(ME, "$5") + ")"
    return page_of(sql)


def split(rows: list[Row]) -> tuple[TokenFacts | None, list[GlanceRow]]:
    """What a statement of `page_of` gave: who asks, and the rows, newest first."""
    found = [GlanceRow._make(row[1:]) for row in rows if row[1] is not None]
    found.sort(reverse=True)
    return token_text_facts(rows[0][0]), found


async def list_home(
    tx: Reader, token_hash: bytes, cursor: Cursor
) -> tuple[TokenFacts | None, list[GlanceRow]]:
    """A page of the home of the token's owner, newest first."""
    rows = await tx.all(_HOME[cursor.upwards], token_hash, cursor.below, cursor.above, cursor.limit)
    return split(rows)


async def list_public(
    tx: Reader, token_hash: bytes, cursor: Cursor, now_ms: int, origin: Origin
) -> tuple[TokenFacts | None, list[GlanceRow]]:
    """A page of what everybody may see, without whom the viewer blocks, mutes or is blocked by."""
    sql = _public(origin, is_anonymous=not token_hash)[cursor.upwards]
    bounds = (token_hash, cursor.below, cursor.above, cursor.limit)
    return split(await tx.all(sql, *bounds, *((now_ms,) if token_hash else ())))


_INSERT_OWN_ENTRY: Final = (
    "INSERT INTO home_entries (account_id, status_id, author_id, boost_of_id, boost_author_id)"
    " VALUES ($1, $2, $1, $3, $4) ON CONFLICT (account_id, status_id) DO NOTHING"
)
# Who gets a status into their home: local followers who want it in this language, unless
# they block or mute somebody whom it mentions or passes on, or it answers a person
# whom they do not follow.
_FAN_OUT: Final[LiteralString] = (
    "INSERT INTO home_entries (account_id, status_id, author_id, boost_of_id, boost_author_id)"
    " SELECT f.account_id, CAST($2 AS BIGINT), CAST($1 AS BIGINT), CAST($3 AS BIGINT),"
    " CAST($4 AS BIGINT) FROM followers f WHERE f.target_id = $1"
    " AND (f.languages = '' OR CAST($5 AS TEXT) IS NULL"
    " OR f.languages LIKE '% ' || CAST($5 AS TEXT) || ' %')"
)
_NOT_HIDDEN: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM status_mentions m JOIN blocks b ON b.target_id = m.account_id"
    " WHERE m.status_id = $2 AND b.account_id = f.account_id)"
    " AND NOT EXISTS (SELECT 1 FROM status_mentions m JOIN mutes u ON u.target_id = m.account_id"
    " WHERE m.status_id = $2 AND u.account_id = f.account_id)"
)
_NOT_MUTED: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = f.account_id AND u.target_id = $1)"
)
_CONFLICT: Final[LiteralString] = " ON CONFLICT (account_id, status_id) DO NOTHING"
_FAN_OUT_STATUS: Final = _FAN_OUT + _NOT_MUTED + _CONFLICT
_FAN_OUT_MENTIONING: Final = _FAN_OUT + _NOT_MUTED + _NOT_HIDDEN + _CONFLICT
_FAN_OUT_ANSWER: Final = (
    _FAN_OUT + " AND ($6 = f.account_id OR EXISTS (SELECT 1 FROM followers g"
    " WHERE g.target_id = $6 AND g.account_id = f.account_id))"
    + _NOT_MUTED
    + _NOT_HIDDEN
    + _CONFLICT
)
_FAN_OUT_DIRECT: Final = (
    _FAN_OUT + " AND EXISTS (SELECT 1 FROM status_mentions m WHERE m.status_id = $2"
    " AND m.account_id = f.account_id)" + _NOT_MUTED + _CONFLICT
)
# Whom it is addressed to stands in the database by then: the thread's labels are written first.
_TO_HOLDERS: Final[LiteralString] = " AND " + addressed("f.account_id", "$6")
_FAN_OUT_ADDRESSED: Final = _FAN_OUT + _TO_HOLDERS + _NOT_MUTED + _NOT_HIDDEN + _CONFLICT
_FAN_OUT_ADDRESSED_ANSWER: Final = (
    _FAN_OUT + _TO_HOLDERS + " AND ($7 = f.account_id OR EXISTS (SELECT 1 FROM followers g"
    " WHERE g.target_id = $7 AND g.account_id = f.account_id))"
    + _NOT_MUTED
    + _NOT_HIDDEN
    + _CONFLICT
)
# A boost that comes back stands where it stood: what is near it there decides.
_A_MINUTE: Final[LiteralString] = "245760000"
_FAN_OUT_BOOST: Final = (
    _FAN_OUT + " AND f.shows_boosts = 1 AND f.account_id <> $4"
    " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = f.account_id"
    " AND b.target_id = $4)"
    " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = $4"
    " AND b.target_id = f.account_id)"
    " AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = f.account_id"
    " AND u.target_id = $4)"
    " AND NOT EXISTS (SELECT 1 FROM (SELECT h.status_id, h.boost_of_id FROM home_entries h"
    " WHERE h.account_id = f.account_id AND h.status_id < CAST($2 AS BIGINT) + "
    + _A_MINUTE
    + " ORDER BY h.status_id DESC LIMIT 40) recent"
    " WHERE recent.status_id = $3 OR recent.boost_of_id = $3)" + _NOT_MUTED + _CONFLICT
)


def entering_own_home(status: Status, boost_author_id: AccountId | None = None) -> Statement:
    """The statement that puts a status into its author's own home."""
    return (
        _INSERT_OWN_ENTRY,
        (status.account_id, status.id, status.boost_of_id, boost_author_id),
    )


def fanning_out(status: Status, boost_author_id: AccountId | None = None) -> Statement:
    """The statement that puts a status into the homes of its author's followers."""
    common = (status.account_id, status.id, status.boost_of_id, boost_author_id, status.language)
    if status.boost_of_id is not None:
        return _FAN_OUT_BOOST, common
    if status.visibility == Visibility.DIRECT:
        return _FAN_OUT_DIRECT, common
    answered = status.in_reply_to_account_id
    answers = answered is not None and answered != status.account_id
    if status.visibility == Visibility.ADDRESSED:
        if answers:
            return _FAN_OUT_ADDRESSED_ANSWER, (*common, status.thread_id, answered)
        return _FAN_OUT_ADDRESSED, (*common, status.thread_id)
    if answers:
        return _FAN_OUT_ANSWER, (*common, answered)
    return (_FAN_OUT_MENTIONING if status.mentions else _FAN_OUT_STATUS), common


_LEAVE_HOMES_BOOST: Final = "DELETE FROM home_entries WHERE status_id = $1"


def leaving_homes(status_id: StatusId) -> Statement:
    """The statement that takes one status out of every home; boosts are taken one by one."""
    return _LEAVE_HOMES_BOOST, (status_id,)
