"""What is like something else: of the same categories and hashtags.

Of many categories and hashtags those count that most of what is to be like has.
"""

from collections import Counter
from collections.abc import Sequence

from stonechat.domain import limits
from stonechat.domain.feeds import FeedPage, Span
from stonechat.domain.ids import StatusId
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import StatusView
from stonechat.services import contributions, views
from stonechat.services.contributions import Target
from stonechat.services.env import Env
from stonechat.services.feeds import page_of, walker_of
from stonechat.storage import likenesses
from stonechat.storage.likenesses import Traits


async def see_related(env: Env, viewer: Viewer, target: Target, span: Span) -> FeedPage:
    """What is like a contribution and of its kind."""
    status = await contributions.find_target(env.db, viewer, target)
    loaded = await views.load_statuses(env, [status.id])
    return await _see(env, viewer, _traits(list(loaded.values()), [status.id], target.kind), span)


async def see_alike(env: Env, viewer: Viewer, ids: Sequence[StatusId], span: Span) -> FeedPage:
    """What is like some contributions; those that are not there for the viewer do not count."""
    glances = await views.glance_statuses(env.db, viewer.account_id, list(dict.fromkeys(ids)))
    loaded = await views.load_statuses(env, [each.id for each in glances])
    return await _see(env, viewer, _traits(list(loaded.values()), ids, None), span)


def _traits(
    models: Sequence[StatusView], except_ids: Sequence[StatusId], kind: str | None
) -> Traits:
    categories = Counter(key for each in models for key in each.categories)
    tags = Counter(tag for each in models for tag in each.tags)
    most = limits.FEED_ALIKE_BY_MAX
    return Traits(
        [key for key, _ in categories.most_common(most)],
        [tag for tag, _ in tags.most_common(most)],
        except_ids,
        kind,
    )


async def _see(env: Env, viewer: Viewer, traits: Traits, span: Span) -> FeedPage:
    if not traits.category_ids and not traits.tags:
        return FeedPage([], 0, has_more=False)
    walked = await likenesses.list_alike(env.db, walker_of(env, viewer), traits, span)
    return await page_of(env, viewer, walked)
