"""Polls: seeing one, and voting in it. Its id is that of its status."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.polls import present_poll
from stonechat.dialects.mastodon.forms.polls import read_vote
from stonechat.domain.ids import StatusId
from stonechat.domain.polls import SeenPoll
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import polls


def _answer(call: MastodonCall, seen: SeenPoll) -> Answer:
    return Answer(
        present_poll(
            seen.poll,
            status_id=seen.status_id,
            now_ms=call.env.clock.now_ms(),
            own_votes=seen.own_votes,
            is_own=seen.is_own,
        )
    )


async def show(call: MastodonCall) -> Answer:
    """One poll."""
    status_id = StatusId(call.path_id())
    return _answer(call, await polls.see_poll(call.env, call.viewer, status_id))


async def vote(call: MastodonCall) -> Answer:
    """Vote; 200 also for a retry with the same Idempotency-Key."""
    command = read_vote(call.parameters, StatusId(call.path_id()), call.idempotency_key())
    return _answer(call, await polls.cast_vote(call.env, call.viewer, command))


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/polls/{id}", show, "Poll", Caller.ANYONE, "read:statuses"),
    MastodonOperation("POST", "/api/v1/polls/{id}/votes", vote, "Poll", scope="write:statuses"),
)
