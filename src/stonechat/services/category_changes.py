"""Changes of categories by administrators: made, replaced, changed, deleted.

One change at a time: names, slugs, hashtags and the tree are checked against all others. A
deleted category keeps its row, for what was filed there; its name is free again. Images are kept
before the transaction, and what they replace goes after it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from stonechat.domain import limits
from stonechat.domain.categories import (
    COUNT_FOLLOWERS_JOB,
    COUNTED_AGAIN_AFTER_MS,
    DERIVED_SLUG,
    FOLLOW_ALL_JOB,
    CategoryChange,
    CategoryOrder,
    CategoryView,
    ShownCategory,
    check_slug,
    derive_slug,
    derive_tag,
    ensure_tree,
    name_key,
    refuse,
)
from stonechat.domain.ids import CategoryId
from stonechat.domain.viewers import ADMINISTRATORS, Viewer
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound, StonechatError
from stonechat.services import category_images
from stonechat.services.categories import see_category
from stonechat.services.env import Env
from stonechat.storage import categories, category_changes
from stonechat.storage.category_changes import Images, Names
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.jobs import enqueueing
from stonechat.storage.statuses import Statement


@dataclass(frozen=True, slots=True)
class ImageChange:
    """New images and those that go, by the names of category_images.FIELDS."""

    uploads: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    removed: frozenset[str] = frozenset()


def _ensure_administrator(viewer: Viewer) -> None:
    if viewer.role not in ADMINISTRATORS:
        raise NotAllowed


async def create_category(
    env: Env, viewer: Viewer, change: CategoryChange, images: ImageChange
) -> ShownCategory:
    """A new category; its hashtag is made of its slug, and stays."""
    _ensure_administrator(viewer)
    kept = await category_images.insert(env, images.uploads)

    async def work(tx: Transaction) -> CategoryId:
        await category_changes.lock_all(tx)
        others = await category_changes.list_names(tx)
        if len(others) >= limits.CATEGORIES_MAX:
            raise InvalidInput(f"More than {limits.CATEGORIES_MAX} categories cannot be made")
        category_id, now_ms = CategoryId(env.ids.next_id()), env.clock.now_ms()
        order = _settle_names(change.apply(CategoryOrder()), others)
        await _ensure_ties(tx, category_id, order)
        tag = derive_tag(order.slug, {each.tag for each in others}, category_id)
        shown = _with_new(Images(), kept)
        await tx.run_all(
            *category_changes.inserting(category_id, order, tag, shown, now_ms),
            *_following(env, category_id, order, was_forced=False),
            enqueueing(
                env.ids.next_id(),
                COUNT_FOLLOWERS_JOB,
                {"category_id": category_id},
                now_ms + COUNTED_AGAIN_AFTER_MS,
            ),
        )
        return category_id

    try:
        category_id = await env.db.write(work)
    except StonechatError:
        await category_images.delete(env, _files(kept))
        raise
    env.wake_jobs()
    return await see_category(env, viewer, category_id)


async def change_category(
    env: Env,
    viewer: Viewer,
    category_id: CategoryId,
    change: CategoryChange,
    images: ImageChange,
    *,
    is_whole: bool = False,
) -> ShownCategory:
    """Change a category; where the change `is_whole`, what it does not name is as on a new one.

    Images are files, and never among what a client can send back, so they stay unless they are
    replaced or removed by name.
    """
    _ensure_administrator(viewer)
    kept = await category_images.insert(env, images.uploads)

    async def work(tx: Transaction) -> Images:
        await category_changes.lock_all(tx)
        before = await _get(tx, category_id)
        others = [each for each in await category_changes.list_names(tx) if each.id != category_id]
        base = CategoryOrder() if is_whole else before.order
        order = _settle_names(change.apply(base), others)
        await _ensure_ties(tx, category_id, order)
        shown = _with_new(_without(_images(before), images.removed), kept)
        now_ms = env.clock.now_ms()
        await tx.run_all(*category_changes.untying(category_id))
        is_told = order.is_active != before.is_active
        await tx.run_all(
            category_changes.updating(category_id, order, shown, now_ms),
            # Whether everybody may know of a parent is told with its children.
            *([category_changes.touching_children(category_id)] if is_told else []),
            *category_changes.tying(category_id, order),
            *_following(env, category_id, order, was_forced=before.is_forced),
        )
        return _images(before)

    try:
        before = await env.db.write(work)
    except StonechatError:
        await category_images.delete(env, _files(kept))
        raise
    env.wake_jobs()
    staying = set(category_images.FIELDS).difference(kept, images.removed)
    gone = _without(before, staying)
    await category_images.delete(env, gone.files)
    return await see_category(env, viewer, category_id)


async def delete_category(env: Env, viewer: Viewer, category_id: CategoryId) -> None:
    """Delete a category. What was filed there stays filed, and its hashtag stays followed."""
    _ensure_administrator(viewer)

    async def work(tx: Transaction) -> None:
        await category_changes.lock_all(tx)
        category = await _get(tx, category_id)
        await tx.run_all(*category_changes.deleting(category, env.clock.now_ms()))

    await env.db.write(work)


async def _get(tx: Reader, category_id: CategoryId) -> CategoryView:
    category = (await categories.load_views(tx, [category_id])).get(category_id)
    if category is None or category.is_deleted:
        raise NotFound
    return category


def _settle_names(order: CategoryOrder, others: list[Names]) -> CategoryOrder:
    """The order with its slug, derived where that is asked for; both are nobody else's."""
    if any(name_key(order.name) == each.name_key for each in others):
        raise refuse("name", "has already been taken", "taken")
    slugs = {each.slug for each in others}
    if order.slug == DERIVED_SLUG:
        return replace(order, slug=derive_slug(order.name, slugs))
    if check_slug(order.slug) in slugs:
        raise refuse("slug", "has already been taken", "taken")
    return order


async def _ensure_ties(tx: Reader, category_id: CategoryId, order: CategoryOrder) -> None:
    labels = await category_changes.load_labels(tx, order.label_ids)
    if not labels.issuperset(order.label_ids):
        raise refuse("tags", "do not all exist", "does_not_exist")
    found = await categories.load_views(tx, order.parent_ids)
    if any(each not in found or found[each].is_deleted for each in order.parent_ids):
        raise refuse("parents", "do not all exist", "does_not_exist")
    if order.parent_ids:
        steps = await category_changes.load_parents(tx)
        ensure_tree({**steps, category_id: order.parent_ids}, category_id)


def _following(
    env: Env, category_id: CategoryId, order: CategoryOrder, *, was_forced: bool
) -> list[Statement]:
    """The statement that has everybody follow a category that has become forced."""
    if was_forced or order.auto_follow != "forced" or not order.is_active:
        return []
    payload, now_ms = {"category_id": category_id}, env.clock.now_ms()
    return [enqueueing(env.ids.next_id(), FOLLOW_ALL_JOB, payload, now_ms)]


def _images(category: CategoryView) -> Images:
    return Images(category.image, category.emotional_image)


def _without(images: Images, removed: Collection[str]) -> Images:
    return Images(
        () if category_images.IMAGE in removed else images.image,
        None if category_images.EMOTIONAL in removed else images.emotional,
    )


def _with_new(images: Images, kept: Mapping[str, tuple[str, ...]]) -> Images:
    emotional = kept.get(category_images.EMOTIONAL)
    return Images(
        kept.get(category_images.IMAGE, images.image),
        emotional[0] if emotional else images.emotional,
    )


def _files(kept: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [name for names in kept.values() for name in names]
