"""Feeds of categories in SQL: the newest, the liveliest, or the one with most votes of late first.

An index orders each of the three (storage/category_entries). What everybody may see is walked
apart from what is for some: of that the newest ADDRESSED_LOOKED_AT are looked at, and only for
somebody who signed in.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final, LiteralString

from stonechat.domain import limits
from stonechat.domain.feeds import LAST_ACTIVITY, RECENT, RELEVANCE, Span
from stonechat.domain.ids import CategoryId
from stonechat.kernel.ids import ms_of_id
from stonechat.storage.database import Database
from stonechat.storage.walks import (
    FOR_VIEWER,
    WANTED,
    Walked,
    Walker,
    bounded,
    literal,
    page_of,
    walk,
)

_KEYS: Final[Mapping[str, LiteralString]] = {
    RECENT: "status_id",
    LAST_ACTIVITY: "activity_ms",
    RELEVANCE: "heat_ms",
}
_ENTRIES: Final = " FROM category_entries k JOIN statuses p ON p.id = k.status_id"
_OPEN: Final = _ENTRIES + " WHERE k.category_id = $7 AND k.is_open = 1"
_CLOSED: Final = (
    " FROM (SELECT k.status_id, k.heat_ms, k.activity_ms FROM category_entries k"
    " WHERE k.category_id = $7 AND k.is_open = CASE WHEN $1 = 0 THEN -1 ELSE 0 END"
    " ORDER BY k.status_id DESC LIMIT " + literal(limits.ADDRESSED_LOOKED_AT) + ") n"
    " JOIN statuses p ON p.id = n.status_id" + " WHERE p.id > 0" + FOR_VIEWER
)
_OF_LATE: Final[LiteralString] = " AND +p.id > $8"
# Votes only ever make something hotter than its age: so what is colder is older, too.
_HOT_ENOUGH: Final[LiteralString] = " AND k.heat_ms >= $9"


@cache
def _feed_sql(order: str, *, of_late: bool) -> LiteralString:
    key = _KEYS[order]
    conditions = (_OF_LATE if of_late else "") + WANTED
    opened = "SELECT p.id AS id, k." + key + " AS place" + _OPEN + conditions
    if of_late:
        opened = opened + _HOT_ENOUGH
    closed = "SELECT p.id AS id, n." + key + " AS place" + _CLOSED + conditions
    return page_of(
        bounded(opened, "k." + key + " DESC, k.status_id DESC")
        + " UNION ALL "
        + bounded(closed, "n." + key + " DESC, n.status_id DESC")
    )


async def list_feed(
    db: Database,
    walker: Walker,
    category_id: CategoryId,
    order: str,
    span: Span,
    *,
    since_id: int | None = None,
) -> Walked:
    """A page of a category; `since_id` narrows it to what was said after that."""
    of_late = since_id is not None
    late = () if since_id is None else (since_id, ms_of_id(since_id))
    sql = _feed_sql(order, of_late=of_late)
    return await walk(db, sql, walker, span, category_id, *late, is_slow=of_late)
