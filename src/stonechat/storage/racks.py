"""Shelves in SQL: all that is said of one kind, and all of every kind.

Each kind has a rack of what everybody may see and one of what is addressed (domain/contributions).
The second one is walked only for those who carry a label or addressed something themselves, and
no further than its newest ADDRESSED_LOOKED_AT.

By last activity a list is the union of the liveliest and of the newest: whatever was said later
than a contribution without comments stands before it, so nothing is missed by that.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain import limits
from stonechat.domain.contributions import ADDRESSED_RACKS, RACKS
from stonechat.domain.feeds import Order, Span
from stonechat.storage.database import Database
from stonechat.storage.visibility import addressed
from stonechat.storage.walks import (
    LIVELY_MS,
    WANTED,
    Walked,
    Walker,
    bounded,
    literal,
    page_of,
    walk,
)

_OPEN: Final[LiteralString] = "p.rack = RACK AND p.rack > 0"
# Which rack of addressed ones the viewer may find something on; none for most people.
_GATE: Final = (
    "COALESCE((SELECT CAST(RACK AS BIGINT) + ADDRESSED FROM label_holders g"
    " WHERE g.account_id = $1 LIMIT 1), (SELECT CAST(RACK AS BIGINT) + ADDRESSED"
    " FROM statuses g WHERE g.account_id = $1 AND g.rack > ADDRESSED AND g.deleted_ms IS NULL"
    " LIMIT 1), -1)"
)
_FLOOR: Final = (
    "COALESCE((SELECT g.id FROM statuses g WHERE g.rack = CAST(RACK AS BIGINT) + ADDRESSED"
    " AND g.rack > 0 AND g.deleted_ms IS NULL ORDER BY g.id DESC LIMIT 1 OFFSET "
    "" + literal(limits.ADDRESSED_LOOKED_AT) + "), 0)"
)
# The plus keeps SQLite from walking all statuses by their ids instead. PostgreSQL, which does not
# know what the gate will say, is kept from it by hearing that few of them stand beyond ADDRESSED.
_ADDRESSED: Final = (
    "p.rack = " + _GATE + " AND p.rack > 0 AND p.rack > ADDRESSED AND +p.id > " + _FLOOR + ""
    " AND (p.account_id = $1 OR " + addressed("$1", "p.thread_id") + ")"
)
# Answers to oneself stand in that index, too.
_PUBLIC: Final[LiteralString] = (
    "p.visibility = 0 AND p.boost_of_id IS NULL AND p.in_reply_to_id IS NULL AND"
    " (p.in_reply_to_account_id IS NULL OR p.in_reply_to_account_id = p.account_id)"
)


_APART: Final = literal(ADDRESSED_RACKS)


def _by_time(which: LiteralString, place: LiteralString, down: LiteralString) -> LiteralString:
    source = "SELECT p.id AS id, " + place + " AS place FROM statuses p"
    return bounded(source + " WHERE " + which + WANTED, "p.id" + down)


def _by_activity(which: LiteralString, down: LiteralString) -> LiteralString:
    source = "SELECT p.id AS id, p.activity_ms AS place FROM statuses p"
    lively = source + " WHERE " + which + " AND p.activity_ms IS NOT NULL" + WANTED
    return bounded(lively, "p.activity_ms" + down + ", p.id" + down)


def _walks(which: LiteralString, order: Order) -> list[LiteralString]:
    down: LiteralString = "" if order.is_rising else " DESC"
    if not order.by_activity:
        return [_by_time(which, "p.id", down)]
    quiet = which + " AND p.activity_ms IS NULL" if order.is_rising else which
    return [_by_activity(which, down), _by_time(quiet, LIVELY_MS, down)]


def _united(walks: Sequence[LiteralString], order: Order) -> LiteralString:
    # By activity the same one may be found twice.
    union: LiteralString = " UNION " if order.by_activity else " UNION ALL "
    sql = walks[0]
    for each in walks[1:]:
        sql = sql + union + each
    return sql.replace("ADDRESSED", _APART)


_NEWEST: Final = Order()


# The number stands in the text: PostgreSQL has to know whether there is much of a kind.
def _rack(kind: str, order: Order) -> LiteralString:
    walks = _walks(_OPEN, order) + _walks(_ADDRESSED, order)
    return _united(walks, order).replace("RACK", literal(RACKS[kind]))


@cache
def _rack_sql(kind: str, order: Order) -> LiteralString:
    counts = _rack(kind, _NEWEST)
    return page_of(_rack(kind, order), counts=counts, is_rising=order.is_rising)


async def list_rack(db: Database, walker: Walker, kind: str, order: Order, span: Span) -> Walked:
    """A page of all contributions of a kind that the viewer may find."""
    return await walk(
        db,
        _rack_sql(kind, order),
        walker,
        span,
        is_rising=order.is_rising,
        is_slow=order.is_rising and order.by_activity,
    )


_QUIET: Final[LiteralString] = " AND p.comments = 0"


@cache
def _uncommented_sql(kind: str) -> LiteralString:
    quiet = _by_time(_OPEN + _QUIET, "p.id", " DESC")
    apart = _by_time(_ADDRESSED + _QUIET, "p.id", " DESC")
    united = _united([quiet, apart], _NEWEST)
    return page_of(united.replace("RACK", literal(RACKS[kind])))


async def list_uncommented(db: Database, walker: Walker, kind: str, span: Span) -> Walked:
    """A page of the contributions of a kind that nobody commented yet."""
    return await walk(db, _uncommented_sql(kind), walker, span, is_slow=True)


@cache
def _polls_sql() -> LiteralString:
    asking = " AND p.poll IS NOT NULL"
    walks: list[LiteralString] = []
    for rack in RACKS.values():
        number: LiteralString = literal(rack)
        walks.append(_by_time(_OPEN + asking, "p.id", " DESC").replace("RACK", number))
    return page_of(_united(walks, _NEWEST))


async def list_polls(db: Database, walker: Walker, span: Span) -> Walked:
    """The newest public contributions that ask something."""
    return await walk(db, _polls_sql(), walker, span)


def _everything(order: Order) -> LiteralString:
    place: LiteralString = LIVELY_MS if order.by_activity else "p.id"
    walks: list[LiteralString] = [_by_time(_PUBLIC, place, " DESC")]
    for rack in RACKS.values():
        number: LiteralString = literal(rack)
        if order.by_activity:
            walks.append(_by_activity(_OPEN, " DESC").replace("RACK", number))
        walks.extend(each.replace("RACK", number) for each in _walks(_ADDRESSED, order))
    return _united(walks, order)


@cache
def _everything_sql(*, by_activity: bool) -> LiteralString:
    return page_of(_everything(Order(by_activity)), counts=_everything(_NEWEST))


async def list_everything(db: Database, walker: Walker, span: Span, *, by_activity: bool) -> Walked:
    """A page of all contributions of every kind, the newest or the liveliest first."""
    return await walk(db, _everything_sql(by_activity=by_activity), walker, span)
