"""Quotes of a status: the list of them, taking one back, and who may make one."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.forms.quotes import read_required_quote_policy
from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer
from stonechat.services import quotes


async def index(call: MastodonCall) -> Answer:
    """What quotes a status, newest first."""
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE, has_min=False)
    page = await quotes.list_quoting(call.env, call.viewer, StatusId(call.path_id()), cursor)
    body = await call.room.status_list(call.viewer, page.items)
    url = call.env.settings.base_url + call.request.path
    links = link_header(url, call.parameters, page, previous="since_id")
    return Answer(body, headers=links)


async def revoke(call: MastodonCall) -> Answer:
    """Take one's status out of another; the answer is the one that quoted it."""
    quoted_id, quoting_id = StatusId(call.path_id()), StatusId(call.path_id("quoting_id"))
    glance = await quotes.revoke_quote(call.env, call.viewer, quoted_id, quoting_id)
    return Answer(await call.room.status(call.viewer, glance))


async def change_policy(call: MastodonCall) -> Answer:
    """Say who may quote one's status."""
    policy = read_required_quote_policy(call.parameters)
    glance = await quotes.set_policy(call.env, call.viewer, StatusId(call.path_id()), policy)
    return Answer(await call.room.status(call.viewer, glance))


OPERATIONS: Final = (
    MastodonOperation(
        "GET", "/api/v1/statuses/{id}/quotes", index, "[Status]", scope="read:statuses"
    ),
    MastodonOperation(
        "POST",
        "/api/v1/statuses/{id}/quotes/{quoting_id}/revoke",
        revoke,
        "Status",
        scope="write:statuses",
    ),
    MastodonOperation(
        "PUT",
        "/api/v1/statuses/{id}/interaction_policy",
        change_policy,
        "Status",
        scope="write:statuses",
    ),
)
