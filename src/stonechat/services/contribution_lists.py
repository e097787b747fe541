"""Lists around contributions: followed, suspended, not commented; what shares or embeds something.

Whether what a path names is there for the viewer is asked first: what is about it tells of it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from stonechat.domain import limits
from stonechat.domain.feeds import LAST_ACTIVITY, FeedPage, Span
from stonechat.domain.ids import AccountId, EmbedId
from stonechat.domain.viewers import Viewer
from stonechat.services import contributions, embeds
from stonechat.services.contributions import Target
from stonechat.services.env import Env
from stonechat.services.feeds import page_of, walker_of
from stonechat.services.views import load_statuses
from stonechat.storage import contribution_lists, racks
from stonechat.storage import embeds as embed_rows
from stonechat.storage.embeds import EmbedSearch


class EmbedChoice(NamedTuple):
    """Which embeds are meant: those of a type, of a name, that say so much. None: any."""

    embed_type: str | None = None
    embed_id: str | None = None
    metadata: Mapping[str, object] | None = None


async def see_uncommented(env: Env, viewer: Viewer, kind: str, span: Span) -> FeedPage:
    """What nobody commented."""
    walked = await racks.list_uncommented(env.db, walker_of(env, viewer), kind, span)
    return await page_of(env, viewer, walked)


async def see_followed(env: Env, viewer: Viewer, kind: str, span: Span) -> FeedPage:
    """What the viewer follows."""
    walked = await contribution_lists.list_followed(env.db, walker_of(env, viewer), kind, span)
    return await page_of(env, viewer, walked)


async def see_suspended(env: Env, viewer: Viewer, kind: str, span: Span) -> FeedPage:
    """What the viewer wants to hear nothing of."""
    walked = await contribution_lists.list_suspended(env.db, walker_of(env, viewer), kind, span)
    return await page_of(env, viewer, walked)


async def see_shares(env: Env, viewer: Viewer, target: Target, span: Span) -> FeedPage:
    """What shares a contribution."""
    status = await contributions.find_target(env.db, viewer, target)
    walked = await contribution_lists.list_shares(env.db, walker_of(env, viewer), status.id, span)
    return await page_of(env, viewer, walked)


async def list_sharers(env: Env, viewer: Viewer, target: Target) -> list[AccountId]:
    """Who shares a contribution, the last one first, up to a bound."""
    status = await contributions.find_target(env.db, viewer, target)
    return await contribution_lists.list_sharers(
        env.db,
        walker_of(env, viewer),
        status.id,
        people=limits.PARTICIPANTS_MAX,
        rows=limits.THREAD_ROWS_MAX,
    )


async def list_commenters(env: Env, viewer: Viewer, target: Target) -> list[AccountId]:
    """Who commented a contribution, the last one first, up to a bound."""
    status = await contributions.find_target(env.db, viewer, target)
    return await contribution_lists.list_commenters(
        env.db,
        walker_of(env, viewer),
        status.id,
        people=limits.PARTICIPANTS_MAX,
        rows=limits.THREAD_ROWS_MAX,
    )


async def see_open_polls(env: Env, viewer: Viewer) -> FeedPage:
    """The newest contributions in whose polls one can still vote."""
    span = Span(limits.FEED_POLLS_LOOKED_AT)
    walked = await racks.list_polls(env.db, walker_of(env, viewer), span)
    page = await page_of(env, viewer, walked)
    loaded = await load_statuses(env, [each.id for each in page.glances])
    now_ms = env.clock.now_ms()
    polls = {key: view.poll for key, view in loaded.items() if view.poll is not None}
    found = [
        each for each in page.glances if each.id in polls and not polls[each.id].is_over(now_ms)
    ]
    return FeedPage(found, len(found), has_more=False)


async def see_embedding(
    env: Env, viewer: Viewer, embed_id: EmbedId, order: str | None, span: Span
) -> FeedPage:
    """What shows an embed."""
    embed = await embeds.see_embed(env, viewer, embed_id)
    return await _embedding(env, viewer, [embed.id], order, span)


async def see_all_embedding(
    env: Env, viewer: Viewer, choice: EmbedChoice, order: str | None, span: Span
) -> FeedPage:
    """What shows one of the embeds that are meant."""
    # Whether the viewer may see what shows them is asked of each of that.
    sought = EmbedSearch(choice.embed_type, choice.embed_id, is_open=False)
    found = await embed_rows.search(env.db, sought, limit=limits.FEED_EMBEDS_MAX, offset=0)
    wanted = (choice.metadata or {}).items()
    ids = [each.id for each in found if wanted <= each.metadata.items()]
    if not ids:
        return FeedPage([], 0, has_more=False)
    return await _embedding(env, viewer, ids, order, span)


async def _embedding(
    env: Env, viewer: Viewer, ids: list[EmbedId], order: str | None, span: Span
) -> FeedPage:
    walked = await contribution_lists.list_embedding(
        env.db, walker_of(env, viewer), ids, span, by_activity=order == LAST_ACTIVITY
    )
    return await page_of(env, viewer, walked)
