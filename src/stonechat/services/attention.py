"""Attention: what somebody wants to hear of a contribution, and whether to see it at all.

To follow is to be told of every comment; to suspend is the muted thread of the other dialects; to
hide is an entry in a filter of the viewer's own, which the other dialects show as such and which
can be changed there. Each of them is undone by the same verb.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.filters import (
    FilterChange,
    FilteredStatusView,
    FilterView,
    ensure_room,
    new_filter,
)
from stonechat.domain.ids import StatusId
from stonechat.domain.notifications import THREAD_FOLLOW
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput
from stonechat.services import contributions
from stonechat.services.contributions import Target
from stonechat.services.env import Env
from stonechat.storage import filters, marks, notifications, thread_follows
from stonechat.storage.database import Transaction

HIDDEN_TITLE: Final = "Hidden posts"
_EVERYWHERE: Final = ("home", "notifications", "public", "thread", "account")


async def follow(env: Env, viewer: Viewer, target: Target) -> None:
    """Hear of every comment on a contribution, which its author is told; or no more."""

    async def work(tx: Transaction) -> None:
        status = await contributions.hold(tx, viewer, target)
        me, author_id, follow_id = viewer.account_id, status.account_id, env.ids.next_id()
        if await thread_follows.delete(tx, me, status.id):
            told = notifications.forgetting(author_id, THREAD_FOLLOW, me, status.id)
        else:
            await thread_follows.insert(tx, me, status.id, follow_id)
            told = notifications.telling(follow_id, author_id, THREAD_FOLLOW, me, status.id)
        await tx.run_all(told)

    await env.db.write(work)


async def is_following(env: Env, viewer: Viewer, target: Target) -> bool:
    """Whether the viewer follows a contribution."""
    status = await contributions.find_target(env.db, viewer, target)
    return await thread_follows.is_followed(env.db, viewer.account_id, status.id)


async def suspend(env: Env, viewer: Viewer, target: Target) -> None:
    """Hear nothing more of a contribution; or again, where one does not."""

    async def work(tx: Transaction) -> None:
        status = await contributions.hold(tx, viewer, target)
        is_muted = await marks.is_thread_muted(tx, viewer.account_id, status.thread_id)
        await marks.update_thread_mute(
            tx, viewer.account_id, status.thread_id, is_muted=not is_muted
        )

    await env.db.write(work)


async def is_suspended(env: Env, viewer: Viewer, target: Target) -> bool:
    """Whether the viewer hears nothing of a contribution."""
    status = await contributions.find_target(env.db, viewer, target)
    return await marks.is_thread_muted(env.db, viewer.account_id, status.thread_id)


async def hide(env: Env, viewer: Viewer, target: Target) -> None:
    """Take a contribution out of the viewer's own lists; or bring it back there."""

    async def work(tx: Transaction) -> None:
        status = await contributions.hold(tx, viewer, target)
        every = await filters.list_all(tx, viewer.account_id)
        entries = _hiding(every, status.id)
        for entry in entries:
            await filters.delete_status(tx, viewer.account_id, entry.id)
        if not entries:
            await _add(env, tx, viewer, every, status.id)

    await env.db.write(work)


async def is_hidden(env: Env, viewer: Viewer, target: Target) -> bool:
    """Whether the viewer took a contribution out of their lists."""
    status = await contributions.find_target(env.db, viewer, target)
    return bool(_hiding(await filters.list_all(env.db, viewer.account_id), status.id))


def _hiding(every: list[FilterView], status_id: StatusId) -> list[FilteredStatusView]:
    """The entries by which filters hide a status."""
    return [
        entry
        for each in every
        if each.action == "hide"
        for entry in each.statuses
        if entry.status_id == status_id
    ]


async def _add(
    env: Env, tx: Transaction, viewer: Viewer, every: list[FilterView], status_id: StatusId
) -> None:
    me = viewer.account_id
    count, items = await filters.count(tx, me)
    open_ones = (
        each
        for each in every
        if each.title == HIDDEN_TITLE
        and each.action == "hide"
        and len(each.statuses) < limits.FILTER_STATUSES_MAX
    )
    found = next(open_ones, None)
    ensure_room(count + (found is None), items + 1)
    if found is None:
        change = FilterChange(title=HIDDEN_TITLE, contexts=_EVERYWHERE, action="hide")
        found = new_filter(change, env.clock.now_ms(), env.ids.next_id)
        await tx.run_all(*filters.inserting(me, found))
    entry = FilteredStatusView(env.ids.next_id(), status_id)
    if not await filters.insert_status(tx, me, found.id, entry):
        raise InvalidInput("Validation failed: Status has already been taken", rule="taken")
