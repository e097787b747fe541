"""Votes: saying what one thinks of a contribution or a comment by one tap.

The first reaction is the favourite of the other dialects. The same vote again takes it back,
another one replaces it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stonechat.domain.notifications import REACTION
from stonechat.domain.reactions import DEFAULT, REACTIONS
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import Conflict, InvalidInput
from stonechat.services import contributions
from stonechat.services.contributions import Target
from stonechat.services.env import Env
from stonechat.storage import category_entries, notifications, votes
from stonechat.storage.database import Transaction
from stonechat.storage.votes import VoteRow, Voters


async def vote(env: Env, viewer: Viewer, target: Target, reaction: int) -> None:
    """Give a vote, replace it, or take it back where it is the same."""
    if reaction not in REACTIONS:
        raise InvalidInput(
            "Validation failed: Reaction does not exist", field="reaction", rule="does_not_exist"
        )

    async def work(tx: Transaction) -> None:
        status = await contributions.hold(tx, viewer, target)
        before = await votes.find(tx, status.id, viewer.account_id)
        after = None if before == reaction else reaction
        if before is not None:
            await tx.run_all(
                votes.withdrawing(status.id, viewer.account_id, before),
                notifications.forgetting(
                    status.account_id, _notice(before), viewer.account_id, status.id
                ),
            )
        favourites = status.favourites - (before == DEFAULT) + (after == DEFAULT)
        reactions = votes.recount(status.reactions, before, after)
        await votes.write_counts(tx, status.id, favourites, reactions)
        if status.categories:
            count = favourites + sum(each for _, each in reactions)
            await tx.run_all(category_entries.heating(status.id, count))
        if after is not None:
            await _give(env, tx, viewer, status, after)

    await env.db.write(work)


async def _give(env: Env, tx: Transaction, viewer: Viewer, status: Status, reaction: int) -> None:
    vote_id, me = env.ids.next_id(), viewer.account_id
    if not await votes.give(tx, status.id, me, reaction, vote_id):
        # The same person favourites it elsewhere in this very moment, and is counted there.
        raise Conflict
    await tx.run_all(
        notifications.telling(vote_id, status.account_id, _notice(reaction), me, status.id)
    )


def _notice(reaction: int) -> str:
    return "favourite" if reaction == DEFAULT else REACTION


@dataclass(frozen=True, slots=True)
class FoundVotes:
    """A part of the votes on something, and how many there are."""

    votes: Sequence[VoteRow]
    count: int


async def list_votes(
    env: Env, viewer: Viewer, target: Target, reaction: int | None, *, limit: int, offset: int
) -> FoundVotes:
    """The votes on something that the viewer may see, the newest first."""
    status = await contributions.find_target(env.db, viewer, target)
    voters = Voters(viewer.account_id, env.clock.now_ms())
    found = await votes.list_votes(env.db, status.id, reaction, voters, limit=limit, offset=offset)
    if reaction is None:
        return FoundVotes(found, status.votes)
    counts = {DEFAULT: status.favourites, **dict(status.reactions)}
    return FoundVotes(found, counts.get(reaction, 0))
