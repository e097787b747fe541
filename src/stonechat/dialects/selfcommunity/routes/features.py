"""Features: what an interface asks at its start, to know which of its parts to show."""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, tell
from stonechat.dialects.selfcommunity.entities.features import present_feature
from stonechat.dialects.selfcommunity.short_lists import answer_short, fits, read_search
from stonechat.domain import limits
from stonechat.domain.features import FEATURES
from stonechat.http.operations import Answer

EVERY: Final = tuple(present_feature(each) for each in FEATURES)


async def index(call: CommunityCall) -> Answer:
    """All of them, or the one of a name, or those that are searched for."""
    search = read_search(call)
    name = call.parameters.text("name", characters_max=limits.SEARCH_CHARACTERS_MAX)
    found = [each for each in EVERY if fits(search, each.name) and (not name or name == each.name)]
    return answer_short(call, found)


OPERATIONS: Final = (tell("GET /api/v2/feature/", index, "[Feature]"),)
