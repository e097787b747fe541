"""Categories in SQL: the rows, their parents, their labels.

There are so few of them that lists are read whole and sifted by services/categories. Who follows
a category is a row of tag_follows (storage/tags), counted in the category's row; whatever changes
what is shown of it raises `version`. Rows of deleted categories stay, for what was filed there.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

import msgspec

from stonechat.domain import limits
from stonechat.domain.categories import CategoryDetails, CategoryFacts, CategoryView
from stonechat.domain.ids import CategoryId, LabelId
from stonechat.storage.database import Reader, Row
from stonechat.storage.idioms import IN_MAX, padded, parameters
from stonechat.storage.tags import padded_names

_decode_details: Final = msgspec.json.Decoder(CategoryDetails).decode
_decode_image: Final = msgspec.json.Decoder(tuple[str, ...]).decode

_FACTS: Final = "c.id, c.name, c.slug, c.tag, c.is_staff_only, c.is_active"


def _facts(row: Row) -> CategoryFacts:
    return CategoryFacts(row[0], row[1], row[2], row[3], bool(row[4]), bool(row[5]))


@cache
def _load_lineage_sql(count: int) -> LiteralString:
    return (
        "WITH RECURSIVE lineage (id, depth) AS ("
        "SELECT c.id, CAST(0 AS BIGINT) FROM categories c WHERE c.deleted_ms IS NULL"
        " AND c.id IN (" + parameters(2, count) + ")"
        " UNION SELECT p.parent_id, l.depth + 1 FROM lineage l"
        " JOIN category_parents p ON p.category_id = l.id"
        " JOIN categories c ON c.id = p.parent_id AND c.deleted_ms IS NULL WHERE l.depth < $1)"
        # Grouped before the join, because a group by the table's own key would walk all of it.
        " SELECT " + _FACTS + " FROM (SELECT l.id, MIN(l.depth) AS depth FROM lineage l"
        " GROUP BY l.id) x JOIN categories c ON c.id = x.id ORDER BY x.depth, c.id"
    )


async def load_lineage(tx: Reader, ids: Sequence[CategoryId]) -> list[CategoryFacts]:
    """Those of at most IN_MAX categories that are there, in their order, then their ancestors."""
    if not ids:
        return []
    wanted = padded(list(dict.fromkeys(ids)))
    rows = await tx.all(_load_lineage_sql(len(wanted)), limits.CATEGORY_DEPTH_MAX, *wanted)
    found = {row[0]: _facts(row) for row in rows}
    return [found[each] for each in dict.fromkeys((*ids, *found)) if each in found]


@cache
def _load_by_tags_sql(count: int) -> LiteralString:
    return (
        "SELECT " + _FACTS + " FROM categories c WHERE c.deleted_ms IS NULL AND c.is_active = 1"
        " AND c.is_staff_only = 0 AND c.tag IN (" + parameters(1, count) + ") ORDER BY c.id"
    )


async def load_by_tags(tx: Reader, tags: Sequence[str]) -> list[CategoryFacts]:
    """The categories, open to everybody, that are written as these hashtags."""
    found: list[CategoryFacts] = []
    for start in range(0, len(tags), IN_MAX):
        names = padded_names(tags[start : start + IN_MAX])
        found += map(_facts, await tx.all(_load_by_tags_sql(len(names)), *names))
    return found


_COLUMNS: Final = (
    "c.id, c.name, c.slug, c.tag, c.details, c.auto_follow, c.is_staff_only, c.is_active,"
    " c.deleted_ms, c.place, c.image, c.emotional_image, c.stream_order, c.followers,"
    " c.changed_ms, c.version"
)
Ties = dict[CategoryId, list[tuple[int, int, int]]]
_LABEL, _PARENT = range(2)


def _view(row: Row, ties: Ties) -> CategoryView:
    own = ties.get(row[0], [])
    return CategoryView(
        id=row[0],
        name=row[1],
        slug=row[2],
        tag=row[3],
        details=_decode_details(row[4]),
        auto_follow=row[5],
        is_staff_only=bool(row[6]),
        is_active=bool(row[7]),
        is_deleted=row[8] is not None,
        place=row[9],
        image=() if row[10] is None else _decode_image(row[10]),
        emotional_image=row[11],
        stream_order=row[12],
        followers=row[13],
        changed_ms=row[14],
        version=row[15],
        label_ids=tuple(LabelId(other) for kind, other, _ in own if kind == _LABEL),
        parent_ids=tuple(CategoryId(other) for kind, other, _ in own if kind == _PARENT),
        hidden=frozenset(other for _, other, is_open in own if not is_open),
    )


@cache
def _load_sql(count: int) -> LiteralString:
    return "SELECT " + _COLUMNS + " FROM categories c WHERE c.id IN (" + parameters(1, count) + ")"


# Labels and parents that are deleted are none.
@cache
def _load_ties_sql(count: int) -> LiteralString:
    ids = parameters(1, count)
    return (
        "SELECT e.category_id, 0, e.label_id, l.is_visible * l.is_active FROM category_labels e"
        " JOIN labels l ON l.id = e.label_id AND l.deleted_ms IS NULL"
        " WHERE e.category_id IN (" + ids + ")"
        " UNION ALL SELECT p.category_id, 1, p.parent_id, c.is_active FROM category_parents p"
        " JOIN categories c ON c.id = p.parent_id AND c.deleted_ms IS NULL"
        " WHERE p.category_id IN (" + ids + ")"
    )


async def _load_ties(tx: Reader, rows: Sequence[Row]) -> Ties:
    ties: Ties = {}
    if rows:
        ids = padded([row[0] for row in rows])
        for category_id, *tie in await tx.all(_load_ties_sql(len(ids)), *ids):
            ties.setdefault(category_id, []).append(tuple(tie))
    for each in ties.values():
        each.sort()
    return ties


async def load_views(tx: Reader, ids: Sequence[CategoryId]) -> dict[CategoryId, CategoryView]:
    """Categories by id, deleted ones too; two statements for every IN_MAX of them."""
    found: dict[CategoryId, CategoryView] = {}
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), IN_MAX):
        some = padded(wanted[start : start + IN_MAX])
        rows = await tx.all(_load_sql(len(some)), *some)
        ties = await _load_ties(tx, rows)
        found.update((row[0], _view(row, ties)) for row in rows)
    return found


_LIST_ALL: Final = (
    "SELECT " + _COLUMNS + " FROM categories c WHERE c.deleted_ms IS NULL"
    " ORDER BY c.place, c.id LIMIT $1"
)
_LIST_DELETED: Final = (
    "SELECT " + _COLUMNS + " FROM categories c WHERE c.deleted_ms > 0"
    " ORDER BY c.deleted_ms DESC, c.id DESC LIMIT $1"
)


async def load_all_views(tx: Reader, *, deleted: bool = False) -> list[CategoryView]:
    """Every category in the order of their places, or those that were deleted last."""
    rows = await tx.all(_LIST_DELETED if deleted else _LIST_ALL, limits.CATEGORIES_MAX)
    ties = await _load_ties(tx, rows)
    return [_view(row, ties) for row in rows]


@cache
def _load_tags_sql(count: int) -> LiteralString:
    return "SELECT c.id, c.tag FROM categories c WHERE c.id IN (" + parameters(1, count) + ")"


async def load_tags(tx: Reader, ids: Sequence[CategoryId]) -> dict[CategoryId, str]:
    """The hashtags of categories, those that are closed or deleted too, by id.

    They are for life: a text that names one is kept with its id, which leads nowhere for as long
    as the category is closed, and there again when it opens.
    """
    found: dict[CategoryId, str] = {}
    for start in range(0, len(ids), IN_MAX):
        some = padded(ids[start : start + IN_MAX])
        found.update((row[0], row[1]) for row in await tx.all(_load_tags_sql(len(some)), *some))
    return found
