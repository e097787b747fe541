"""Feeds: what a member reads. The home, everything, one account, a category, what is alike.

A page costs three statements: its rows, who may see them, and the viewer's marks (which the
renderer asks for). What one has read is in services/feed_reads.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.categories import CategoryView
from stonechat.domain.feeds import LAST_ACTIVITY, RELEVANCE, FeedPage, Order, Span
from stonechat.domain.ids import AccountId
from stonechat.domain.policies import Visibility
from stonechat.domain.viewers import STAFF, Viewer
from stonechat.kernel.ids import id_at
from stonechat.services import members
from stonechat.services.env import Env
from stonechat.storage import category_feeds, feeds, glances, racks
from stonechat.storage.walks import Walked, Walker

_DAY_MS: Final = 86_400_000


def walker_of(env: Env, viewer: Viewer) -> Walker:
    """For whom a list is read."""
    return Walker(viewer.account_id, viewer.role in STAFF, env.clock.now_ms())


async def page_of(env: Env, viewer: Viewer, walked: Walked) -> FeedPage:
    """The page of a walk, which knows already that everybody may see what is open.

    What is not for everybody is asked for once more, with the facts of this moment.
    """
    is_open = all(
        row.visibility <= Visibility.UNLISTED or row.account_id == viewer.account_id
        for row in walked.rows
    )
    found = await glances.load_glances(env.db, viewer.account_id, walked.rows, is_visible=is_open)
    return FeedPage(found, walked.total, walked.has_more)


async def see_rack(env: Env, viewer: Viewer, kind: str, order: Order, span: Span) -> FeedPage:
    """All contributions of a kind."""
    walked = await racks.list_rack(env.db, walker_of(env, viewer), kind, order, span)
    return await page_of(env, viewer, walked)


async def see_everything(env: Env, viewer: Viewer, order: str, span: Span) -> FeedPage:
    """All contributions of every kind."""
    walked = await racks.list_everything(
        env.db, walker_of(env, viewer), span, by_activity=order == LAST_ACTIVITY
    )
    return await page_of(env, viewer, walked)


async def see_home(env: Env, viewer: Viewer, order: str, span: Span) -> FeedPage:
    """What the viewer follows."""
    walked = await feeds.list_home(
        env.db, walker_of(env, viewer), span, by_activity=order == LAST_ACTIVITY
    )
    return await page_of(env, viewer, walked)


async def see_account(env: Env, viewer: Viewer, account_id: AccountId, span: Span) -> FeedPage:
    """What a member said and passed on."""
    member = await members.see_member(env, account_id)
    walked = await feeds.list_of_account(env.db, walker_of(env, viewer), member.id, span)
    return await page_of(env, viewer, walked)


async def see_category(
    env: Env, viewer: Viewer, category: CategoryView, order: str | None, span: Span
) -> FeedPage:
    """What is filed in a category, in the category's own order unless another one is asked for."""
    walked = await category_feeds.list_feed(
        env.db, walker_of(env, viewer), category.id, order or category.stream_order, span
    )
    return await page_of(env, viewer, walked)


async def see_trending(env: Env, viewer: Viewer, category: CategoryView, span: Span) -> FeedPage:
    """Of what was filed in a category in the last days, what got most votes."""
    since_ms = env.clock.now_ms() - limits.FEED_TREND_DAYS * _DAY_MS
    walked = await category_feeds.list_feed(
        env.db,
        walker_of(env, viewer),
        category.id,
        RELEVANCE,
        span,
        since_id=id_at(since_ms),
    )
    return await page_of(env, viewer, walked)
