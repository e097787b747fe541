"""Categories: seeing them, finding them, and who follows them.

There are so few that every list is sifted out of all of them. What is closed or deleted is there
for administrators alone; for everybody else it is as if it never was. Changing them is in
services/category_changes, following in services/category_follows.
"""

from collections.abc import Iterable, Sequence

from stonechat.domain.categories import (
    CategoryChoice,
    CategoryView,
    ShownCategory,
    may_see,
)
from stonechat.domain.ids import AccountId, CategoryId
from stonechat.domain.viewers import ADMINISTRATORS, Viewer
from stonechat.kernel.errors import NotFound
from stonechat.kernel.ids import EPOCH_MS, id_at
from stonechat.services import circles
from stonechat.services.env import Env
from stonechat.storage import categories, category_followers

_DAY_MS = 86_400_000


async def find_category(env: Env, viewer: Viewer, category_id: CategoryId) -> CategoryView:
    """One category; NotFound where the viewer may not know of it."""
    category = (await categories.load_views(env.db, [category_id])).get(category_id)
    if category is None or not may_see(viewer, category):
        raise NotFound
    return category


async def see_category(env: Env, viewer: Viewer, category_id: CategoryId) -> ShownCategory:
    """One category, with the viewer's mark."""
    category = await find_category(env, viewer, category_id)
    return (await _mark(env, viewer, [category]))[0]


async def list_categories(env: Env, viewer: Viewer, choice: CategoryChoice) -> list[ShownCategory]:
    """Every category that somebody asks for, in the order of their places."""
    wanted = choice.for_viewer(viewer)
    found = await categories.load_all_views(env.db, deleted=wanted.is_deleted)
    marked = await _mark(env, viewer, found)
    return [each for each in marked if wanted.takes(each, viewer)]


async def list_popular(env: Env, viewer: Viewer) -> list[ShownCategory]:
    """Every open category, the one with most followers first."""
    found = await list_categories(env, viewer, CategoryChoice(is_active=True))
    return sorted(found, key=lambda each: -each.category.followers)


async def list_followed_by(
    env: Env, viewer: Viewer, account_id: AccountId, *, mutual: bool = False
) -> list[ShownCategory]:
    """The open categories that an account follows, as far as the viewer may know of them.

    `mutual`: those that the viewer follows as well.
    """
    if not await circles.may_see(env, viewer, account_id):
        return []
    found = await list_categories(env, viewer, CategoryChoice(is_active=True))
    ids = [each.category.id for each in found]
    theirs = await category_followers.load_followed(env.db, account_id, ids)
    return [
        each for each in found if each.category.id in theirs and (each.is_followed or not mutual)
    ]


async def list_around(
    env: Env, viewer: Viewer, category_id: CategoryId, *, above: bool
) -> list[ShownCategory]:
    """The parents of a category, or its children; those that the viewer may see."""
    category = await find_category(env, viewer, category_id)
    every = await categories.load_all_views(env.db)
    near = [
        each
        for each in every
        if may_see(viewer, each)
        and (each.id in category.parent_ids if above else category_id in each.parent_ids)
    ]
    return await _mark(env, viewer, near)


async def load_shown(
    env: Env, viewer: Viewer, ids: Sequence[CategoryId]
) -> dict[CategoryId, ShownCategory]:
    """Categories by id with the viewer's marks, closed and deleted ones too."""
    found = await categories.load_views(env.db, ids)
    return {each.category.id: each for each in await _mark(env, viewer, list(found.values()))}


async def _mark(env: Env, viewer: Viewer, found: Sequence[CategoryView]) -> list[ShownCategory]:
    followed: Iterable[CategoryId] = ()
    if viewer.is_person and found:
        ids = [each.id for each in found]
        followed = await category_followers.load_followed(env.db, viewer.account_id, ids)
    if viewer.role not in ADMINISTRATORS:
        found = [each.for_everybody() for each in found]
    return [ShownCategory(each, each.id in followed) for each in found]


async def list_followers(
    env: Env, viewer: Viewer, category_id: CategoryId, *, limit: int, offset: int
) -> tuple[list[AccountId], int]:
    """A page of who follows a category, and how many of these there are, up to a bound."""
    category = await find_category(env, viewer, category_id)
    me, tag = viewer.account_id, category.tag
    ids = await category_followers.list_followers(env.db, tag, me, limit=limit, offset=offset)
    return ids, await category_followers.count_followers(env.db, tag, me)


async def list_trending_followers(
    env: Env, viewer: Viewer, category_id: CategoryId, days: int
) -> list[AccountId]:
    """Followers who filed something in a category within the last days, the liveliest first."""
    category = await find_category(env, viewer, category_id)
    begins_ms = max(EPOCH_MS, env.clock.now_ms() - days * _DAY_MS)
    return await category_followers.list_lively(
        env.db, category.tag, viewer.account_id, category_id, id_at(begins_ms)
    )


async def count_audience(env: Env, viewer: Viewer, category_id: CategoryId) -> tuple[int, int]:
    """How many follow a category, and how many of them the viewer follows."""
    category = await find_category(env, viewer, category_id)
    if not viewer.is_person:
        return category.followers, 0
    known = await category_followers.count_known(env.db, viewer.account_id, category.tag)
    return category.followers, known
