"""Filters, their keywords and the statuses that they name."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.filters import (
    present_filtered_status,
    present_keyword,
    present_whole_filter,
)
from stonechat.dialects.mastodon.forms.filters import read_filter, read_keyword
from stonechat.domain.filters import KeywordChange
from stonechat.domain.ids import StatusId
from stonechat.http.operations import Answer
from stonechat.kernel.errors import MissingParameter
from stonechat.services import filters


async def index(call: MastodonCall) -> Answer:
    """Every filter of the viewer."""
    found = await filters.see_filters(call.env, call.viewer)
    return Answer([present_whole_filter(each) for each in found])


async def create(call: MastodonCall) -> Answer:
    """Make a filter, with its keywords."""
    made = await filters.create_filter(call.env, call.viewer, read_filter(call.parameters))
    return Answer(present_whole_filter(made))


async def show(call: MastodonCall) -> Answer:
    """One filter."""
    return Answer(
        present_whole_filter(await filters.see_filter(call.env, call.viewer, call.path_id()))
    )


async def update(call: MastodonCall) -> Answer:
    """Change a filter and its keywords, all or nothing."""
    change = read_filter(call.parameters)
    changed = await filters.change_filter(call.env, call.viewer, call.path_id(), change)
    return Answer(present_whole_filter(changed))


async def delete(call: MastodonCall) -> Answer:
    """Take a filter away."""
    await filters.delete_filter(call.env, call.viewer, call.path_id())
    return Answer({})


async def index_keywords(call: MastodonCall) -> Answer:
    """The keywords of a filter."""
    found = await filters.see_filter(call.env, call.viewer, call.path_id())
    return Answer([present_keyword(each) for each in found.keywords])


async def create_keyword(call: MastodonCall) -> Answer:
    """Add a keyword to a filter."""
    sent = read_keyword(call.parameters)
    wanted = KeywordChange(None, sent.keyword, sent.is_whole_word)
    made = await filters.add_keyword(call.env, call.viewer, call.path_id(), wanted)
    return Answer(present_keyword(made))


async def show_keyword(call: MastodonCall) -> Answer:
    """One keyword."""
    return Answer(present_keyword(await filters.see_keyword(call.env, call.viewer, call.path_id())))


async def update_keyword(call: MastodonCall) -> Answer:
    """Change a keyword."""
    sent = read_keyword(call.parameters)
    wanted = KeywordChange(None, sent.keyword, sent.is_whole_word)
    changed = await filters.change_keyword(call.env, call.viewer, call.path_id(), wanted)
    return Answer(present_keyword(changed))


async def delete_keyword(call: MastodonCall) -> Answer:
    """Take a keyword away."""
    wanted = KeywordChange(is_removed=True)
    await filters.change_keyword(call.env, call.viewer, call.path_id(), wanted)
    return Answer({})


async def index_statuses(call: MastodonCall) -> Answer:
    """The statuses that a filter names."""
    found = await filters.see_filter(call.env, call.viewer, call.path_id())
    return Answer([present_filtered_status(each) for each in found.statuses])


async def create_status(call: MastodonCall) -> Answer:
    """Let a filter name a status."""
    status_id = call.parameters.identifier("status_id")
    if status_id is None:
        raise MissingParameter("status_id")
    made = await filters.add_status(call.env, call.viewer, call.path_id(), StatusId(status_id))
    return Answer(present_filtered_status(made))


async def show_status(call: MastodonCall) -> Answer:
    """One entry for a status."""
    found = await filters.see_filtered_status(call.env, call.viewer, call.path_id())
    return Answer(present_filtered_status(found))


async def delete_status(call: MastodonCall) -> Answer:
    """Let a filter no longer name a status; the answer is the entry as it was."""
    gone = await filters.remove_status(call.env, call.viewer, call.path_id())
    return Answer(present_filtered_status(gone))


_READ: Final = "read:filters"
_WRITE: Final = "write:filters"

OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v2/filters", index, "[Filter]", scope=_READ),
    MastodonOperation("POST", "/api/v2/filters", create, "Filter", scope=_WRITE),
    MastodonOperation("GET", "/api/v2/filters/{id}", show, "Filter", scope=_READ),
    MastodonOperation("PUT", "/api/v2/filters/{id}", update, "Filter", scope=_WRITE),
    MastodonOperation("PATCH", "/api/v2/filters/{id}", update, "Filter", scope=_WRITE),
    MastodonOperation("DELETE", "/api/v2/filters/{id}", delete, "{}", scope=_WRITE),
    MastodonOperation(
        "GET", "/api/v2/filters/{id}/keywords", index_keywords, "[FilterKeyword]", scope=_READ
    ),
    MastodonOperation(
        "POST", "/api/v2/filters/{id}/keywords", create_keyword, "FilterKeyword", scope=_WRITE
    ),
    MastodonOperation(
        "GET", "/api/v2/filters/keywords/{id}", show_keyword, "FilterKeyword", scope=_READ
    ),
    MastodonOperation(
        "PUT", "/api/v2/filters/keywords/{id}", update_keyword, "FilterKeyword", scope=_WRITE
    ),
    MastodonOperation(
        "PATCH", "/api/v2/filters/keywords/{id}", update_keyword, "FilterKeyword", scope=_WRITE
    ),
    MastodonOperation(
        "DELETE", "/api/v2/filters/keywords/{id}", delete_keyword, "{}", scope=_WRITE
    ),
    MastodonOperation(
        "GET", "/api/v2/filters/{id}/statuses", index_statuses, "[FilterStatus]", scope=_READ
    ),
    MastodonOperation(
        "POST", "/api/v2/filters/{id}/statuses", create_status, "FilterStatus", scope=_WRITE
    ),
    MastodonOperation(
        "GET", "/api/v2/filters/statuses/{id}", show_status, "FilterStatus", scope=_READ
    ),
    MastodonOperation(
        "DELETE", "/api/v2/filters/statuses/{id}", delete_status, "FilterStatus", scope=_WRITE
    ),
)
