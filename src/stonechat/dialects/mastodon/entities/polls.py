"""Poll: a question with its options, as one viewer meets it at one moment.

Three things differ from viewer to viewer and from hour to hour: whether it is over, how the viewer
voted, and, until it is over, whether the counts of the options are to be seen. How many voted at
all is never a secret. The author counts as one who has voted: apps show results then, not buttons.
"""

import msgspec
from msgspec import UNSET, UnsetType

from stonechat.dialects.mastodon.entities.times import instant_or_none
from stonechat.domain.views import PollView


class PollOption(msgspec.Struct, frozen=True):
    """One answer that may be chosen; the count is null while it is hidden."""

    title: str
    votes_count: int | None


class Poll(msgspec.Struct, frozen=True):
    """Mastodon's Poll. What is about the viewer is absent where nobody knows who that is."""

    id: str
    expires_at: str | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int
    options: list[PollOption]
    emojis: list[str]
    voted: bool | UnsetType = UNSET
    own_votes: tuple[int, ...] | UnsetType = UNSET


def present_poll(
    poll: PollView,
    *,
    status_id: int,
    now_ms: int,
    own_votes: tuple[int, ...] | None,
    is_own: bool,
) -> Poll:
    """A poll on the wire. `own_votes` is None for an anonymous viewer."""
    is_over = poll.is_over(now_ms)
    is_hidden = poll.hides_totals and not is_over
    return Poll(
        id=str(status_id),
        expires_at=instant_or_none(poll.expires_ms),
        expired=is_over,
        multiple=poll.is_multiple,
        votes_count=sum(poll.votes),
        voters_count=poll.voters,
        options=[
            PollOption(title, None if is_hidden else votes)
            for title, votes in zip(poll.options, poll.votes, strict=True)
        ],
        emojis=[],
        voted=UNSET if own_votes is None else is_own or bool(own_votes),
        own_votes=UNSET if own_votes is None else own_votes,
    )
