"""Restoring: bringing back what one deleted, everywhere at once.

A deleted status keeps its row for DELETED_STATUS_DAYS. What was taken away with it is found
again: its place in homes, tags and categories, its boosts, what it counted for. Only media that
something else shows by now, or that were deleted with it, stay away. Who was told of it is not
told twice. What a moderator deleted, its author does not bring back.
"""

from dataclasses import replace
from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotAllowed, NotFound
from stonechat.kernel.ids import ms_of_id
from stonechat.services import attachments, conversations, places, quotes
from stonechat.services.env import Env
from stonechat.services.fanout import FAN_OUT_BOOSTS_JOB
from stonechat.services.publishing import public_place
from stonechat.storage import accounts, category_entries, statuses, timelines
from stonechat.storage.database import Transaction
from stonechat.storage.jobs import enqueueing

_HOLDS_MS: Final = limits.DELETED_STATUS_DAYS * 86_400_000


async def restore_status(env: Env, viewer: Viewer, status_id: StatusId) -> None:
    """Bring back a status of the viewer's own; twice is once. NotFound when it is too late."""

    async def work(tx: Transaction) -> None:
        await statuses.lock_in_thread(tx, status_id)
        status = await statuses.find(tx, status_id)
        if status is None or status.account_id != viewer.account_id or status.boost_of_id:
            raise NotFound
        if status.deleted_ms is None:
            return
        if status.is_removed:
            raise NotAllowed("What a moderator deleted cannot be restored")
        if not is_held(env, status.deleted_ms):
            raise NotFound
        await bring_back(env, tx, status)

    await env.db.write(work)
    env.wake_jobs()


def is_held(env: Env, deleted_ms: int) -> bool:
    """Whether what was deleted then can be brought back; any sweep may take what is older."""
    return deleted_ms >= env.clock.now_ms() - _HOLDS_MS


async def is_author_gone(tx: Transaction, status: Status) -> bool:
    """Whether who said this has departed; until the commit nobody departs who has not."""
    if status.quote_of_id is not None:
        # Whoever holds both begins with it, as who posts does.
        await statuses.lock(tx, status.quote_of_id)
    await accounts.lock(tx, status.account_id)
    author = (await accounts.load_views(tx, [status.account_id])).get(status.account_id)
    return author is None or author.state == "deleted"


async def bring_back(env: Env, tx: Transaction, status: Status) -> None:
    """Undo the deletion of a status that is held; `status` is as it lies there."""
    if status.quote_of_id is not None and status.counts_as_quote:
        await tx.run_all(quotes.counting(status.quote_of_id, 1))
    await statuses.restore(tx, replace(status, media=await attachments.regain(tx, status)))
    fan_out = FAN_OUT_BOOSTS_JOB if status.boosts else "fan_out"
    follows = [
        timelines.entering_own_home(status),
        *category_entries.entering(status, status.categories),
        *places.noting(status.id, None, public_place(status)),
        enqueueing(env.ids.next_id(), fan_out, {"status_id": status.id}, env.clock.now_ms()),
    ]
    if status.tags and status.visibility == Visibility.PUBLIC:
        payload = {"status_id": status.id}
        follows.append(enqueueing(env.ids.next_id(), "fan_out_tags", payload, env.clock.now_ms()))
    if status.visibility != Visibility.DIRECT:
        follows.append(accounts.counting_status(status, 1, ms_of_id(status.id)))
    if status.counts_as_reply:
        follows += statuses.counting_reply(status, 1, ms_of_id(status.id))
    await tx.run_all(*follows)
    if status.visibility == Visibility.DIRECT:
        await conversations.bring_back_status(env, tx, status)
