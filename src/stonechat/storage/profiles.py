"""Profiles in SQL: what a visitor meets at one account, and the pages behind it.

`find_door` answers with the token's owner and with what lies between visitor and host in one
statement; every page of a profile is asked for with that in hand, so that it looks only for what
this visitor may see. Boosts that lead to somebody whom the visitor shut out are left out.
"""

from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.ids import NOBODY, AccountId
from stonechat.domain.profiles import Circle, StatusChoice
from stonechat.domain.viewers import TokenFacts
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Database, Reader
from stonechat.storage.glances import BOOST_JOIN, ROW_COLUMNS, GlanceRow
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.viewers import TOKEN_COLUMNS, TOKEN_TABLES, TOKEN_WIDTH, token_facts
from stonechat.storage.visibility import HIDING_STATES, addressed, hidden_accounts


class Door(NamedTuple):
    """One account as its visitor stands before it."""

    host_id: AccountId
    state: str
    hides_collections: bool
    is_blocked_by: bool
    is_following: bool


_FIND_DOOR: Final = (
    "SELECT " + TOKEN_COLUMNS + ", a.id, a.state, a.hides_collections,"
    " EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = a.id AND b.target_id = t.account_id),"
    " EXISTS (SELECT 1 FROM followings f WHERE f.account_id = t.account_id AND f.target_id = a.id)"
    " FROM " + TOKEN_TABLES + " LEFT JOIN accounts a ON a.id = $2"
)


async def find_door(
    tx: Reader, token_hash: bytes, host_id: AccountId
) -> tuple[TokenFacts | None, Door | None]:
    """Who comes, and to whom; no door where there is no such account."""
    row = await tx.one(_FIND_DOOR, token_hash, host_id)
    assert row is not None
    found, state, hides, is_blocked_by, is_following = row[TOKEN_WIDTH:]
    if found is None:
        return token_facts(row), None
    door = Door(found, state, bool(hides), bool(is_blocked_by), bool(is_following))
    return token_facts(row), door


class Visit(Enum):
    """As whom somebody reads the statuses of an account."""

    HOST = "host"
    FOLLOWER = "follower"
    STRANGER = "stranger"
    ANONYMOUS = "anonymous"


_OF_HOST: Final[LiteralString] = (
    " WHERE p.account_id = $1 AND p.id < $2 AND p.id > $3 AND p.deleted_ms IS NULL"
)
_REACH: Final[dict[Visit, LiteralString]] = {
    Visit.HOST: "",
    Visit.FOLLOWER: " AND (p.visibility <= 2 OR (p.visibility = 3 AND MENTIONED) OR ADDRESSED)",
    Visit.STRANGER: " AND (p.visibility <= 1 OR (p.visibility <> 4 AND MENTIONED) OR ADDRESSED)",
    Visit.ANONYMOUS: " AND p.visibility <= 1",
}
_MENTIONED: Final[LiteralString] = (
    "EXISTS (SELECT 1 FROM status_mentions m WHERE m.status_id = p.id AND m.account_id = $5)"
)
_ADDRESSED: Final[LiteralString] = "(p.visibility = 4 AND " + addressed("$5", "p.thread_id") + ")"
_NO_HIDDEN_BOOSTS: Final[LiteralString] = (
    " AND (p.boost_of_id IS NULL OR q.account_id NOT IN (" + hidden_accounts("$5", "$6") + "))"
)


@cache
def _list_statuses_sql(choice: StatusChoice, visit: Visit, *, upwards: bool) -> LiteralString:
    is_visitor = visit in (Visit.FOLLOWER, Visit.STRANGER)
    sql: LiteralString = "SELECT " + ROW_COLUMNS + " FROM (SELECT p.id AS id FROM statuses p"
    if is_visitor:
        sql = sql + " LEFT JOIN statuses q ON q.id = p.boost_of_id"
    sql = (
        sql
        + _OF_HOST
        + _REACH[visit].replace("MENTIONED", _MENTIONED).replace("ADDRESSED", _ADDRESSED)
    )
    if is_visitor:
        sql = sql + _NO_HIDDEN_BOOSTS
    sql = sql + _conditions(choice, "$7" if is_visitor else "$5")
    order: LiteralString = "p.id" if upwards else "p.id DESC"
    if choice.only_pinned:
        order = "p.pinned_ms DESC, p.id DESC"
    return sql + " ORDER BY " + order + " LIMIT $4) e JOIN statuses s ON s.id = e.id" + BOOST_JOIN


def _conditions(choice: StatusChoice, tag: LiteralString) -> LiteralString:
    sql: LiteralString = ""
    if choice.only_pinned:
        sql = sql + " AND p.pinned_ms IS NOT NULL"
    if choice.only_media:
        sql = sql + " AND p.has_media = 1"
    if choice.no_replies:
        sql = sql + (
            " AND (p.in_reply_to_account_id IS NULL OR p.in_reply_to_account_id = p.account_id)"
        )
    if choice.no_boosts:
        sql = sql + " AND p.boost_of_id IS NULL"
    if choice.no_direct:
        sql = sql + " AND p.visibility <> 3"
    if choice.tag is not None:
        sql = sql + (
            " AND p.id IN (SELECT g.status_id FROM status_tags g WHERE g.account_id = $1"
            " AND g.tag = " + tag + ")"
        )
    return sql


async def list_statuses(
    tx: Reader,
    *,
    host_id: AccountId,
    viewer_id: AccountId,
    visit: Visit,
    choice: StatusChoice,
    cursor: Cursor,
    now_ms: int,
) -> list[GlanceRow]:
    """A page of what an account said, as far as its visitor may see it, newest first."""
    # The tag's name is a parameter: it must not make a statement of its own.
    shape = choice if choice.tag is None else choice._replace(tag="")
    values: list[object] = [host_id, cursor.below, cursor.above, cursor.limit]
    if visit in (Visit.FOLLOWER, Visit.STRANGER):
        values += (viewer_id, now_ms)
    if choice.tag is not None:
        values.append(choice.tag)
    sql = _list_statuses_sql(shape, visit, upwards=cursor.upwards)
    rows = [GlanceRow._make(row) for row in await tx.all(sql, *values)]
    if choice.only_pinned:
        return sorted(rows, key=lambda row: (row.pinned_ms or 0, row.id), reverse=True)
    return sorted(rows, reverse=True)


_FOLLOWERS: Final[LiteralString] = (
    "SELECT f.id, f.account_id FROM followers f JOIN accounts a ON a.id = f.account_id"
    " WHERE f.target_id = $1"
)
_FOLLOWINGS: Final[LiteralString] = (
    "SELECT f.id, f.target_id FROM followings f JOIN accounts a ON a.id = f.target_id"
    " WHERE f.account_id = $1"
)
_ENDORSED: Final[LiteralString] = (
    "SELECT f.target_id, f.target_id FROM endorsements f JOIN accounts a ON a.id = f.target_id"
    " WHERE f.account_id = $1"
)
_BOUNDS: Final[LiteralString] = " AND a.state NOT IN " + HIDING_STATES
_BY_ROW: Final[LiteralString] = (
    " AND f.id < $2 AND f.id > $3" + _BOUNDS + "NARROWED ORDER BY f.id DESC LIMIT $4"
)
_BY_TARGET: Final[LiteralString] = (
    " AND f.target_id < $2 AND f.target_id > $3" + _BOUNDS + "NARROWED"
    " ORDER BY f.target_id DESC LIMIT $4"
)


_CIRCLES: Final[dict[Circle, LiteralString]] = {
    Circle.FOLLOWERS: _FOLLOWERS + _BY_ROW,
    Circle.FOLLOWINGS: _FOLLOWINGS + _BY_ROW,
    Circle.ENDORSED: _ENDORSED + _BY_TARGET,
}


@cache
def _list_circle_sql(circle: Circle, *, for_visitor: bool) -> LiteralString:
    narrowed: LiteralString = ""
    if for_visitor:
        narrowed = " AND a.id NOT IN (" + hidden_accounts("$5", "$6") + ")"
    return _CIRCLES[circle].replace("NARROWED", narrowed)


async def list_circle(
    tx: Reader,
    circle: Circle,
    *,
    host_id: AccountId,
    viewer_id: AccountId,
    cursor: Cursor,
    now_ms: int,
) -> list[tuple[int, AccountId]]:
    """A page of the people around an account, newest first, each with its paging id.

    A visitor does not meet those whom they block or mute, nor those who block them.
    """
    for_visitor = viewer_id not in (NOBODY, host_id)
    sql = _list_circle_sql(circle, for_visitor=for_visitor)
    more = (viewer_id, now_ms) if for_visitor else ()
    rows = await tx.all(sql, host_id, cursor.below, cursor.above, cursor.limit, *more)
    return [(row[0], row[1]) for row in rows]


# Of those whom the viewer follows, who follows each of the accounts, unless they hide it.
@cache
def _load_familiar_sql(count: int) -> LiteralString:
    return (
        "SELECT target_id, account_id FROM (SELECT r.target_id, r.account_id,"
        " ROW_NUMBER() OVER (PARTITION BY r.target_id ORDER BY r.id DESC) AS place"
        " FROM followings f JOIN followers r ON r.account_id = f.target_id"
        " JOIN accounts a ON a.id = r.account_id JOIN accounts h ON h.id = r.target_id"
        " WHERE f.account_id = $1 AND r.target_id IN (" + parameters(3, count) + ")"
        " AND r.target_id <> $1 AND a.hides_collections = 0 AND h.hides_collections = 0"
        " AND a.state NOT IN " + HIDING_STATES + " AND h.state NOT IN " + HIDING_STATES + ""
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = r.target_id"
        " AND b.target_id = $1)) familiar WHERE place <= $2 ORDER BY target_id, place"
    )


async def load_familiar_followers(
    db: Database, viewer_id: AccountId, host_ids: Sequence[AccountId], *, limit: int
) -> dict[AccountId, list[AccountId]]:
    """Whom the viewer follows among the followers of each account, newest first."""
    if not host_ids:
        return {}
    ids = padded(host_ids)
    rows = await db.all_slow(_load_familiar_sql(len(ids)), viewer_id, limit, *ids)
    found: dict[AccountId, list[AccountId]] = {}
    for host_id, account_id in rows:
        found.setdefault(host_id, []).append(account_id)
    return found
