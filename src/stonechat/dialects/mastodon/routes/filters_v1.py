"""Filters as Mastodon's first API has them: one for each keyword, under the keyword's id."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.filters import present_phrase
from stonechat.dialects.mastodon.forms.filters import read_phrase
from stonechat.http.operations import Answer
from stonechat.services import phrases


async def index(call: MastodonCall) -> Answer:
    """Every keyword of every filter."""
    found = await phrases.see_phrases(call.env, call.viewer)
    return Answer([present_phrase(each) for each in found])


async def create(call: MastodonCall) -> Answer:
    """Make a filter of one keyword."""
    made = await phrases.create_phrase(call.env, call.viewer, read_phrase(call.parameters))
    return Answer(present_phrase(made))


async def show(call: MastodonCall) -> Answer:
    """One keyword."""
    return Answer(present_phrase(await phrases.see_phrase(call.env, call.viewer, call.path_id())))


async def update(call: MastodonCall) -> Answer:
    """Change a keyword, and its filter where the keyword is the only one."""
    change = read_phrase(call.parameters)
    changed = await phrases.change_phrase(call.env, call.viewer, call.path_id(), change)
    return Answer(present_phrase(changed))


async def delete(call: MastodonCall) -> Answer:
    """Take a keyword away."""
    await phrases.delete_phrase(call.env, call.viewer, call.path_id())
    return Answer({})


_READ: Final = "read:filters"
_WRITE: Final = "write:filters"

OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/filters", index, "[V1::Filter]", scope=_READ),
    MastodonOperation("POST", "/api/v1/filters", create, "V1::Filter", scope=_WRITE),
    MastodonOperation("GET", "/api/v1/filters/{id}", show, "V1::Filter", scope=_READ),
    MastodonOperation("PUT", "/api/v1/filters/{id}", update, "V1::Filter", scope=_WRITE),
    MastodonOperation("PATCH", "/api/v1/filters/{id}", update, "V1::Filter", scope=_WRITE),
    MastodonOperation("DELETE", "/api/v1/filters/{id}", delete, "{}", scope=_WRITE),
)
