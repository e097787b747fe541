"""Feeds: what the viewer follows, everything, one member, one category; and what was seen of it."""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, offer
from stonechat.dialects.selfcommunity.entities.feeds import present_unseen
from stonechat.dialects.selfcommunity.forms.feeds import (
    read_embed_choice,
    read_objects,
    read_order,
    span_of,
)
from stonechat.dialects.selfcommunity.pages import Window, answer_page, read_window
from stonechat.domain import limits
from stonechat.domain.feeds import CATEGORY_ORDERS, ORDERS, RECENT, FeedPage
from stonechat.domain.ids import AccountId, CategoryId, EmbedId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import categories, contribution_lists, feed_reads, feeds, likenesses


async def answer_units(call: CommunityCall, window: Window, page: FeedPage) -> Answer:
    """A page of a feed."""
    shown = await call.room.units(call.viewer, page.glances)
    return answer_page(call, window, shown, page.total, has_more=page.has_more)


async def home(call: CommunityCall) -> Answer:
    """What the viewer follows."""
    window, order = read_window(call), read_order(call.parameters, ORDERS)
    page = await feeds.see_home(call.env, call.viewer, order or RECENT, span_of(window))
    return await answer_units(call, window, page)


async def explore(call: CommunityCall) -> Answer:
    """Everything."""
    window, order = read_window(call), read_order(call.parameters, ORDERS)
    page = await feeds.see_everything(call.env, call.viewer, order or RECENT, span_of(window))
    return await answer_units(call, window, page)


async def of_user(call: CommunityCall) -> Answer:
    """What a member said and passed on."""
    window = read_window(call)
    account_id = AccountId(call.path_id())
    page = await feeds.see_account(call.env, call.viewer, account_id, span_of(window))
    return await answer_units(call, window, page)


async def of_category(call: CommunityCall) -> Answer:
    """What is filed in a category."""
    window, order = read_window(call), read_order(call.parameters, CATEGORY_ORDERS)
    env, viewer = call.env, call.viewer
    category = await categories.find_category(env, viewer, CategoryId(call.path_id()))
    page = await feeds.see_category(env, viewer, category, order, span_of(window))
    return await answer_units(call, window, page)


async def trending(call: CommunityCall) -> Answer:
    """What got most votes in a category of late."""
    window = read_window(call)
    category = await categories.find_category(call.env, call.viewer, CategoryId(call.path_id()))
    page = await feeds.see_trending(call.env, call.viewer, category, span_of(window))
    return await answer_units(call, window, page)


async def alike(call: CommunityCall) -> Answer:
    """What is like some contributions."""
    ids = read_objects(call.parameters, limits.FEED_LIKES_AT_ONCE)
    window = read_window(call)
    page = await likenesses.see_alike(call.env, call.viewer, ids, span_of(window))
    return await answer_units(call, window, page)


async def of_embed(call: CommunityCall) -> Answer:
    """What shows an embed."""
    window, order = read_window(call), read_order(call.parameters, ORDERS)
    embed_id = EmbedId(call.path_id())
    page = await contribution_lists.see_embedding(
        call.env, call.viewer, embed_id, order, span_of(window)
    )
    return await answer_units(call, window, page)


async def of_embeds(call: CommunityCall) -> Answer:
    """What shows one of the embeds that are asked for."""
    window, order = read_window(call), read_order(call.parameters, ORDERS)
    choice = read_embed_choice(call.parameters)
    page = await contribution_lists.see_all_embedding(
        call.env, call.viewer, choice, order, span_of(window)
    )
    return await answer_units(call, window, page)


async def read(call: CommunityCall) -> Answer:
    """Note what the viewer has seen; what is not there is passed over."""
    ids = read_objects(call.parameters, limits.FEED_READS_AT_ONCE)
    await feed_reads.mark_seen(call.env, call.viewer, ids)
    return Answer(b"", 204)


async def count_unseen(call: CommunityCall) -> Answer:
    """How much of their home the viewer has not seen."""
    return Answer(present_unseen(await feed_reads.count_unseen(call.env, call.viewer)))


OPERATIONS: Final = (
    offer("GET /api/v2/feed/", home, "[FeedUnit]"),
    offer("GET /api/v2/feed/explore/", explore, "[FeedUnit]", Caller.ANYONE),
    offer("GET /api/v2/feed/unseen/count/", count_unseen, "FeedUnseenCount"),
    offer("POST /api/v2/feed/read/", read, "{}"),
    offer("POST /api/v2/feed/likethis/", alike, "[FeedUnit]"),
    offer("GET /api/v2/embed/feed/", of_embeds, "[FeedUnit]", Caller.ANYONE),
    offer("GET /api/v2/embed/{id}/feed/", of_embed, "[FeedUnit]", Caller.ANYONE),
    offer("GET /api/v2/user/{id}/feed/", of_user, "[FeedUnit]", Caller.ANYONE),
    offer("GET /api/v2/category/{id}/feed/", of_category, "[FeedUnit]", Caller.ANYONE),
    offer("GET /api/v2/category/{id}/feed/trending/", trending, "[FeedUnit]", Caller.ANYONE),
)
