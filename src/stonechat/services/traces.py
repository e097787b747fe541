"""Traces: what an account left on what others said, taken back one by one.

Each is a row of the account's and a number in the status it is on. The status is held first, as
by whoever votes, flags or follows, so the number is exact; it is, too, where the status is deleted
and may be brought back. What the account said itself, and whom it knew, is no matter of this
module (departures.py).
"""

from collections.abc import Awaitable, Callable
from typing import Final

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.notifications import REACTION, THREAD_FOLLOW
from stonechat.domain.reactions import DEFAULT
from stonechat.kernel.ids import ms_of_id
from stonechat.services.env import Env
from stonechat.storage import (
    administration,
    category_entries,
    flags,
    marks,
    moderation,
    notifications,
    statuses,
    thread_follows,
    votes,
)
from stonechat.storage.database import Reader, Transaction

ListSome = Callable[[Reader, AccountId, int], Awaitable[list[StatusId]]]
TakeBack = Callable[[Env, AccountId, StatusId], Awaitable[None]]


async def take_back_favourite(env: Env, account_id: AccountId, status_id: StatusId) -> None:
    """Take back a favourite, and the notice of it."""

    async def work(tx: Transaction) -> None:
        await statuses.lock(tx, status_id)
        status = await statuses.find(tx, status_id)
        if not await marks.delete(tx, "favourites", status_id, account_id) or status is None:
            return
        await votes.count_favourite(tx, status_id, account_id, -1)
        await tx.run_all(
            notifications.forgetting(status.account_id, "favourite", account_id, status_id)
        )

    await env.db.write(work)


async def take_back_reaction(env: Env, account_id: AccountId, status_id: StatusId) -> None:
    """Take back a vote that is no favourite, and the notice of it."""

    async def work(tx: Transaction) -> None:
        await statuses.lock(tx, status_id)
        status = await statuses.find(tx, status_id)
        reaction = await votes.find(tx, status_id, account_id)
        if reaction is None or reaction == DEFAULT:
            return
        await tx.run_all(votes.withdrawing(status_id, account_id, reaction))
        if status is None:
            return
        reactions = votes.recount(status.reactions, reaction, None)
        await votes.write_counts(tx, status_id, status.favourites, reactions)
        await tx.run_all(
            category_entries.heating(status_id, status.votes - 1),
            notifications.forgetting(status.account_id, REACTION, account_id, status_id),
        )

    await env.db.write(work)


async def take_back_flag(env: Env, account_id: AccountId, status_id: StatusId) -> None:
    """Take a flag back; what moderators decided stays decided."""

    async def work(tx: Transaction) -> None:
        await statuses.lock(tx, status_id)
        status = await statuses.find(tx, status_id)
        if await flags.find(tx, status_id, account_id) is None:
            return
        await flags.delete(tx, status_id, account_id)
        if status is None:
            return
        await flags.count(tx, status_id, -1)
        newest = await flags.find_newest(tx, status_id)
        flagged_ms = 0 if newest is None else ms_of_id(newest.id)
        await moderation.note_flags(tx, status, status.flags - 1, flagged_ms)

    await env.db.write(work)


async def take_back_thread_follow(env: Env, account_id: AccountId, status_id: StatusId) -> None:
    """Let an account hear no more of a contribution."""

    async def work(tx: Transaction) -> None:
        await statuses.lock(tx, status_id)
        status = await statuses.find(tx, status_id)
        if not await thread_follows.delete(tx, account_id, status_id) or status is None:
            return
        await tx.run_all(
            notifications.forgetting(status.account_id, THREAD_FOLLOW, account_id, status_id)
        )

    await env.db.write(work)


TRACES: Final[dict[str, tuple[ListSome, TakeBack]]] = {
    "favourites": (administration.list_favourites, take_back_favourite),
    "reactions": (administration.list_reactions, take_back_reaction),
    "flags": (administration.list_flags, take_back_flag),
    "followed threads": (administration.list_thread_follows, take_back_thread_follow),
}
"""What there is, by what it is called: how to find some of it, and how to take one back."""
