"""What is like something else, in SQL: contributions of the same categories and hashtags.

Of each category the hottest and of each hashtag the newest are looked at, up to a bound; whatever
turns up most often comes first, and of two that do as often the newer one.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain import limits
from stonechat.domain.feeds import Span
from stonechat.domain.ids import CategoryId, StatusId
from stonechat.storage.database import Database
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.walks import WANTED, Walked, Walker, bounded, literal, page_of, walk

_LIMIT: Final = " LIMIT " + literal(limits.FEED_ALIKE_LOOKED_AT) + ") w"
_ID_RANGE: Final[LiteralString] = "9007199254740992"
"""One more than the largest id (kernel/ids.py): so that a place says how often, and then which."""


class Traits(NamedTuple):
    """By what something is like something else, what it is not to be, and of which kind if any."""

    category_ids: Sequence[CategoryId]
    tags: Sequence[str]
    except_ids: Sequence[StatusId]
    kind: str | None = None


def _of_category(number: int, unwanted: LiteralString) -> LiteralString:
    return (
        "SELECT id FROM (SELECT k.status_id AS id FROM category_entries k"
        " JOIN statuses p ON p.id = k.status_id WHERE k.category_id = "
        "" + parameters(number, 1) + " AND k.is_open = 1" + unwanted + WANTED + ""
        " ORDER BY k.heat_ms DESC, k.status_id DESC" + _LIMIT
    )


def _of_tag(number: int, unwanted: LiteralString) -> LiteralString:
    return (
        "SELECT id FROM (SELECT t.status_id AS id FROM status_tags t"
        " JOIN statuses p ON p.id = t.status_id WHERE t.tag = "
        "" + parameters(number, 1) + " AND t.is_public = 1 AND p.in_reply_to_id IS NULL"
        " AND p.boost_of_id IS NULL" + unwanted + WANTED + " ORDER BY t.status_id DESC" + _LIMIT
    )


@cache
def _alike_sql(categories: int, tags: int, excluded: int, *, of_kind: bool) -> LiteralString:
    at = 7
    unwanted = " AND p.id NOT IN (" + parameters(at, excluded) + ")"
    at += excluded
    if of_kind:
        unwanted = unwanted + " AND p.kind = " + parameters(at, 1)
        at += 1
    united: LiteralString = ""
    for number in range(at, at + categories + tags):
        source = _of_category if number < at + categories else _of_tag
        united = united + (" UNION ALL " if united else "") + source(number, unwanted)
    counted = "SELECT u.id AS id, COUNT(*) * " + _ID_RANGE + " + u.id AS place"
    grouped = counted + " FROM (" + united + ") u GROUP BY u.id"
    return page_of(bounded(grouped, "place DESC"))


async def list_alike(db: Database, walker: Walker, traits: Traits, span: Span) -> Walked:
    """A page of what has most of some traits; there is at least one category or hashtag."""
    excluded = padded(traits.except_ids)
    of_kind = traits.kind is not None
    sql = _alike_sql(len(traits.category_ids), len(traits.tags), len(excluded), of_kind=of_kind)
    kinds = (traits.kind,) if of_kind else ()
    subjects = (*excluded, *kinds, *traits.category_ids, *traits.tags)
    return await walk(db, sql, walker, span, *subjects, is_slow=True)
