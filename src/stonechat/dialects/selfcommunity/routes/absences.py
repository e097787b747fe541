"""Absences: lists that interfaces ask for at every turn, of things that this server has not.

Written pages, advertisements, incubators, banners, prizes and insights: all of these lists are
empty, and nothing can be put into them. What no interface asks for unless it is switched on
(groups, events, courses, live streams, payments) is not even here.
"""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.calls import CommunityCall, ensure_staff, offer, tell
from stonechat.dialects.selfcommunity.pages import answer_entities, read_window
from stonechat.http.operations import Answer

BANNERS_MAX: Final = 100


class Count(msgspec.Struct, frozen=True):
    """How many banners there are."""

    count: int


async def nothing(call: CommunityCall) -> Answer:
    """An empty page."""
    return answer_entities(call, read_window(call), [])


async def nothing_for_staff(call: CommunityCall) -> Answer:
    """The same, for staff alone."""
    ensure_staff(call)
    return await nothing(call)


async def count_banners(call: CommunityCall) -> Answer:
    """How many banners somebody has not seen, or not put away."""
    del call
    return Answer(Count(0))


async def mark_banners(call: CommunityCall) -> Answer:
    """Banners were seen, or put away: none of them is there, so that is done already."""
    call.parameters.identifiers("banner_ids", items_max=BANNERS_MAX)
    return Answer(b"", 204)


OPERATIONS: Final = (
    tell("GET /api/v2/custom_page/", nothing, "[CustomPage]"),
    tell("GET /api/v2/custom_page/search/", nothing, "[CustomPage]"),
    tell("GET /api/v2/custom_adv/", nothing, "[CustomAdv]"),
    tell("GET /api/v2/custom_adv/search/", nothing, "[CustomAdv]"),
    offer("GET /api/v2/incubator/", nothing, "[Incubator]"),
    offer("GET /api/v2/incubator/search/", nothing, "[Incubator]"),
    offer("GET /api/v2/suggestion/incubator/", nothing, "[Incubator]"),
    offer("GET /api/v2/notification/banner/", nothing, "[Banner]"),
    offer("GET /api/v2/notification/banner/unseen/count/", count_banners, "Count"),
    offer("GET /api/v2/notification/banner/undisposed/count/", count_banners, "Count"),
    offer("POST /api/v2/notification/banner/read/", mark_banners, "empty"),
    offer("POST /api/v2/notification/banner/dispose/", mark_banners, "empty"),
    offer("GET /api/v2/loyalty/prize/", nothing, "[Prize]"),
    offer("GET /api/v2/loyalty/request/", nothing, "[PrizeUser]"),
    offer("GET /api/v2/insight/contribution/", nothing_for_staff, "[ContributionInsight]"),
    offer("GET /api/v2/insight/embed/", nothing_for_staff, "[EmbedInsight]"),
    offer("GET /api/v2/insight/user/", nothing_for_staff, "[UserInsight]"),
)
