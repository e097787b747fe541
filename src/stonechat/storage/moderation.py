"""Moderation in SQL: one row for every status that was flagged or decided about.

A row that says nothing any more, because its flags were taken back and nothing was decided, goes.
Whoever writes here holds the status.
"""

from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.domain.moderation import COMMENT, Ruling, RulingSearch
from stonechat.domain.statuses import Status
from stonechat.storage.database import Database, Reader, Transaction
from stonechat.storage.idioms import parameters

_COLUMNS: Final = (
    "m.status_id, m.account_id, m.state, m.type, m.moderator_id, m.flags, m.flagged_ms,"
    " m.moderated_ms"
)
_WIDTH: Final = 8
_FIND: Final = "SELECT " + _COLUMNS + " FROM moderations m WHERE m.status_id = $1"
_NOTE_FLAGS: Final = (
    "INSERT INTO moderations (status_id, account_id, flags, flagged_ms) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (status_id) DO UPDATE SET flags = excluded.flags,"
    " flagged_ms = excluded.flagged_ms"
)
_FORGET: Final = "DELETE FROM moderations WHERE status_id = $1 AND flags = 0 AND moderated_ms = 0"
_DECIDE: Final = (
    "INSERT INTO moderations (status_id, account_id, state, type, moderator_id, moderated_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (status_id) DO UPDATE SET state = excluded.state, type = excluded.type,"
    " moderator_id = excluded.moderator_id, moderated_ms = excluded.moderated_ms"
)
_MARK: Final = (
    "UPDATE statuses SET is_collapsed = $2, is_removed = $3, version = version + 1 WHERE id = $1"
)


async def find(tx: Reader, status_id: StatusId) -> Ruling | None:
    """What was flagged and decided of a status, if anything was."""
    row = await tx.one(_FIND, status_id)
    return None if row is None else Ruling._make(row)


async def note_flags(tx: Transaction, status: Status, flags: int, flagged_ms: int) -> None:
    """Note how many flags a status has, and when the newest came."""
    await tx.run(_NOTE_FLAGS, status.id, status.account_id, flags, flagged_ms)
    await tx.run(_FORGET, status.id)


async def decide(tx: Transaction, ruling: Ruling) -> None:
    """Keep a decision, whatever flags there are."""
    await tx.run(
        _DECIDE,
        ruling.status_id,
        ruling.account_id,
        ruling.state,
        ruling.reason,
        ruling.moderator_id,
        ruling.moderated_ms,
    )


async def mark(
    tx: Transaction, status_id: StatusId, *, is_collapsed: bool, is_removed: bool
) -> None:
    """Let a status be hidden or deleted by moderators, or neither."""
    await tx.run(_MARK, status_id, int(is_collapsed), int(is_removed))


_PLACES: Final[dict[str, LiteralString]] = {
    "flag_count": "m.flags",
    "last_flagged_at": "m.flagged_ms",
    "last_moderated_at": "m.moderated_ms",
}
_CONDITIONS: Final[dict[str, LiteralString]] = {
    "flags_min": "m.flags >= ?",
    "kind": "s.in_reply_to_id IS NULL AND s.kind = ?",
    "comments": "s.in_reply_to_id IS NOT NULL AND ? = 1",
    "status_id": "m.status_id = ?",
    "author_id": "m.account_id = ?",
    "flagger_id": ("m.status_id IN (SELECT f.status_id FROM flags f WHERE f.account_id = ?)"),
    "state": "m.state = ?",
}
# $1 limit, $2 offset; then what narrows.
_FIRST_CONDITION: Final = 3


def _conditions(search: RulingSearch) -> dict[str, object]:
    is_comment = search.type == COMMENT
    wanted = {
        "flags_min": search.flags_min,
        "kind": None if is_comment else search.type,
        "comments": 1 if is_comment else None,
        "status_id": search.status_id,
        "author_id": search.author_id,
        "flagger_id": search.flagger_id,
        "state": search.state,
    }
    return {name: value for name, value in wanted.items() if value is not None}


@cache
def _walk_sql(names: tuple[str, ...], order: str) -> LiteralString:
    place = _PLACES[order]
    sql: LiteralString = (
        " FROM moderations m JOIN statuses s ON s.id = m.status_id WHERE " + place + " >= 0"
    )
    for number, name in enumerate(names, _FIRST_CONDITION):
        sql = sql + " AND " + _CONDITIONS[name].replace("?", parameters(number, 1))
    return sql


@cache
def _list_sql(names: tuple[str, ...], order: str, *, is_rising: bool) -> LiteralString:
    place = _PLACES[order]
    ending: LiteralString = (
        " ORDER BY " + place + ", m.status_id"
        if is_rising
        else " ORDER BY " + place + " DESC, m.status_id DESC"
    )
    return (
        "SELECT " + _COLUMNS + ", s.text" + _walk_sql(names, order) + ending + " LIMIT $1 OFFSET $2"
    )


@cache
def _count_sql(names: tuple[str, ...], order: str) -> LiteralString:
    return "SELECT COUNT(*) FROM (SELECT 1" + _walk_sql(names, order) + " LIMIT $1 OFFSET $2) n"


class FoundRuling(NamedTuple):
    """A ruling, and the words that it is about."""

    ruling: Ruling
    text: str


async def list_page(
    db: Database, search: RulingSearch, *, limit: int, offset: int
) -> list[FoundRuling]:
    """A part of the rulings that are looked for, whatever words they are about."""
    wanted = _conditions(search)
    sql = _list_sql(tuple(wanted), search.order, is_rising=search.is_rising)
    rows = await db.all_slow(sql, limit, offset, *wanted.values())
    return [FoundRuling(Ruling._make(row[:_WIDTH]), row[_WIDTH]) for row in rows]


async def count(db: Database, search: RulingSearch) -> int:
    """How many there are, up to a bound."""
    wanted = _conditions(search)
    sql = _count_sql(tuple(wanted), search.order)
    rows = await db.all_slow(sql, limits.FLAGGED_COUNTED_MAX, 0, *wanted.values())
    return int(rows[0][0])
