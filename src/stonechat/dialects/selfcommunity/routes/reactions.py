"""Reactions: what one may vote with. The list comes whole, for clients follow no `next` here."""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, tell
from stonechat.dialects.selfcommunity.entities.reactions import Reaction, present_reaction
from stonechat.dialects.selfcommunity.short_lists import (
    Key,
    answer_short,
    fits,
    in_order,
    read_search,
)
from stonechat.domain.reactions import REACTIONS
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound


def _id(reaction: Reaction) -> int:
    return reaction.id


_ORDERS: Final[dict[str, Key]] = {
    "id": _id,
    "label": lambda reaction: reaction.label,
    "sentiment": lambda reaction: reaction.sentiment,
}


async def index(call: CommunityCall) -> Answer:
    """All of them, or those that are searched for."""
    search, is_active = read_search(call), call.parameters.flag("active")
    every = [present_reaction(each, call.room.base_url) for each in REACTIONS.values()]
    found = [
        each for each in every if fits(search, each.label) and is_active in (None, each.active)
    ]
    return answer_short(call, in_order(call, found, _ORDERS, _id))


async def show(call: CommunityCall) -> Answer:
    """One of them."""
    reaction = REACTIONS.get(call.path_id())
    if reaction is None:
        raise NotFound
    return Answer(present_reaction(reaction, call.room.base_url))


OPERATIONS: Final = (
    tell("GET /api/v2/reaction/", index, "[Reaction]"),
    tell("GET /api/v2/reaction/search/", index, "[Reaction]"),
    tell("GET /api/v2/reaction/{id}/", show, "Reaction"),
)
