"""Contributions in SQL: one viewer's marks on them beyond those that every dialect shows.

Who may see what, favourites and muted threads come with the glances (glances.py); here is the
rest that SelfCommunity's objects show: other reactions, followed threads, what was seen, and the
versions of the categories that they stand in. One statement for a whole page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.ids import NOBODY, AccountId, CategoryId, StatusId
from stonechat.storage.database import Reader
from stonechat.storage.idioms import IN_MAX, padded, parameters

NO_STATUS: Final = StatusId(0)
"""Stands in a list that would be empty; no status has this id."""
_REACTION: Final = 1
_FOLLOWED: Final = 2
_SEEN: Final = 3
_CATEGORY: Final = 4


@dataclass(slots=True)
class Marks:
    """A viewer's marks on a page of contributions, and the versions of its categories."""

    reactions: dict[StatusId, int] = field(default_factory=dict[StatusId, int])
    followed: set[StatusId] = field(default_factory=set[StatusId])
    seen: set[StatusId] = field(default_factory=set[StatusId])
    categories: dict[CategoryId, int] = field(default_factory=dict[CategoryId, int])
    """The versions of those categories that are open, by id."""
    followed_categories: set[CategoryId] = field(default_factory=set[CategoryId])


@cache
def _categories_sql(first: int, categories: int) -> LiteralString:
    return (
        "SELECT 4, c.id, c.version FROM categories c WHERE c.deleted_ms IS NULL"
        " AND c.is_active = 1 AND c.id IN (" + parameters(first, categories) + ")"
    )


@cache
def _marks_sql(statuses: int, categories: int) -> LiteralString:
    ids = parameters(2, statuses)
    sql: LiteralString = (
        "SELECT 1, status_id, reaction FROM reactions WHERE account_id = $1"
        " AND status_id IN (" + ids + ")"
        " UNION ALL SELECT 2, status_id, 0 FROM thread_follows WHERE account_id = $1"
        " AND status_id IN (" + ids + ")"
        " UNION ALL SELECT 3, status_id, 0 FROM feed_reads WHERE account_id = $1"
        " AND status_id IN (" + ids + ")"
    )
    if not categories:
        return sql
    return (
        sql + " UNION ALL " + _categories_sql(2 + statuses, categories) + " UNION ALL"
        " SELECT 5, c.id, 0 FROM categories c JOIN tag_follows f ON f.tag = c.tag"
        " AND f.account_id = $1 WHERE c.id IN (" + parameters(2 + statuses, categories) + ")"
    )


async def load_marks(
    tx: Reader,
    viewer_id: AccountId,
    status_ids: Sequence[StatusId],
    category_ids: Sequence[CategoryId],
) -> Marks:
    """The marks of a viewer on statuses, and what they need to know of categories."""
    marks = Marks()
    for start in range(0, max(len(status_ids), len(category_ids)), IN_MAX):
        await _add(
            tx,
            viewer_id,
            marks,
            status_ids[start : start + IN_MAX] or (NO_STATUS,),
            category_ids[start : start + IN_MAX],
        )
    return marks


async def _add(
    tx: Reader,
    viewer_id: AccountId,
    marks: Marks,
    status_ids: Sequence[StatusId],
    category_ids: Sequence[CategoryId],
) -> None:
    categories = padded(category_ids) if category_ids else ()
    if viewer_id == NOBODY:
        if not categories:
            return
        rows = await tx.all(_categories_sql(1, len(categories)), *categories)
    else:
        statuses = padded(status_ids)
        sql = _marks_sql(len(statuses), len(categories))
        rows = await tx.all(sql, viewer_id, *statuses, *categories)
    for kind, key, value in rows:
        if kind == _REACTION:
            marks.reactions[key] = value
        elif kind == _FOLLOWED:
            marks.followed.add(key)
        elif kind == _SEEN:
            marks.seen.add(key)
        elif kind == _CATEGORY:
            marks.categories[key] = value
        else:
            marks.followed_categories.add(key)
