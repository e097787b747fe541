"""Custom menus: the links at the foot of a page. `base` and the like are names, not paths."""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, tell
from stonechat.dialects.selfcommunity.entities.custom_menus import present_menus
from stonechat.dialects.selfcommunity.short_lists import answer_short, fits, read_search
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound


async def index(call: CommunityCall) -> Answer:
    """All of them, or those that are searched for."""
    search = read_search(call)
    return answer_short(
        call, [each for each in present_menus(call.env.settings) if fits(search, each.name)]
    )


async def show(call: CommunityCall) -> Answer:
    """One of them, by its id or by its name."""
    for menu in present_menus(call.env.settings):
        if call.path["id"] in (str(menu.id), menu.name):
            return Answer(menu)
    raise NotFound


OPERATIONS: Final = (
    tell("GET /api/v2/custom_menu/", index, "[CustomMenu]"),
    tell("GET /api/v2/custom_menu/search/", index, "[CustomMenu]"),
    tell("GET /api/v2/custom_menu/{id}/", show, "CustomMenu"),
)
