"""Votes in the polls of a community: a tap gives one, the same tap again takes it back.

Polls are shown, closed and edited in services/polls, where one votes once and for good and in
secret, as other dialects have it. The two count in the same document. A newcomer gets wrong who
is listed: whoever voted here, in a poll that was asked here, and nobody who voted elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stonechat.domain import limits
from stonechat.domain.polls import choose, tap
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotFound
from stonechat.services import contributions
from stonechat.services.contributions import Target
from stonechat.services.env import Env
from stonechat.storage import polls
from stonechat.storage.database import Transaction
from stonechat.storage.polls import OpenVote


async def vote(env: Env, viewer: Viewer, target: Target, choice: int) -> None:
    """Tap on an option, counted from 0: vote for it, instead of another one, or no more."""
    me = viewer.account_id

    async def work(tx: Transaction) -> None:
        status = await contributions.hold(tx, viewer, target)
        if status.poll is None:
            raise NotFound
        before = await polls.find_choices(tx, status.id, me)
        after = tap(
            status.poll,
            before,
            choice,
            now_ms=env.clock.now_ms(),
            is_own=status.account_id == me,
        )
        await tx.run_all(
            *(polls.taking_back(status.id, me, each) for each in before if each not in after),
            *(
                polls.voting_openly(status.id, me, each, env.ids.next_id())
                for each in after
                if each not in before
            ),
            polls.counting(status.id, choose(status.poll, before, after)),
        )

    await env.db.write(work)


@dataclass(frozen=True, slots=True)
class FoundVotes:
    """A part of the votes in a poll, and how many there are."""

    votes: Sequence[OpenVote]
    count: int


async def list_votes(
    env: Env, viewer: Viewer, target: Target, choice: int | None, *, limit: int, offset: int
) -> FoundVotes:
    """Who voted for what, the newest first; nobody in polls that keep it secret."""
    status = await contributions.find_target(env.db, viewer, target)
    if status.poll is None:
        raise NotFound
    if not status.facets.poll_title or status.poll.hides_totals:
        return FoundVotes((), 0)
    found = await polls.list_open(env.db, status.id, choice, limit=limit, offset=offset)
    most = limits.POLL_VOTES_COUNTED_MAX
    return FoundVotes(found, await polls.count_open(env.db, status.id, choice, most))
