"""Categories: the rooms of the community. Only administrators change them.

The list of all comes whole unless a limit is asked for: the vendor's client would otherwise ask
for its first page for ever. What is said in a category is in routes/feeds.
"""

from collections.abc import Sequence
from typing import Final

from stonechat.dialects.selfcommunity.calls import (
    CommunityCall,
    CommunityOperation,
    ensure_administrator,
    offer,
)
from stonechat.dialects.selfcommunity.entities.categories import (
    Audience,
    CategoryIsFollowed,
    category_bytes,
)
from stonechat.dialects.selfcommunity.forms.categories import (
    read_change,
    read_choice,
    read_days,
    read_images,
)
from stonechat.dialects.selfcommunity.pages import answer_page, answer_whole, read_window
from stonechat.domain.categories import ShownCategory
from stonechat.domain.ids import CategoryId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import UPLOAD_BYTES_MAX, Answer
from stonechat.services import categories, category_changes, category_follows


def _path_id(call: CommunityCall) -> CategoryId:
    return CategoryId(call.path_id())


def _rendered(call: CommunityCall, shown: ShownCategory) -> bytes:
    category, is_followed = shown
    return category_bytes(category, call.env.settings.base_url, is_followed=is_followed)


def _answer_list(call: CommunityCall, found: Sequence[ShownCategory]) -> Answer:
    window = read_window(call)
    some = found[window.offset : window.offset + window.limit]
    rendered = [_rendered(call, each) for each in some]
    has_more = len(found) > window.offset + window.limit
    return answer_page(call, window, rendered, len(found), has_more=has_more)


async def list_all(call: CommunityCall) -> Answer:
    """GET /category/: whole, unless a limit is asked for."""
    choice = read_choice(call.parameters)
    found = await categories.list_categories(call.env, call.viewer, choice)
    if "limit" in call.parameters or "offset" in call.parameters:
        return _answer_list(call, found)
    return answer_whole([_rendered(call, each) for each in found])


async def search(call: CommunityCall) -> Answer:
    """GET /category/search/."""
    choice = read_choice(call.parameters)
    found = await categories.list_categories(call.env, call.viewer, choice)
    return _answer_list(call, found)


async def list_followed(call: CommunityCall) -> Answer:
    """GET /category/followed/: those that the viewer follows."""
    choice = read_choice(call.parameters)._replace(is_followed=True)
    found = await categories.list_categories(call.env, call.viewer, choice)
    return _answer_list(call, found)


async def list_popular(call: CommunityCall) -> Answer:
    """GET /category/popular/."""
    return _answer_list(call, await categories.list_popular(call.env, call.viewer))


async def create(call: CommunityCall) -> Answer:
    """POST /category/."""
    ensure_administrator(call)
    await call.read_parameters()
    base_url = call.env.settings.base_url
    wanted = read_change(call.parameters, base_url, is_whole=True)
    images = read_images(call.parameters, base_url)
    shown = await category_changes.create_category(call.env, call.viewer, wanted, images)
    return Answer(_rendered(call, shown), 201)


async def read(call: CommunityCall) -> Answer:
    """GET /category/{id}/."""
    shown = await categories.see_category(call.env, call.viewer, _path_id(call))
    return Answer(_rendered(call, shown))


async def replace(call: CommunityCall) -> Answer:
    """PUT /category/{id}/: what is not named is as on a new one."""
    return await _change(call, is_whole=True)


async def change(call: CommunityCall) -> Answer:
    """PATCH /category/{id}/: what is not named stays."""
    return await _change(call, is_whole=False)


async def _change(call: CommunityCall, *, is_whole: bool) -> Answer:
    ensure_administrator(call)
    await call.read_parameters()
    base_url = call.env.settings.base_url
    wanted = read_change(call.parameters, base_url, is_whole=is_whole)
    images = read_images(call.parameters, base_url)
    shown = await category_changes.change_category(
        call.env, call.viewer, _path_id(call), wanted, images, is_whole=is_whole
    )
    return Answer(_rendered(call, shown))


async def delete(call: CommunityCall) -> Answer:
    """DELETE /category/{id}/."""
    ensure_administrator(call)
    await category_changes.delete_category(call.env, call.viewer, _path_id(call))
    return Answer(b"", 204)


async def list_children(call: CommunityCall) -> Answer:
    """GET /category/{id}/children/: one level down."""
    found = await categories.list_around(call.env, call.viewer, _path_id(call), above=False)
    return _answer_list(call, found)


async def list_parents(call: CommunityCall) -> Answer:
    """GET /category/{id}/parents/: one level up."""
    found = await categories.list_around(call.env, call.viewer, _path_id(call), above=True)
    return _answer_list(call, found)


async def follow(call: CommunityCall) -> Answer:
    """POST /category/{id}/follow/: said again it is undone."""
    await category_follows.toggle_follow(call.env, call.viewer, _path_id(call))
    return Answer(b"", 204)


async def is_followed(call: CommunityCall) -> Answer:
    """GET /category/{id}/is_followed/."""
    shown = await categories.see_category(call.env, call.viewer, _path_id(call))
    return Answer(CategoryIsFollowed(shown.is_followed))


async def read_audience(call: CommunityCall) -> Answer:
    """GET /category/{id}/audience/."""
    everybody, known = await categories.count_audience(call.env, call.viewer, _path_id(call))
    return Answer(Audience(everybody, known))


async def list_followers(call: CommunityCall) -> Answer:
    """GET /category/{id}/followers/."""
    window = read_window(call)
    ids, count = await categories.list_followers(
        call.env, call.viewer, _path_id(call), limit=window.reach, offset=window.offset
    )
    rendered = await call.room.user_list(ids[: window.limit])
    return answer_page(call, window, rendered, count, has_more=len(ids) > window.limit)


async def list_trending_followers(call: CommunityCall) -> Answer:
    """GET /category/{id}/followers/trending/: who says most there."""
    window, days = read_window(call), read_days(call.parameters)
    ids = await categories.list_trending_followers(call.env, call.viewer, _path_id(call), days)
    end = window.offset + window.limit
    rendered = await call.room.user_list(ids[window.offset : end])
    return answer_page(call, window, rendered, len(ids), has_more=len(ids) > end)


_LIST: Final = "Page of Category"
_USERS: Final = "Page of User"
_AT: Final = "/api/v2/category/"
_ONE: Final = "/api/v2/category/{id}/"

OPERATIONS: Final[tuple[CommunityOperation, ...]] = (
    offer("GET " + _AT, list_all, _LIST, Caller.ANYONE),
    offer("GET " + _AT + "search/", search, _LIST, Caller.ANYONE),
    offer("GET " + _AT + "popular/", list_popular, _LIST, Caller.ANYONE),
    offer("GET " + _AT + "followed/", list_followed, _LIST),
    offer("POST " + _AT, create, "Category", body_bytes_max=UPLOAD_BYTES_MAX, reads_itself=True),
    offer("GET " + _ONE, read, "Category", Caller.ANYONE),
    offer("PUT " + _ONE, replace, "Category", body_bytes_max=UPLOAD_BYTES_MAX, reads_itself=True),
    offer("PATCH " + _ONE, change, "Category", body_bytes_max=UPLOAD_BYTES_MAX, reads_itself=True),
    offer("DELETE " + _ONE, delete, "nothing"),
    offer("GET " + _ONE + "children/", list_children, _LIST, Caller.ANYONE),
    offer("GET " + _ONE + "parents/", list_parents, _LIST, Caller.ANYONE),
    offer("POST " + _ONE + "follow/", follow, "nothing"),
    offer("GET " + _ONE + "is_followed/", is_followed, "CategoryIsFollowed"),
    offer("GET " + _ONE + "audience/", read_audience, "Audience", Caller.ANYONE),
    offer("GET " + _ONE + "followers/", list_followers, _USERS),
    offer("GET " + _ONE + "followers/trending/", list_trending_followers, _USERS, Caller.ANYONE),
)
