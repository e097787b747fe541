"""Follows of categories: by hand, by newcomers, by everybody.

To follow a category is to follow its hashtag, so the Mastodon dialect's verbs for tags
(services/tags) do the same. A forced category is followed by everybody: newcomers follow it when
their account is made, all others by a job when it becomes forced, and nobody may leave it.
"""

from collections.abc import Mapping

from stonechat.domain import limits
from stonechat.domain.categories import may_see
from stonechat.domain.ids import AccountId, CategoryId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.services.env import Env
from stonechat.storage import accounts, categories, category_followers, tags
from stonechat.storage.database import Transaction


async def toggle_follow(env: Env, viewer: Viewer, category_id: CategoryId) -> bool:
    """Follow a category, or follow it no more; whether it is followed now."""
    me = viewer.account_id

    async def work(tx: Transaction) -> bool:
        # Of many at once each finds what the one before it left.
        await accounts.lock(tx, me)
        category = (await categories.load_views(tx, [category_id])).get(category_id)
        if category is None or category.is_deleted or not may_see(viewer, category):
            raise NotFound
        is_followed = bool(await category_followers.load_followed(tx, me, [category_id]))
        if is_followed and category.is_forced:
            raise NotAllowed("This category is followed by everybody")
        if is_followed:
            await tags.delete_follow(tx, me, category.tag)
            return False
        if not category.is_forced:
            await _ensure_room(tx, me)
        await tags.insert_follow(tx, me, category.tag, env.ids.next_id())
        return True

    return await env.db.write(work)


async def _ensure_room(tx: Transaction, account_id: AccountId) -> None:
    if await tags.count_follows(tx, account_id) >= limits.FOLLOWED_TAGS_MAX:
        raise InvalidInput(
            f"Validation failed: More than {limits.FOLLOWED_TAGS_MAX} tags cannot be followed"
        )


async def greet(env: Env, tx: Transaction, account_id: AccountId) -> None:
    """Have a new account follow what newcomers follow; belongs behind its own rows."""
    for tag in await category_followers.list_automatic(tx):
        await tags.insert_follow(tx, account_id, tag, env.ids.next_id())


async def follow_all(env: Env, payload: Mapping[str, object]) -> None:
    """Have every account of ours follow a category, as long as it is forced."""
    category_id = CategoryId(int(str(payload["category_id"])))
    after, follow_id = 0, env.ids.next_id()
    while last := await category_followers.find_reach(
        env.db, after, limits.ACCOUNTS_JOINED_AT_ONCE
    ):
        await _follow_some(env, category_id, (after, last), follow_id)
        after = last


async def _follow_some(
    env: Env, category_id: CategoryId, reach: tuple[int, int], follow_id: int
) -> None:
    async def work(tx: Transaction) -> None:
        await category_followers.follow_some(tx, category_id, *reach, follow_id)

    await env.db.write(work)


async def count_followers(env: Env, payload: Mapping[str, object]) -> None:
    """Count a new category's followers once more.

    Who began to follow its hashtag while it was being made could neither be counted by the one
    nor count themselves.
    """
    category_id = CategoryId(int(str(payload["category_id"])))
    await env.db.write(lambda tx: category_followers.count_again(tx, category_id))
