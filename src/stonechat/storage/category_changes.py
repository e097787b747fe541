"""Changes of categories in SQL: made, changed, deleted. Who follows them: category_followers.

Administrators change them seldom and all of them depend on each other (names, slugs, hashtags,
parents, how many there are), so whoever changes one holds `lock_all` first: what was read then
stays true until the commit.
"""

from collections.abc import Collection
from functools import cache
from typing import Final, LiteralString, NamedTuple

import msgspec

from stonechat.domain import limits
from stonechat.domain.categories import CategoryOrder, CategoryView, name_key
from stonechat.domain.ids import CategoryId, LabelId
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.statuses import Statement

_encode: Final = msgspec.json.Encoder().encode

_LOCK_ALL: Final = (
    "INSERT INTO facts (name, value) VALUES ('categories', '')"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_LIST_NAMES: Final = (
    "SELECT c.id, c.name_key, c.slug, c.tag FROM categories c WHERE c.deleted_ms IS NULL"
    " ORDER BY c.place, c.id LIMIT $1"
)
_LIST_STEPS: Final = (
    "SELECT p.category_id, p.parent_id FROM category_parents p WHERE p.category_id > 0"
    " ORDER BY p.category_id, p.parent_id LIMIT $1"
)


class Names(NamedTuple):
    """What no other category may be called."""

    id: CategoryId
    name_key: str
    slug: str
    tag: str


async def lock_all(tx: Transaction) -> None:
    """Hold back everybody else who changes any category."""
    await tx.run(_LOCK_ALL)


async def list_names(tx: Reader) -> list[Names]:
    """What every category is called that is not deleted."""
    return [Names(*row) for row in await tx.all(_LIST_NAMES, limits.CATEGORIES_MAX)]


async def load_parents(tx: Reader) -> dict[CategoryId, set[CategoryId]]:
    """The parents of every category that has some. Deleted ones have none, and are none."""
    found: dict[CategoryId, set[CategoryId]] = {}
    most = limits.CATEGORIES_MAX * limits.CATEGORY_PARENTS_MAX
    for child, parent in await tx.all(_LIST_STEPS, most):
        found.setdefault(child, set()).add(parent)
    return found


@cache
def _load_labels_sql(count: int) -> LiteralString:
    return (
        "SELECT id FROM labels WHERE type = 'category' AND deleted_ms IS NULL"
        " AND id IN (" + parameters(1, count) + ")"
    )


async def load_labels(tx: Reader, label_ids: Collection[LabelId]) -> set[LabelId]:
    """Those of at most IN_MAX labels that categories may carry."""
    if not label_ids:
        return set()
    ids = padded(list(label_ids))
    return {LabelId(row[0]) for row in await tx.all(_load_labels_sql(len(ids)), *ids)}


_INSERT: Final = (
    "INSERT INTO categories (id, name, name_key, slug, tag, details, auto_follow, is_staff_only,"
    " is_active, place, stream_order, image, emotional_image, changed_ms, followers)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " (SELECT COUNT(*) FROM tag_follows f WHERE f.tag = $5))"
)
_UPDATE: Final = (
    "UPDATE categories SET name = $2, name_key = $3, slug = $4, details = $5, auto_follow = $6,"
    " is_staff_only = $7, is_active = $8, place = $9, stream_order = $10, image = $11,"
    " emotional_image = $12, changed_ms = $13, version = version + 1 WHERE id = $1"
)
_DELETE: Final = (
    "UPDATE categories SET deleted_ms = $2, changed_ms = $2, version = version + 1"
    " WHERE id = $1 AND deleted_ms IS NULL"
)


class Images(NamedTuple):
    """Names of files: one for each size of the image, and one of the emotional image."""

    image: tuple[str, ...] = ()
    emotional: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """Every file."""
        return (*self.image, *filter(None, (self.emotional,)))


def _values(order: CategoryOrder, images: Images, now_ms: int) -> tuple[object, ...]:
    return (
        _encode(order.details).decode(),
        order.auto_follow,
        int(order.is_staff_only),
        int(order.is_active),
        order.place,
        order.stream_order,
        _encode(images.image).decode() if images.image else None,
        images.emotional,
        now_ms,
    )


def inserting(
    category_id: CategoryId, order: CategoryOrder, tag: str, images: Images, now_ms: int
) -> list[Statement]:
    """The statements that make a category."""
    names = (order.name, name_key(order.name), order.slug, tag)
    made = (_INSERT, (category_id, *names, *_values(order, images, now_ms)))
    return [made, *tying(category_id, order)]


def updating(
    category_id: CategoryId, order: CategoryOrder, images: Images, now_ms: int
) -> Statement:
    """The statement that changes a category; its ties are `untying` and `tying`."""
    names = (order.name, name_key(order.name), order.slug)
    return _UPDATE, (category_id, *names, *_values(order, images, now_ms))


_UNTIE: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM category_parents WHERE category_id = $1",
    "DELETE FROM category_labels WHERE category_id = $1",
)
_TIE_PARENT: Final = "INSERT INTO category_parents (category_id, parent_id) VALUES ($1, $2)"
_TIE_LABEL: Final = "INSERT INTO category_labels (category_id, label_id) VALUES ($1, $2)"
_DISOWN: Final = "DELETE FROM category_parents WHERE parent_id = $1"
_TOUCH_CHILDREN: Final = (
    "UPDATE categories SET version = version + 1"
    " WHERE id IN (SELECT p.category_id FROM category_parents p WHERE p.parent_id = $1)"
)


def untying(category_id: CategoryId) -> list[Statement]:
    """The statements that take a category's parents and labels from it."""
    return [(sql, (category_id,)) for sql in _UNTIE]


def tying(category_id: CategoryId, order: CategoryOrder) -> list[Statement]:
    """The statements that give a category the parents and labels of an order."""
    parents: list[Statement] = [(_TIE_PARENT, (category_id, each)) for each in order.parent_ids]
    return parents + [(_TIE_LABEL, (category_id, each)) for each in order.label_ids]


def touching_children(category_id: CategoryId) -> Statement:
    """The statement that makes rendered copies old of what stands beneath a category."""
    return _TOUCH_CHILDREN, (category_id,)


def deleting(category: CategoryView, now_ms: int) -> list[Statement]:
    """The statements that delete a category; its children stay, and its row for what it holds."""
    return [
        (_DELETE, (category.id, now_ms)),
        touching_children(category.id),
        (_DISOWN, (category.id,)),
        *untying(category.id)[:1],
    ]
