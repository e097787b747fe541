"""Trends: tags and statuses that many people take up."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.tags import present_tag
from stonechat.dialects.mastodon.forms.offsets import offset_links, read_span
from stonechat.domain import limits
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import trends


async def tags(call: MastodonCall) -> Answer:
    """The tags that most people use."""
    span = read_span(call.parameters, limits.TRENDS_PAGE)
    found = await trends.list_tags(call.env, call.viewer, *span)
    base_url = call.env.settings.base_url
    links = offset_links(base_url + call.request.path, call.parameters, span, len(found))
    return Answer([present_tag(tag, base_url) for tag in found], headers=links)


async def statuses(call: MastodonCall) -> Answer:
    """The statuses that most people take up."""
    span = read_span(call.parameters, limits.STATUSES_PAGE)
    found = await trends.list_statuses(call.env, call.viewer, *span)
    url = call.env.settings.base_url + call.request.path
    links = offset_links(url, call.parameters, span, len(found))
    return Answer(await call.room.status_list(call.viewer, found), headers=links)


async def links(call: MastodonCall) -> Answer:
    """No links trend: pages behind links are not looked at, so there is nothing to show."""
    del call
    return Answer([])


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/trends", tags, "[Tag]", Caller.ANYONE),
    MastodonOperation("GET", "/api/v1/trends/tags", tags, "[Tag]", Caller.ANYONE),
    MastodonOperation("GET", "/api/v1/trends/statuses", statuses, "[Status]", Caller.ANYONE),
    MastodonOperation("GET", "/api/v1/trends/links", links, "[Link]", Caller.ANYONE),
)
