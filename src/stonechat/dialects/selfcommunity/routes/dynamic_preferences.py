"""Dynamic preferences: the first thing that an interface asks for, and may not go without.

The list comes whole, in one page, for it is read but once and nothing is drawn before.
"""

from typing import Final

from stonechat.dialects.selfcommunity.calls import (
    CommunityCall,
    ensure_administrator,
    offer,
    tell,
)
from stonechat.dialects.selfcommunity.entities.dynamic_preferences import (
    DynamicPreference,
    present_preference,
)
from stonechat.dialects.selfcommunity.forms.dynamic_preferences import read_changes, read_keys
from stonechat.dialects.selfcommunity.short_lists import (
    Key,
    answer_short,
    fits,
    in_order,
    read_search,
)
from stonechat.domain import limits
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import dynamic_preferences

_ORDERS: Final[dict[str, Key]] = {
    "id": lambda each: each.id,
    "section": lambda each: (each.section, each.name),
    "name": lambda each: (each.name, each.section),
}


async def index(call: CommunityCall) -> Answer:
    """All of them, or those that are looked for; one of exactly that name comes first."""
    keys, search = read_keys(call.parameters), read_search(call)
    section = call.parameters.text("section", characters_max=limits.SEARCH_CHARACTERS_MAX)

    def is_wanted(each: DynamicPreference) -> bool:
        key = f"{each.section}.{each.name}"
        return (
            fits(search, key, each.help)
            and (not section or each.section == section)
            and (keys is None or key in keys)
        )

    def nearness(each: DynamicPreference) -> tuple[bool, int]:
        return search not in (each.name, f"{each.section}.{each.name}"), each.id

    every = map(present_preference, await dynamic_preferences.see_preferences(call.env))
    found = [each for each in every if is_wanted(each)]
    return answer_short(call, in_order(call, found, _ORDERS, nearness))


async def show(call: CommunityCall) -> Answer:
    """One of them."""
    wanted = call.path_id()
    for seen in await dynamic_preferences.see_preferences(call.env):
        if seen.preference.id == wanted:
            return Answer(present_preference(seen))
    raise NotFound


async def change(call: CommunityCall) -> Answer:
    """Change looks and texts. The answer has what was changed, by the names of the request."""
    ensure_administrator(call)
    asked = read_changes(call.parameters)
    seen = await dynamic_preferences.change_preferences(
        call.env, {preference.key: value for preference, value in asked.values()}
    )
    return Answer({name: seen[preference.key].value for name, (preference, _) in asked.items()})


OPERATIONS: Final = (
    tell("GET /api/v2/dynamic_preference/", index, "[DynamicPreference]"),
    tell("GET /api/v2/dynamic_preference/search/", index, "[DynamicPreference]"),
    tell("GET /api/v2/dynamic_preference/{id}/", show, "DynamicPreference"),
    offer("PATCH /api/v2/dynamic_preference/", change, "{}"),
)
