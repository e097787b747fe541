"""Suggestions: whom and what the viewer might follow."""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.calls import CommunityCall, offer
from stonechat.dialects.selfcommunity.entities.categories import category_bytes
from stonechat.dialects.selfcommunity.entities.users import user_bytes
from stonechat.dialects.selfcommunity.pages import answer_entities, answer_page, read_window
from stonechat.dialects.selfcommunity.short_lists import fits, read_search
from stonechat.domain.categories import ShownCategory
from stonechat.domain.members import MemberView
from stonechat.http.operations import Answer
from stonechat.services import categories, members, suggestions

MEMBERS_SUGGESTED_MAX: Final = 100
"""In the list of everything."""


class Suggestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the list of everything: what it is, its weight, and under its name what is meant."""

    type: str
    score: int
    category: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    user: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


async def suggest_users(call: CommunityCall) -> Answer:
    """Friends of friends first, then those whom most follow."""
    window = read_window(call)
    found = await suggestions.list_suggestions(call.env, call.viewer, window.offset, window.reach)
    shown = await call.room.user_list([each.account_id for each in found[: window.limit]])
    has_more = len(found) > window.limit
    count = window.offset + len(found)
    return answer_page(call, window, shown, count, has_more=has_more)


async def suggest_categories(call: CommunityCall) -> Answer:
    """Those that the viewer does not follow, the one with most followers first."""
    found = await _categories(call)
    return answer_entities(call, read_window(call), [_category(call, each) for each in found])


async def suggest_everything(call: CommunityCall) -> Answer:
    """Both, as far as their names fit what is searched for; what most follow comes first."""
    search, window = read_search(call), read_window(call)
    found = [
        Suggestion("category", each.category.followers, category=_category(call, each))
        for each in await _categories(call)
        if fits(search, each.category.name)
    ]
    found += [
        Suggestion("user", each.account.followers, user=_user(call, each))
        for each in await _members(call)
        if fits(search, each.account.username, each.account.display_name)
    ]
    # The sort is stable: among equals categories stay first.
    found.sort(key=lambda each: -each.score)
    return answer_entities(call, window, found)


async def _categories(call: CommunityCall) -> list[ShownCategory]:
    found = await categories.list_popular(call.env, call.viewer)
    return [each for each in found if not each.is_followed]


async def _members(call: CommunityCall) -> list[MemberView]:
    found = await suggestions.list_suggestions(call.env, call.viewer, 0, MEMBERS_SUGGESTED_MAX)
    ids = [each.account_id for each in found]
    loaded = await members.load_members(call.env, ids)
    return [loaded[each] for each in ids if each in loaded]


def _category(call: CommunityCall, shown: ShownCategory) -> msgspec.Raw:
    return msgspec.Raw(
        category_bytes(shown.category, call.room.base_url, is_followed=shown.is_followed)
    )


def _user(call: CommunityCall, member: MemberView) -> msgspec.Raw:
    return msgspec.Raw(user_bytes(member, call.room.base_url))


OPERATIONS: Final = (
    offer("GET /api/v2/suggestion/", suggest_everything, "[Suggestion]"),
    offer("GET /api/v2/suggestion/user/", suggest_users, "[User]"),
    offer("GET /api/v2/suggestion/category/", suggest_categories, "[Category]"),
)
