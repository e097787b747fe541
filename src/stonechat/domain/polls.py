"""Polls: a question with options, how long it may be answered, and who may answer it how.

A poll is a part of its status: it has no id and no row of its own. `open_poll` and `edit_poll`
turn an order into what the status keeps; `cast` counts one person's vote. All are pure: whether
somebody has voted before is a fact that the caller looks up, under the status's lock.

An edit that changes what is asked starts the count anew. One that only moves the end does not,
and may open a poll again that was over. A community asks otherwise: there a poll has a title, more
room, and an end only if it was given one; once somebody has voted it stays as it is; and its
voters may choose anew (`tap`) until it is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.domain.text.counting import count_graphemes
from stonechat.domain.views import PollView
from stonechat.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class PollDraft:
    """The order to ask something. `seconds` is how long; None where it was not said."""

    options: tuple[str, ...]
    seconds: int | None
    is_multiple: bool = False
    hides_totals: bool = False
    is_titled: bool = False
    """Whether it is asked in a community: by other bounds, and to end at `expires_ms` if ever."""
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CastVote:
    """The order to vote: in which poll, and for which of its options, counted from 0."""

    status_id: StatusId
    choices: tuple[int, ...]
    idempotency_key: str | None = None


class SeenPoll(NamedTuple):
    """A poll as one viewer meets it."""

    status_id: StatusId
    poll: PollView
    own_votes: tuple[int, ...] | None
    """None for whom nobody knows."""
    is_own: bool


def check_poll(draft: PollDraft) -> PollDraft:
    """The poll as it will be kept, without blank options and outer spaces; or InvalidInput."""
    stripped = [option.strip() for option in draft.options]
    if draft.is_titled:
        _check_choices(stripped)
        return replace(draft, options=tuple(stripped))
    draft = replace(draft, options=tuple(option for option in stripped if option))
    faults = [*_faults_of_options(draft.options), *_faults_of_duration(draft.seconds)]
    if faults:
        raise InvalidInput(f"Validation failed: {', '.join(faults)}", field="poll")
    return draft


def _check_choices(options: Sequence[str]) -> None:
    """InvalidInput for the options of a community's poll, which names where the fault is."""
    if not all(options):
        raise _wrong_choices("can't be blank", "blank")
    if len(options) < limits.POLL_OPTIONS_MIN:
        raise _wrong_choices("must have more than one item", "min_length")
    if len(options) > limits.COMMUNITY_POLL_OPTIONS_MAX:
        maximum = limits.COMMUNITY_POLL_OPTIONS_MAX
        raise _wrong_choices(f"can't contain more than {maximum} items", "max_length")
    if any(len(each) > limits.COMMUNITY_POLL_OPTION_CHARACTERS_MAX for each in options):
        maximum = limits.COMMUNITY_POLL_OPTION_CHARACTERS_MAX
        raise _wrong_choices(f"cannot be longer than {maximum} characters each", "max_length")
    if len(set(options)) < len(options):
        raise _wrong_choices("contain duplicate items", "unique")


def _wrong_choices(words: str, rule: str) -> InvalidInput:
    return InvalidInput(f"Validation failed: Choices {words}", field="poll[choices]", rule=rule)


def check_end(draft: PollDraft | None, ahead_of_ms: int) -> None:
    """InvalidInput for a community's poll that would be over from its first moment on."""
    if draft is None or draft.expires_ms is None or draft.expires_ms > ahead_of_ms:
        return
    words = "Validation failed: Expiration at must be in the future"
    raise InvalidInput(words, field="poll[expiration_at]")


def _faults_of_options(options: tuple[str, ...]) -> list[str]:
    faults: list[str] = []
    if len(options) < limits.POLL_OPTIONS_MIN:
        faults.append("Choices must have more than one item")
    if len(options) > limits.POLL_OPTIONS_MAX:
        faults.append(f"Choices can't contain more than {limits.POLL_OPTIONS_MAX} items")
    # Those beyond the most are refused anyway, and there may be very many of them.
    if any(_is_too_long(option) for option in options[: limits.POLL_OPTIONS_MAX]):
        maximum = limits.POLL_OPTION_CHARACTERS_MAX
        faults.append(f"Choices cannot be longer than {maximum} characters each")
    if len(set(options)) < len(options):
        faults.append("Choices contain duplicate items")
    return faults


def _is_too_long(option: str) -> bool:
    # One grapheme may be as long as one likes. Bytes go first: they are cheap to count.
    return (
        len(option.encode()) > limits.POLL_OPTION_BYTES_MAX
        or count_graphemes(option) > limits.POLL_OPTION_CHARACTERS_MAX
    )


def _faults_of_duration(seconds: int | None) -> list[str]:
    if seconds is None:
        return ["Deadline can't be blank"]
    if seconds < limits.POLL_SECONDS_MIN:
        return ["Deadline is too soon"]
    if seconds > limits.POLL_SECONDS_MAX:
        return ["Deadline is too far into the future"]
    return []


def open_poll(draft: PollDraft, now_ms: int) -> PollView:
    """The new poll that nobody has voted on; its end is counted from now. Or InvalidInput."""
    checked = check_poll(draft)
    expires_ms = checked.expires_ms
    if not checked.is_titled:
        assert checked.seconds is not None
        expires_ms = now_ms + checked.seconds * 1000
    return PollView(
        options=checked.options,
        votes=(0,) * len(checked.options),
        voters=0,
        is_multiple=checked.is_multiple,
        hides_totals=checked.hides_totals,
        expires_ms=expires_ms,
    )


def edit_poll(before: PollView | None, draft: PollDraft | None, now_ms: int) -> PollView | None:
    """The poll after an edit: none where the draft has none, and with its votes where it may."""
    if draft is None:
        return None
    after = open_poll(draft, now_ms)
    if before is None or draft.expires_ms != before.expires_ms:
        check_end(draft, now_ms)
    if before is None or not asks_the_same(before, after):
        return after
    if draft.is_titled:
        # Its order has no word for it, so it takes nothing back.
        after = replace(after, hides_totals=before.hides_totals)
    return replace(after, votes=before.votes, voters=before.voters)


def ensure_untouched(before: PollView | None, after: PollView | None) -> None:
    """InvalidInput where a community's order changes or takes away what somebody voted on."""
    if before is not None and before.voters and before != after:
        raise InvalidInput("Validation failed: A poll that has votes cannot be changed")


def asks_the_same(one: PollView | None, other: PollView | None) -> bool:
    """Whether the votes for one poll mean the same for the other. When it ends is no matter."""
    if one is None or other is None:
        return one is other
    return (one.options, one.is_multiple) == (other.options, other.is_multiple)


def check_vote(
    poll: PollView, choices: Sequence[int], *, now_ms: int, is_own: bool, has_voted: bool
) -> None:
    """InvalidInput for a vote that may not be cast. Nobody votes twice, not even for two things."""
    if poll.is_over(now_ms):
        raise _refused("The poll has already ended")
    if is_own:
        raise _refused("You cannot vote in your own polls")
    if any(not 0 <= choice < len(poll.options) for choice in choices):
        raise _refused("The chosen vote option does not exist")
    # Every choice is a vote: where one is allowed, the second comes from somebody who has voted.
    votes_max = len(poll.options) if poll.is_multiple else 1
    if has_voted or len(choices) > votes_max or len(set(choices)) < len(choices):
        raise _refused("You have already voted on this poll")


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(f"Validation failed: {reason}", field="choices")


def cast(poll: PollView, choices: Sequence[int]) -> PollView:
    """The poll with one more voter, who chose these."""
    votes = tuple(count + (index in choices) for index, count in enumerate(poll.votes))
    return replace(poll, votes=votes, voters=poll.voters + 1)


def withdraw(poll: PollView, choices: Sequence[int]) -> PollView:
    """The poll without one voter, who had chosen these."""
    votes = tuple(count - (index in choices) for index, count in enumerate(poll.votes))
    return replace(poll, votes=votes, voters=poll.voters - 1)


def recount(poll: PollView, votes: Mapping[int, int], voters: int) -> PollView:
    """The poll with the counts that its votes have, by choice."""
    counts = tuple(votes.get(index, 0) for index in range(len(poll.options)))
    return replace(poll, votes=counts, voters=voters)


def tap(
    poll: PollView, before: Sequence[int], choice: int, *, now_ms: int, is_own: bool
) -> tuple[int, ...]:
    """What somebody has chosen after a tap on an option of a community's poll, or InvalidInput.

    The same option again takes it back. Where one may be chosen, another one replaces it.
    """
    if not 0 <= choice < len(poll.options):
        words = "Validation failed: Choice does not exist"
        raise InvalidInput(words, field="choice", rule="does_not_exist")
    if poll.is_over(now_ms):
        raise InvalidInput("Validation failed: The poll has already ended")
    if is_own:
        raise InvalidInput("Validation failed: You cannot vote in your own polls")
    if choice in before:
        return tuple(each for each in before if each != choice)
    return tuple(sorted((*before, choice))) if poll.is_multiple else (choice,)


def choose(poll: PollView, before: Sequence[int], after: Sequence[int]) -> PollView:
    """The poll when one person who had chosen `before`, be it nothing, has chosen `after`."""
    without = withdraw(poll, before) if before else poll
    return cast(without, after) if after else without
