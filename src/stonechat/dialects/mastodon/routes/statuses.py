"""Statuses: post, read, edit, delete, and what stands around one."""

from typing import Final

import msgspec

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.media import present_media
from stonechat.dialects.mastodon.entities.statuses import StatusSource, present_edit
from stonechat.dialects.mastodon.forms.scheduling import read_due
from stonechat.dialects.mastodon.forms.statuses import read_edit, read_post
from stonechat.dialects.mastodon.rendering import Renderer
from stonechat.dialects.mastodon.routes.scheduling import answer_scheduled
from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.domain.media import shown_attachments
from stonechat.domain.scheduling import ScheduledView
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer, Handler
from stonechat.services import edits, scheduling, statuses, threads
from stonechat.services.once import Kept


async def create(call: MastodonCall) -> Answer:
    """Post a status, now or later; 200 also for a retry with the same Idempotency-Key."""
    command = read_post(call.parameters, call.idempotency_key())
    due_ms = read_due(call.parameters)
    if due_ms is not None and due_ms > call.env.clock.now_ms():
        made = await scheduling.schedule_status(call.env, call.viewer, command, due_ms)
    else:
        made = await statuses.post_status(call.env, call.viewer, command)
    if isinstance(made, Kept):
        made = await scheduling.see_kept(call.env, call.viewer, made, command.idempotency_key)
    if isinstance(made, ScheduledView):
        return answer_scheduled(call, made)
    glance, view = made
    if view is not None:
        call.room.keep(view)
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
    with_media = call.parameters.flag("delete_media") or False
    glance = await statuses.see_own_status(call.env, call.viewer, status_id)
    rendered = await call.room.status(call.viewer, glance)
    status = await statuses.delete_status(call.env, call.viewer, status_id, with_media=with_media)
    fields = msgspec.json.decode(rendered, type=dict[str, msgspec.Raw])
    del fields["content"]
    fields["text"] = msgspec.Raw(msgspec.json.encode(status.text))
    # Nobody but its author may have the files of a deleted status.
    media = [
        present_media(each, call.room.site, is_sealed=True)
        for each in shown_attachments(status.media)
    ]
    sealed = call.room.seals.apply(msgspec.json.encode(media), call.viewer.account_id)
    fields["media_attachments"] = msgspec.Raw(sealed)
    return Answer(fields)


async def edit(call: MastodonCall) -> Answer:
    """Put one's own status in other words."""
    command = read_edit(call.parameters, StatusId(call.path_id()))
    glance = await edits.edit_status(call.env, call.viewer, command)
    return Answer(await call.room.status(call.viewer, glance))


async def history(call: MastodonCall) -> Answer:
    """Every wording, oldest first."""
    status, found = await edits.see_history(call.env, call.viewer, StatusId(call.path_id()))
    account = (await call.room.accounts([status.account_id]))[status.account_id]
    site, is_collapsed = call.room.site, status.is_collapsed
    rendered = msgspec.json.encode(
        [
            present_edit(each, status.visibility, account, site, is_collapsed=is_collapsed)
            for each in found
        ]
    )
    return Answer(call.room.seals.apply(rendered, call.viewer.account_id))


async def source(call: MastodonCall) -> Answer:
    """The text as it was typed; a client asks for it before it edits."""
    status = await edits.see_source(call.env, call.viewer, StatusId(call.path_id()))
    return Answer(StatusSource(str(status.id), status.text, status.spoiler))


async def context(call: MastodonCall) -> Answer:
    """What the status answers, and what answers it."""
    found = await threads.see_context(call.env, call.viewer, StatusId(call.path_id()))
    above = await call.room.status_list(call.viewer, found.ancestors)
    below = await call.room.status_list(call.viewer, found.descendants)
    return Answer(b'{"ancestors":' + above + b',"descendants":' + below + b"}")


def _reading(name: str, handler: Handler[Renderer], entity: str) -> MastodonOperation:
    path = f"/api/v1/statuses/{{id}}/{name}"
    return MastodonOperation("GET", path, handler, entity, Caller.ANYONE, "read:statuses")


def _editing(method: str) -> MastodonOperation:
    path = "/api/v1/statuses/{id}"
    return MastodonOperation(method, path, edit, "Status", scope="write:statuses", limit="post")


OPERATIONS: Final = (
    MastodonOperation(
        "POST", "/api/v1/statuses", create, "Status", scope="write:statuses", limit="post"
    ),
    MastodonOperation("GET", "/api/v1/statuses", index, "[Status]", Caller.ANYONE, "read:statuses"),
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
    _editing("PUT"),
    _editing("PATCH"),
    _reading("context", context, "Context"),
    _reading("history", history, "[StatusEdit]"),
    MastodonOperation(
        "GET",
        "/api/v1/statuses/{id}/source",
        source,
        "StatusSource",
        scope="read:statuses",
    ),
)
