"""Poll and PollVote: a question within a contribution, as one viewer meets it at one moment.

A poll has no id of its own, so it shows that of its contribution; its choices are numbered from
1. What was asked in another dialect has no title, and may keep its numbers secret until it is
over: it is `hidden` then, and every number is 0.
"""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.entities.times import instant, instant_or_none
from stonechat.domain.ids import StatusId
from stonechat.domain.views import PollView
from stonechat.kernel.ids import ms_of_id

_encode: Final = msgspec.json.Encoder().encode


class Choice(msgspec.Struct, frozen=True):
    """One answer that may be chosen."""

    id: int
    choice: str
    order: int
    added_at: str
    deleted: bool
    vote_count: int
    voted: bool


class Poll(msgspec.Struct, frozen=True):
    """The vendor's Poll."""

    id: int
    title: str
    multiple_choices: bool
    added_at: str
    modified_at: str
    closed: bool
    expiration_at: str | None
    hidden: bool
    choices: list[Choice]


def present_poll(
    poll: PollView, title: str, *, status_id: StatusId, now_ms: int, own_votes: tuple[int, ...]
) -> Poll:
    """A poll on the wire."""
    is_over = poll.is_over(now_ms)
    is_hidden = poll.hides_totals and not is_over
    # An edit of the contribution is told there; of the poll itself nobody keeps when it changed.
    added_at = instant(ms_of_id(status_id))
    return Poll(
        id=status_id,
        title=title,
        multiple_choices=poll.is_multiple,
        added_at=added_at,
        modified_at=added_at,
        closed=is_over,
        expiration_at=instant_or_none(poll.expires_ms),
        hidden=is_hidden,
        choices=[
            Choice(
                id=index + 1,
                choice=option,
                order=index + 1,
                added_at=added_at,
                deleted=False,
                vote_count=0 if is_hidden else votes,
                voted=index in own_votes,
            )
            for index, (option, votes) in enumerate(zip(poll.options, poll.votes, strict=True))
        ],
    )


def poll_vote_bytes(vote_id: int, choice: int, user: bytes) -> bytes:
    """The vendor's PollVote; `choice` counts from 0."""
    return b'{"id":%d,"choice":%d,"user":%b}' % (vote_id, choice + 1, user)
