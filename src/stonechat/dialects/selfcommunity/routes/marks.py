"""Marks: votes on contributions and comments; following, suspending and hiding contributions."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, CommunityOperation, offer
from stonechat.dialects.selfcommunity.entities.votes import (
    Following,
    Hidden,
    Suspended,
    vote_bytes,
)
from stonechat.dialects.selfcommunity.pages import answer_page, read_window
from stonechat.domain.contributions import KINDS
from stonechat.domain.ids import StatusId
from stonechat.domain.reactions import DEFAULT
from stonechat.domain.viewers import Caller, Viewer
from stonechat.http.operations import Answer
from stonechat.services import attention, votes
from stonechat.services.contributions import Target
from stonechat.services.env import Env

COMMENT: Final = "comment"
Handle = Callable[[str, CommunityCall], Awaitable[Answer]]
Toggle = Callable[[Env, Viewer, Target], Awaitable[None]]


def target_of(noun: str, call: CommunityCall) -> Target:
    """What a path names."""
    return Target(StatusId(call.path_id()), None if noun == COMMENT else noun)


async def vote(noun: str, call: CommunityCall) -> Answer:
    """Vote, vote otherwise, or take the vote back."""
    reaction = call.parameters.integer("reaction")
    chosen = DEFAULT if reaction is None else reaction
    await votes.vote(call.env, call.viewer, target_of(noun, call), chosen)
    return Answer(b"", 204)


async def list_votes(noun: str, call: CommunityCall) -> Answer:
    """Who voted, the newest first."""
    window = read_window(call)
    found = await votes.list_votes(
        call.env,
        call.viewer,
        target_of(noun, call),
        call.parameters.integer("reaction"),
        limit=window.reach,
        offset=window.offset,
    )
    shown = found.votes[: window.limit]
    users = await call.room.users([each.account_id for each in shown])
    rendered = [
        vote_bytes(users[each.account_id], call.room.reactions[each.reaction], each.id)
        for each in shown
        if each.account_id in users
    ]
    has_more = len(found.votes) > window.limit
    return answer_page(call, window, rendered, found.count, has_more=has_more)


def _toggling(toggle: Toggle) -> Handle:
    async def handle(noun: str, call: CommunityCall) -> Answer:
        await toggle(call.env, call.viewer, target_of(noun, call))
        return Answer(b"", 204)

    return handle


async def show_following(noun: str, call: CommunityCall) -> Answer:
    """Whether the viewer follows it."""
    is_so = await attention.is_following(call.env, call.viewer, target_of(noun, call))
    return Answer(Following(is_so))


async def show_suspended(noun: str, call: CommunityCall) -> Answer:
    """Whether the viewer hears nothing of it."""
    is_so = await attention.is_suspended(call.env, call.viewer, target_of(noun, call))
    return Answer(Suspended(is_so))


async def show_hidden(noun: str, call: CommunityCall) -> Answer:
    """Whether the viewer hid it."""
    is_so = await attention.is_hidden(call.env, call.viewer, target_of(noun, call))
    return Answer(Hidden(is_so))


def _offer_votes(noun: str) -> tuple[CommunityOperation, ...]:
    path = f"/api/v2/{noun}/{{id}}/vote/"
    return (
        offer(f"GET {path}", partial(list_votes, noun), "Vote", Caller.ANYONE),
        offer(f"POST {path}", partial(vote, noun), "-"),
    )


def _offer_attention(noun: str) -> tuple[CommunityOperation, ...]:
    root = f"/api/v2/{noun}/{{id}}/"
    return (
        offer(f"POST {root}follow/", partial(_toggling(attention.follow), noun), "-"),
        offer(f"GET {root}following/", partial(show_following, noun), "Following"),
        offer(f"POST {root}suspend/", partial(_toggling(attention.suspend), noun), "-"),
        offer(f"GET {root}suspended/", partial(show_suspended, noun), "Suspended"),
        offer(f"POST {root}hide/", partial(_toggling(attention.hide), noun), "-"),
        offer(f"GET {root}hide/status/", partial(show_hidden, noun), "Hidden"),
    )


OPERATIONS: Final = (
    *(operation for noun in (*KINDS, COMMENT) for operation in _offer_votes(noun)),
    *(operation for noun in KINDS for operation in _offer_attention(noun)),
)
