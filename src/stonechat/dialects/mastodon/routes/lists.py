"""Lists, their members, and what their members said."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.lists import present_list
from stonechat.dialects.mastodon.forms.lists import (
    read_list,
    read_members,
    read_members_cursor,
    wants_all_members,
)
from stonechat.dialects.mastodon.routes.timelines import answer_page
from stonechat.domain import limits
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer
from stonechat.services import lists


async def index(call: MastodonCall) -> Answer:
    """Every list of the viewer; there are few, so they are not paged."""
    return Answer([present_list(each) for each in await lists.see_lists(call.env, call.viewer)])


async def create(call: MastodonCall) -> Answer:
    """Make a list."""
    made = await lists.create_list(call.env, call.viewer, read_list(call.parameters))
    return Answer(present_list(made))


async def show(call: MastodonCall) -> Answer:
    """One list."""
    return Answer(present_list(await lists.see_list(call.env, call.viewer, call.path_id())))


async def update(call: MastodonCall) -> Answer:
    """Change a list; what is not sent stays."""
    change = read_list(call.parameters)
    changed = await lists.change_list(call.env, call.viewer, call.path_id(), change)
    return Answer(present_list(changed))


async def delete(call: MastodonCall) -> Answer:
    """Take a list away."""
    await lists.delete_list(call.env, call.viewer, call.path_id())
    return Answer({})


async def index_accounts(call: MastodonCall) -> Answer:
    """Who is on a list; everybody, without links, for `limit=0`."""
    cursor = read_members_cursor(call.parameters)
    page = await lists.see_members(call.env, call.viewer, call.path_id(), cursor)
    body = await call.room.account_list(page.items)
    if wants_all_members(call.parameters):
        return Answer(body)
    url = call.env.settings.base_url + call.request.path
    return Answer(body, headers=link_header(url, call.parameters, page, previous="since_id"))


async def add_accounts(call: MastodonCall) -> Answer:
    """Put accounts on a list."""
    wanted = read_members(call.parameters)
    await lists.add_members(call.env, call.viewer, call.path_id(), wanted)
    return Answer({})


async def remove_accounts(call: MastodonCall) -> Answer:
    """Take accounts off a list."""
    unwanted = read_members(call.parameters)
    await lists.remove_members(call.env, call.viewer, call.path_id(), unwanted)
    return Answer({})


async def timeline(call: MastodonCall) -> Answer:
    """What the members of a list said."""
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE)
    call.viewer, page = await lists.see_list_timeline(call.env, call.bearer, call.path_id(), cursor)
    return await answer_page(call, call.viewer, page)


_READ: Final = "read:lists"
_WRITE: Final = "write:lists"

OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/lists", index, "[List]", scope=_READ),
    MastodonOperation("POST", "/api/v1/lists", create, "List", scope=_WRITE),
    MastodonOperation("GET", "/api/v1/lists/{id}", show, "List", scope=_READ),
    MastodonOperation("PUT", "/api/v1/lists/{id}", update, "List", scope=_WRITE),
    MastodonOperation("PATCH", "/api/v1/lists/{id}", update, "List", scope=_WRITE),
    MastodonOperation("DELETE", "/api/v1/lists/{id}", delete, "{}", scope=_WRITE),
    MastodonOperation(
        "GET", "/api/v1/lists/{id}/accounts", index_accounts, "[Account]", scope=_READ
    ),
    MastodonOperation("POST", "/api/v1/lists/{id}/accounts", add_accounts, "{}", scope=_WRITE),
    MastodonOperation("DELETE", "/api/v1/lists/{id}/accounts", remove_accounts, "{}", scope=_WRITE),
    MastodonOperation(
        "GET", "/api/v1/timelines/list/{id}", timeline, "[Status]", scope=_READ, rides=True
    ),
)
