"""Polls: voting in those of posts and discussions, and who voted.

A poll is asked, and asked otherwise, in the body of its contribution (routes/contributions). A
status has no such path, as the vendor has it, also where another dialect asked something in it.
"""

from functools import partial
from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, CommunityOperation, offer
from stonechat.dialects.selfcommunity.entities.polls import poll_vote_bytes
from stonechat.dialects.selfcommunity.forms.polls import read_choice, read_vote
from stonechat.dialects.selfcommunity.pages import answer_page, read_window
from stonechat.domain.contributions import DISCUSSION, POST
from stonechat.domain.ids import StatusId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import poll_votes
from stonechat.services.contributions import Target


async def vote(kind: str, call: CommunityCall) -> Answer:
    """Vote for an option, instead of another one, or no more."""
    target = Target(StatusId(call.path_id()), kind)
    await poll_votes.vote(call.env, call.viewer, target, read_vote(call.parameters))
    return Answer(b"", 204)


async def list_votes(kind: str, call: CommunityCall) -> Answer:
    """Who voted, the newest first."""
    window = read_window(call)
    found = await poll_votes.list_votes(
        call.env,
        call.viewer,
        Target(StatusId(call.path_id()), kind),
        read_choice(call.parameters),
        limit=window.reach,
        offset=window.offset,
    )
    shown = found.votes[: window.limit]
    users = await call.room.users([each.account_id for each in shown]) if shown else {}
    rendered = [
        poll_vote_bytes(each.id, each.choice, users[each.account_id])
        for each in shown
        if each.account_id in users
    ]
    has_more = len(found.votes) > window.limit
    return answer_page(call, window, rendered, found.count, has_more=has_more)


def _offer(kind: str) -> tuple[CommunityOperation, ...]:
    path = f"/api/v2/{kind}/{{id}}/poll/vote/"
    return (
        offer(f"GET {path}", partial(list_votes, kind), "PollVote", Caller.ANYONE),
        offer(f"POST {path}", partial(vote, kind), "-"),
    )


OPERATIONS: Final = (*_offer(POST), *_offer(DISCUSSION))
