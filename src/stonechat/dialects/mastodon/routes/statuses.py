"""Statuses: post, read, delete."""

from typing import Final

import msgspec

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.forms.statuses import read_post
from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import statuses


async def create(call: MastodonCall) -> Answer:
    """Post a status; 200 also for a retry with the same Idempotency-Key."""
    command = read_post(call.parameters, call.header("idempotency-key"))
    glance = await statuses.post_status(call.env, call.viewer, command)
    return Answer(await call.room.status(call.viewer, glance))


async def show(call: MastodonCall) -> Answer:
    """One status."""
    status_id = StatusId(call.path_id())
    call.viewer, glance = await statuses.see_status(call.env, call.bearer, status_id)
    return Answer(await call.room.status(call.viewer, glance))


async def index(call: MastodonCall) -> Answer:
    """Several statuses by id; those that cannot be seen are left out."""
    ids = call.parameters.identifiers("id", items_max=limits.STATUSES_BY_ID_MAX)
    found = await statuses.see_statuses(call.env, call.viewer, [StatusId(each) for each in ids])
    return Answer(await call.room.status_list(call.viewer, found))


async def delete(call: MastodonCall) -> Answer:
    """Delete one's own status; the answer holds its text, for delete and redraft."""
    status_id = StatusId(call.path_id())
    glance = await statuses.see_own_status(call.env, call.viewer, status_id)
    rendered = await call.room.status(call.viewer, glance)
    status = await statuses.delete_status(call.env, call.viewer, status_id)
    fields = msgspec.json.decode(rendered, type=dict[str, msgspec.Raw])
    del fields["content"]
    fields["text"] = msgspec.Raw(msgspec.json.encode(status.text))
    return Answer(fields)


OPERATIONS: Final = (
    MastodonOperation(
        "POST", "/api/v1/statuses", create, "Status", scope="write:statuses", limit="post"
    ),
    MastodonOperation(
        "GET", "/api/v1/statuses", index, "[Status]", Caller.ANYONE, "read:statuses"
    ),
    MastodonOperation(
        "GET",
        "/api/v1/statuses/{id}",
        show,
        "Status",
        Caller.ANYONE,
        "read:statuses",
        rides=True,
    ),
    MastodonOperation(
        "DELETE",
        "/api/v1/statuses/{id}",
        delete,
        "Status",
        scope="write:statuses",
        limit="delete",
    ),
)
