"""Scheduled statuses: list, see, move and call off. They are made by posting (routes/statuses)."""

from typing import Final

import msgspec

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.scheduling import present_scheduled
from stonechat.dialects.mastodon.forms.scheduling import read_due
from stonechat.dialects.mastodon.rendering import Renderer
from stonechat.domain import limits
from stonechat.domain.ids import ScheduledId
from stonechat.domain.scheduling import ScheduledView
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer, Handler
from stonechat.services import scheduling


def answer_scheduled(call: MastodonCall, view: ScheduledView) -> Answer:
    """One of the viewer's scheduled statuses."""
    return Answer(_sealed(call, present_scheduled(view, call.room.site)))


def _sealed(call: MastodonCall, entity: object) -> bytes:
    return call.room.seals.apply(msgspec.json.encode(entity), call.viewer.account_id)


async def index(call: MastodonCall) -> Answer:
    """What the viewer has scheduled."""
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE)
    page = await scheduling.list_scheduled(call.env, call.viewer, cursor)
    url = call.env.settings.base_url + call.request.path
    found = [present_scheduled(each, call.room.site) for each in page.items]
    return Answer(_sealed(call, found), headers=link_header(url, call.parameters, page))


async def show(call: MastodonCall) -> Answer:
    """One of them."""
    found = await scheduling.see_scheduled(call.env, call.viewer, ScheduledId(call.path_id()))
    return answer_scheduled(call, found)


async def update(call: MastodonCall) -> Answer:
    """Move it to another time; nothing else of it can be changed."""
    due_ms = read_due(call.parameters)
    if due_ms is None:
        return await show(call)
    scheduled_id = ScheduledId(call.path_id())
    moved = await scheduling.move_scheduled(call.env, call.viewer, scheduled_id, due_ms)
    return answer_scheduled(call, moved)


async def delete(call: MastodonCall) -> Answer:
    """Call it off."""
    await scheduling.cancel_scheduled(call.env, call.viewer, ScheduledId(call.path_id()))
    return Answer({})


def _one(method: str, handler: Handler[Renderer], entity: str, scope: str) -> MastodonOperation:
    return MastodonOperation(
        method, "/api/v1/scheduled_statuses/{id}", handler, entity, scope=scope
    )


OPERATIONS: Final = (
    MastodonOperation(
        "GET", "/api/v1/scheduled_statuses", index, "[ScheduledStatus]", scope="read:statuses"
    ),
    _one("GET", show, "ScheduledStatus", "read:statuses"),
    _one("PUT", update, "ScheduledStatus", "write:statuses"),
    _one("PATCH", update, "ScheduledStatus", "write:statuses"),
    _one("DELETE", delete, "{}", "write:statuses"),
)
