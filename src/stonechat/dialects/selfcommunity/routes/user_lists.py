"""The lists around a user: followers, followings, categories; and whom the viewer hides."""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, offer
from stonechat.dialects.selfcommunity.entities.categories import category_bytes
from stonechat.dialects.selfcommunity.forms.users import read_search
from stonechat.dialects.selfcommunity.pages import read_window
from stonechat.dialects.selfcommunity.user_pages import answer_members
from stonechat.domain.ids import AccountId
from stonechat.domain.members import Window
from stonechat.domain.profiles import Circle
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import categories, circles, members


async def _answer_circle(call: CommunityCall, circle: Circle) -> Answer:
    window = read_window(call)
    found = await circles.list_circle(
        call.env,
        call.viewer,
        AccountId(call.path_id()),
        circle,
        Window(*window),
        only_shared=call.parameters.flag("mutual") or False,
    )
    return answer_members(call, window, found)


async def list_followers(call: CommunityCall) -> Answer:
    """Who follows a user."""
    return await _answer_circle(call, Circle.FOLLOWERS)


async def list_followings(call: CommunityCall) -> Answer:
    """Whom a user follows."""
    return await _answer_circle(call, Circle.FOLLOWINGS)


async def list_categories(call: CommunityCall) -> Answer:
    """The categories that a user follows, as a bare list."""
    member = await members.see_member(call.env, AccountId(call.path_id()))
    found = await categories.list_followed_by(
        call.env, call.viewer, member.id, mutual=call.parameters.flag("mutual") or False
    )
    shown = [
        category_bytes(each.category, call.room.base_url, is_followed=each.is_followed)
        for each in found
    ]
    return Answer(b"[%b]" % b",".join(shown))


async def list_hidden(call: CommunityCall) -> Answer:
    """Whom the viewer hides."""
    window = read_window(call)
    search = read_search(call.parameters, name="search")
    found = await members.list_hidden(call.env, call.viewer, search, Window(*window))
    return answer_members(call, window, found)


async def list_hidden_ids(call: CommunityCall) -> Answer:
    """The same, as a bare list of ids, which the vendor's interface reads at its start."""
    return Answer(list(await members.list_hidden_ids(call.env, call.viewer)))


OPERATIONS: Final = (
    offer("GET /api/v2/user/{id}/followers/", list_followers, "User", Caller.ANYONE),
    offer("GET /api/v2/user/{id}/followings/", list_followings, "User", Caller.ANYONE),
    offer("GET /api/v2/user/{id}/categories/", list_categories, "Category", Caller.ANYONE),
    offer("GET /api/v2/user/hidden_users/", list_hidden, "User"),
    offer("GET /api/v2/user/hidden_users_id/", list_hidden_ids, "id"),
)
