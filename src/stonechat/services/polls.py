"""Polls: seeing one, voting in it, and what follows when it ends or is edited.

A poll is opened by posting its status (services/statuses) and changed by editing that. Here the
status is always held before it is read: a vote is counted in the document that the status keeps,
so two votes that read the same document would lose one of them.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from stonechat.domain.ids import NOBODY, AccountId, StatusId
from stonechat.domain.polls import (
    CastVote,
    SeenPoll,
    asks_the_same,
    cast,
    check_vote,
    withdraw,
)
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import PollView
from stonechat.kernel.errors import NotFound
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.once import make_once
from stonechat.storage import jobs, notifications, polls, statuses
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

CLOSE_POLL_JOB: Final = "close_poll"
VOTERS_AT_ONCE: Final = 1000
"""How many voters one transaction tells of the end, so that nobody else waits long for it."""


async def see_poll(env: Env, viewer: Viewer, status_id: StatusId) -> SeenPoll:
    """The poll of a status that the viewer may see."""
    target = await views.get_original(env.db, viewer, status_id)
    status = await _find(env.db, target.id)
    if status is None or status.poll is None:
        raise NotFound
    own_votes = None
    if viewer.is_person:
        own_votes = await polls.find_choices(env.db, status.id, viewer.account_id)
    return SeenPoll(status.id, status.poll, own_votes, status.account_id == viewer.account_id)


async def _find(tx: Reader, status_id: StatusId) -> Status | None:
    """A status that is not deleted."""
    status = await statuses.find(tx, status_id)
    return None if status is None or status.deleted_ms is not None else status


async def load_own_votes(
    env: Env, viewer: Viewer, status_ids: Sequence[StatusId]
) -> Mapping[StatusId, tuple[int, ...]]:
    """What the viewer chose in those of the polls in which they voted. One statement."""
    if not viewer.is_person or not status_ids:
        return {}
    return await polls.load_choices(env.db, viewer.account_id, status_ids)


async def cast_vote(env: Env, viewer: Viewer, command: CastVote) -> SeenPoll:
    """Vote, once and for good; the poll with the vote in it.

    A retry is answered with the poll of the first request, whatever has become of it: it would
    otherwise be told that it has voted already.
    """

    async def work(tx: Transaction) -> tuple[StatusId, SeenPoll]:
        seen = await _vote(env, tx, viewer, command)
        return seen.status_id, seen

    kept_id, seen = await make_once(env, viewer, command.idempotency_key, "vote", work)
    return await see_poll(env, viewer, StatusId(kept_id)) if seen is None else seen


async def _vote(env: Env, tx: Transaction, viewer: Viewer, command: CastVote) -> SeenPoll:
    target = await views.get_original(tx, viewer, command.status_id)
    await statuses.lock(tx, target.id)
    status = await _find(tx, target.id)
    if status is None or status.poll is None:
        raise NotFound
    me, now_ms = viewer.account_id, env.clock.now_ms()
    is_own, choices = status.account_id == me, tuple(sorted(command.choices))
    earlier = await polls.find_choices(tx, status.id, me)
    check_vote(status.poll, choices, now_ms=now_ms, is_own=is_own, has_voted=bool(earlier))
    poll = cast(status.poll, choices)
    await tx.run_all(*polls.voting(status.id, me, choices), polls.counting(status.id, poll))
    return SeenPoll(status.id, poll, choices, is_own)


async def take_back_votes(env: Env, account_id: AccountId, status_id: StatusId) -> None:
    """Undo what an account chose in a poll. Nobody may ask for that; it is for departures."""

    async def work(tx: Transaction) -> None:
        await statuses.lock(tx, status_id)
        status = await statuses.find(tx, status_id)
        choices = await polls.find_choices(tx, status_id, account_id)
        await polls.delete_of_account(tx, status_id, account_id)
        if status is not None and status.poll is not None and choices:
            await tx.run_all(polls.counting(status_id, withdraw(status.poll, choices)))

    await env.db.write(work)


# The end ------------------------------------------------------------------------------------


def closing(env: Env, status_id: StatusId, expires_ms: int) -> Statement:
    """The statement that leaves the work of a poll's end, or moves it to another time."""
    payload = {"status_id": status_id}
    once_key = _once_key(status_id)
    return jobs.moving(env.ids.next_id(), CLOSE_POLL_JOB, payload, expires_ms, once_key)


def _once_key(status_id: StatusId) -> str:
    return f"{CLOSE_POLL_JOB}:{status_id}"


async def follow_edit(env: Env, tx: Transaction, before: Status, poll: PollView | None) -> None:
    """See to what an edit means for votes and end; the status has got its new poll already."""
    follows: list[Statement] = []
    if before.poll is not None and not asks_the_same(before.poll, poll):
        follows.append(polls.clearing(before.id))
    if poll is not None and poll.expires_ms is not None:
        follows.append(closing(env, before.id, poll.expires_ms))
    elif before.poll is not None:
        follows.append(jobs.dropping(_once_key(before.id)))
    await tx.run_all(*follows)


async def change_quietly(env: Env, tx: Transaction, before: Status, poll: PollView) -> None:
    """Give a status the same question with another end, or other secrecy. That is no edit."""
    if poll != before.poll:
        await tx.run_all(polls.counting(before.id, poll))
        await follow_edit(env, tx, before, poll)


async def close_poll(env: Env, payload: Mapping[str, object]) -> None:
    """Show a poll as over, and tell its author and its voters."""
    status_id = StatusId(int(str(payload["status_id"])))

    async def close(tx: Transaction) -> AccountId | None:
        await statuses.lock(tx, status_id)
        status = await _find(tx, status_id)
        if status is None or status.poll is None:
            return None
        if not status.poll.is_over(env.clock.now_ms()):
            # It was moved meanwhile. What it was moved by holds; saying it again does no harm.
            if status.poll.expires_ms is not None:
                await tx.run_all(closing(env, status_id, status.poll.expires_ms))
            return None
        told = notifications.telling_asker(env.ids.next_id(), status.account_id, status_id)
        await tx.run_all(polls.touching(status_id), told)
        return status.account_id

    author_id = await env.db.write(close)
    if author_id is not None:
        await _tell_voters(env, author_id, status_id)


async def _tell_voters(env: Env, author_id: AccountId, status_id: StatusId) -> None:
    after_id: AccountId = NOBODY
    while voters := await polls.list_voters(env.db, status_id, after_id, VOTERS_AT_ONCE):
        told = notifications.telling_voters(
            env.ids.next_id(), author_id, status_id, above=after_id, up_to=voters[-1]
        )
        await env.db.write(lambda tx, told=told: tx.run_all(told))
        after_id = voters[-1]
