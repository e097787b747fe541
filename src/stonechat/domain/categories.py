"""Categories: the rooms of a community, in which contributions are filed and which people follow.

A category has a hashtag for life, by which the other dialects write it and follow it: whoever
follows the one follows the other, it is one row. A newcomer takes the name for the key: names and
slugs change, the hashtag never. Categories may have several parents, and no circle among them.
How they are kept is storage/categories; what they hold is storage/category_entries.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import CategoryId, LabelId
from stonechat.domain.names import fold, fold_seen
from stonechat.domain.text.tags import normalise_tag
from stonechat.domain.viewers import ADMINISTRATORS, STAFF, Viewer
from stonechat.kernel.errors import InvalidInput

FOLLOW_ALL_JOB: Final = "follow_category"
"""Has everybody follow a category that became forced."""
COUNT_FOLLOWERS_JOB: Final = "count_category"
"""Counts the followers of a new category once more, when nobody is under way any longer."""
COUNTED_AGAIN_AFTER_MS: Final = 60_000

AUTO_FOLLOWS: Final = ("none", "default", "forced")
"""Whether newcomers follow a category by themselves, and whether they may leave it."""
STREAM_ORDERS: Final = ("recent", "last_activity", "relevance")
IMAGE_SIDES: Final = (1200, 600, 400, 200, 100)
"""The sides of a category's image, in pixels: as it came, bigger, big, medium, small."""
EMOTIONAL_IMAGE_SIDES: Final = (1920, 1080)
DERIVED_SLUG: Final = "_GENERATE_"
"""Stands for a slug that we are to make of the name."""
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
_is_slug: Final = re.compile(r"[A-Za-z0-9_-]+").fullmatch


class CategoryFacts(NamedTuple):
    """What whoever files something must know of a category."""

    id: CategoryId
    name: str
    slug: str
    tag: str
    is_staff_only: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class CategoryDetails:
    """What of a category is only shown. `info` is HTML that was cleaned on the way in."""

    synonyms: str | None = None
    slogan: str | None = None
    info: str | None = None
    seo_title: str | None = None
    seo_description: str | None = None
    emotional_image_position: int = 50


@dataclass(frozen=True, slots=True)
class CategoryOrder:
    """What an administrator wants of a category, whole. What else there is was not looked at."""

    name: str = ""
    slug: str = ""
    details: CategoryDetails = CategoryDetails()
    auto_follow: str = "none"
    is_staff_only: bool = False
    is_active: bool = True
    place: int = 0
    stream_order: str = "recent"
    label_ids: tuple[LabelId, ...] = ()
    parent_ids: tuple[CategoryId, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A category as everybody sees it. `image` holds the names of one file for each size."""

    id: CategoryId
    name: str
    slug: str
    tag: str
    details: CategoryDetails
    auto_follow: str
    is_staff_only: bool
    is_active: bool
    is_deleted: bool
    place: int
    image: tuple[str, ...]
    emotional_image: str | None
    stream_order: str
    followers: int
    changed_ms: int
    version: int
    label_ids: tuple[LabelId, ...] = ()
    parent_ids: tuple[CategoryId, ...] = ()
    hidden: frozenset[int] = frozenset()
    """Those of its labels and parents that nobody but administrators may know of."""

    def for_everybody(self) -> "CategoryView":
        """The same without what is hidden."""
        if not self.hidden:
            return self
        return replace(
            self,
            label_ids=tuple(each for each in self.label_ids if each not in self.hidden),
            parent_ids=tuple(each for each in self.parent_ids if each not in self.hidden),
        )

    @property
    def is_forced(self) -> bool:
        """Whether everybody follows it, and nobody may leave."""
        return self.auto_follow == "forced" and self.is_active and not self.is_deleted

    @property
    def order(self) -> CategoryOrder:
        """What would have to be ordered to have it as it is."""
        return CategoryOrder(
            name=self.name,
            slug=self.slug,
            details=self.details,
            auto_follow=self.auto_follow,
            is_staff_only=self.is_staff_only,
            is_active=self.is_active,
            place=self.place,
            stream_order=self.stream_order,
            label_ids=self.label_ids,
            parent_ids=self.parent_ids,
        )


class ShownCategory(NamedTuple):
    """A category, and whether the viewer follows it."""

    category: CategoryView
    is_followed: bool


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """What is to be different: fields of a CategoryOrder, and of its details, by their names."""

    fields: Mapping[str, Any]
    details: Mapping[str, Any]

    def apply(self, base: CategoryOrder) -> CategoryOrder:
        """The order with the change made."""
        return replace(base, **self.fields, details=replace(base.details, **self.details))


class CategoryChoice(NamedTuple):
    """Which categories somebody asks for; None where they do not care."""

    search: str | None = None
    can_create: bool | None = None
    is_active: bool | None = None
    is_deleted: bool = False
    is_followed: bool | None = None

    def for_viewer(self, viewer: Viewer) -> "CategoryChoice":
        """What of it the viewer may ask for: nobody but administrators sees what is closed."""
        if viewer.role in ADMINISTRATORS:
            return self
        return self._replace(is_active=True, is_deleted=False)

    def takes(self, shown: ShownCategory, viewer: Viewer) -> bool:
        """Whether a category is among those asked for."""
        each = shown.category
        return (
            self.is_active in (None, each.is_active)
            and self.is_followed in (None, shown.is_followed)
            and self.can_create in (None, may_create_in(viewer, each))
            and (self.search is None or _says(each, self.search))
        )


def may_see(viewer: Viewer, category: CategoryView) -> bool:
    """Whether somebody may know of a category at all."""
    is_open = category.is_active and not category.is_deleted
    return is_open or viewer.role in ADMINISTRATORS


def may_create_in(viewer: Viewer, category: CategoryView) -> bool:
    """Whether somebody may file a contribution in a category."""
    is_open = category.is_active and not category.is_deleted
    return is_open and viewer.is_person and (viewer.role in STAFF or not category.is_staff_only)


def _says(category: CategoryView, search: str) -> bool:
    told = (category.name, category.slug, category.details.synonyms or "")
    return fold(search.strip()) in fold("\n".join(told))


def name_key(name: str) -> str:
    """What two names have in common that people take for one."""
    return fold_seen(name)


def check_slug(slug: str) -> str:
    """A slug as it is kept, or InvalidInput."""
    if not _is_slug(slug):
        raise refuse("slug", "may hold letters, digits, hyphens and underscores alone")
    return slug


def derive_slug(name: str, taken: Collection[str]) -> str:
    """A slug made of a name, that no other category has."""
    bare = _NO_SLUG.sub("-", fold(name))[: limits.CATEGORY_SLUG_CHARACTERS_MAX - 4].strip("-")
    return next(each for each in _numbered(bare or "category", "-") if each not in taken)


def derive_tag(slug: str, taken: Collection[str], category_id: CategoryId) -> str:
    """A hashtag made of a slug, that no other category has."""
    bare = normalise_tag(slug.replace("-", "")[: limits.TAG_CHARACTERS_MAX - 4])
    if bare is None:
        return f"c{category_id}"
    return next(each for each in _numbered(bare, "") if each not in taken)


def _numbered(bare: str, joint: str) -> Iterator[str]:
    """A word, then the same with one number after the other."""
    yield bare
    yield from (f"{bare}{joint}{number}" for number in range(2, limits.CATEGORIES_MAX + 3))


Steps = Mapping[CategoryId, Collection[CategoryId]]


def ensure_tree(parents: Steps, category_id: CategoryId) -> None:
    """InvalidInput where a category is above itself, or stands in too tall a tree."""
    children: dict[CategoryId, list[CategoryId]] = {}
    for child, above in parents.items():
        for each in above:
            children.setdefault(each, []).append(child)
    levels = _count_levels(parents, category_id) + _count_levels(children, category_id)
    if levels > limits.CATEGORY_DEPTH_MAX:
        raise refuse("parents", f"stand too high (maximum is {limits.CATEGORY_DEPTH_MAX} levels)")


def _count_levels(steps: Steps, start: CategoryId) -> int:
    reached = {start}
    for level in range(limits.CATEGORY_DEPTH_MAX + 1):
        reached = {far for near in reached for far in steps.get(near, ())}
        if start in reached:
            raise refuse("parents", "would be above themselves")
        if not reached:
            return level
    return limits.CATEGORY_DEPTH_MAX + 1


def refuse(field: str, words: str, rule: str = "invalid") -> InvalidInput:
    """The complaint about one field of a category."""
    subject = field.capitalize().replace("_", " ")
    return InvalidInput(f"Validation failed: {subject} {words}", field=field, rule=rule)
