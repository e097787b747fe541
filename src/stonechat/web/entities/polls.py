"""Polls: a question as everybody may read it. Who votes does so with an app.

While the counts of the options are kept secret they stand on no page either; how many people have
voted at all never is a secret.
"""

from dataclasses import dataclass
from typing import Final

from stonechat.domain.views import PollView
from stonechat.web.entities.times import Moment, present_moment

_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be chosen; its share is None while it is kept secret."""

    title: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """A poll."""

    options: tuple[Option, ...]
    voters: str
    is_multiple: bool
    is_secret: bool
    is_over: bool
    ends: Moment | None
    """None for one that has no end."""


def present_poll(poll: PollView, now_ms: int) -> Question:
    """A poll with its numbers, as far as they are told yet."""
    is_over = poll.is_over(now_ms)
    is_secret = poll.hides_totals and not is_over
    # Of several answers by one person each counts, so what they are a share of is the people.
    most = max(poll.voters if poll.is_multiple else sum(poll.votes), 1)
    options = tuple(
        Option(title, None if is_secret else round(_PERCENT * votes / most))
        for title, votes in zip(poll.options, poll.votes, strict=True)
    )
    return Question(
        options=options,
        voters=_voters(poll.voters),
        is_multiple=poll.is_multiple,
        is_secret=is_secret,
        is_over=is_over,
        ends=None if poll.expires_ms is None else present_moment(poll.expires_ms),
    )


def _voters(number: int) -> str:
    if not number:
        return "Nobody has voted"
    return "1 person voted" if number == 1 else f"{number} people voted"
