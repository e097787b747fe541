"""Localities: the places that contributions named in public, for whoever says where they are."""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.calls import CommunityCall, offer
from stonechat.dialects.selfcommunity.entities.localities import present_locality
from stonechat.dialects.selfcommunity.pages import answer_page, read_window
from stonechat.domain import limits
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import places

_encode: Final = msgspec.json.Encoder().encode


async def index(call: CommunityCall) -> Answer:
    """Those whose names have words that begin so; all, without a search."""
    window = read_window(call)
    search = call.parameters.text("search", characters_max=limits.SEARCH_CHARACTERS_MAX)
    found = await places.find_places(
        call.env, search or "", limit=window.reach, offset=window.offset
    )
    shown = [_encode(present_locality(place)) for place in found.places[: window.limit]]
    has_more = len(found.places) > window.limit
    return answer_page(call, window, shown, found.total, has_more=has_more)


OPERATIONS: Final = (
    offer("GET /api/v2/locality/", index, "[Locality]", Caller.ANYONE),
    offer("GET /api/v2/locality/search/", index, "[Locality]", Caller.ANYONE),
)
