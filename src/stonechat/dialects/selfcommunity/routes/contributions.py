"""Statuses, posts and discussions: said, read, edited, deleted, brought back.

The three share their routes and their ids; a path names the kind, and finds nothing of another
one. To edit what is another's, what one may not see and what is not there is one answer.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from stonechat.dialects.selfcommunity.calls import (
    CommunityCall,
    CommunityOperation,
    ensure_welcome,
    offer,
    riding,
)
from stonechat.dialects.selfcommunity.forms.contributions import read_edit, read_post
from stonechat.dialects.selfcommunity.forms.drafts import read_due
from stonechat.domain.contributions import KINDS
from stonechat.domain.ids import StatusId
from stonechat.domain.scheduling import DRAFT_MS, ScheduledView
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import contributions, drafts, edits, restoring, scheduling, statuses
from stonechat.services.once import Kept
from stonechat.services.viewers import admit_bearer

Handle = Callable[[str, CommunityCall], Awaitable[Answer]]


async def create(kind: str, call: CommunityCall) -> Answer:
    """Say something."""
    command = read_post(
        call.parameters,
        kind,
        call.env.settings.domain,
        idempotency_key=call.idempotency_key(),
    )
    due_ms = read_due(call.parameters)
    if due_ms is None:
        made = await statuses.post_status(call.env, call.viewer, command)
    else:
        made = await scheduling.schedule_status(call.env, call.viewer, command, due_ms)
    if isinstance(made, Kept):
        made = await scheduling.see_kept(call.env, call.viewer, made, command.idempotency_key)
    if isinstance(made, ScheduledView):
        found = await drafts.show(call.env, call.viewer, [made])
        return Answer((await call.room.waiting(call.viewer, found))[0], 201)
    if made.view is not None:
        await call.room.keep(made.view)
    return Answer(await call.room.contribution(call.viewer, made.glance, kind), 201)


async def show(kind: str, call: CommunityCall) -> Answer:
    """One of them; what its author deleted, for them and for staff."""
    status_id = StatusId(call.path_id())

    async def see() -> bytes:
        try:
            viewer, glance = await statuses.see_status(call.env, call.bearer, status_id)
        except NotFound:
            call.viewer = ensure_welcome(call, await admit_bearer(call.env, call.bearer))
            return await _show_hidden(kind, call, status_id)
        call.viewer = ensure_welcome(call, viewer)
        return await call.room.contribution(viewer, glance, kind)

    return Answer(await riding(call, see))


async def _show_hidden(kind: str, call: CommunityCall, status_id: StatusId) -> bytes:
    """What is deleted or not said yet, for whom may see it."""
    try:
        view = await contributions.see_deleted(call.env, call.viewer, status_id)
    except NotFound:
        found = await drafts.see_waiting(call.env, call.viewer, status_id, kind)
        return (await call.room.waiting(call.viewer, [found]))[0]
    return await call.room.deleted(call.viewer, view, kind)


async def update(kind: str, call: CommunityCall) -> Answer:
    """Put one's own in other words; the whole is replaced."""
    status_id = StatusId(call.path_id())
    command = read_edit(call.parameters, kind, call.env.settings.domain, status_id=status_id)
    try:
        glance = await edits.edit_status(call.env, call.viewer, command)
    except NotFound:
        return await _rewrite(kind, call, status_id)
    return Answer(await call.room.contribution(call.viewer, glance, kind))


async def _rewrite(kind: str, call: CommunityCall, status_id: StatusId) -> Answer:
    """The same for what is not said yet; without a time it becomes a draft."""
    domain = call.env.settings.domain
    command = read_post(call.parameters, kind, domain, idempotency_key=None)
    due_ms = read_due(call.parameters)
    due_ms = DRAFT_MS if due_ms is None else due_ms
    found = await drafts.rewrite(call.env, call.viewer, status_id, command, due_ms)
    return Answer((await call.room.waiting(call.viewer, [found]))[0])


async def destroy(kind: str, call: CommunityCall) -> Answer:
    """Delete one's own; it can be brought back for a while."""
    status_id = StatusId(call.path_id())
    try:
        await contributions.ensure_own(call.env, call.viewer, status_id, kind)
    except NotFound:
        await drafts.discard(call.env, call.viewer, status_id, kind)
        return Answer(b"", 204)
    await statuses.delete_status(call.env, call.viewer, status_id)
    return Answer(b"", 204)


async def restore(kind: str, call: CommunityCall) -> Answer:
    """Bring back what one deleted."""
    status_id = StatusId(call.path_id())
    await contributions.ensure_own(call.env, call.viewer, status_id, kind)
    await restoring.restore_status(call.env, call.viewer, status_id)
    return Answer(b"", 204)


def _offer(kind: str) -> tuple[CommunityOperation, ...]:
    entity, root = kind.capitalize(), f"/api/v2/{kind}/"

    def bound(handle: Handle) -> Callable[[CommunityCall], Awaitable[Answer]]:
        return partial(handle, kind)

    return (
        offer(f"POST {root}", bound(create), entity, limit="post"),
        offer(f"GET {root}{{id}}/", bound(show), entity, Caller.ANYONE, rides=True),
        offer(f"PUT {root}{{id}}/", bound(update), entity),
        offer(f"DELETE {root}{{id}}/", bound(destroy), entity, limit="delete"),
        offer(f"POST {root}{{id}}/restore/", bound(restore), entity),
    )


OPERATIONS: Final = tuple(operation for kind in KINDS for operation in _offer(kind))
