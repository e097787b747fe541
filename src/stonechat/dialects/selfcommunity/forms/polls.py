"""Forms of polls: the question within a post or a discussion, and a vote.

A poll has a title, two or more choices, and an end if it has one. A day as its end is the first
moment of that day, in UTC, as the vendor's document has no word on hours.
"""

from typing import Final, NamedTuple

from stonechat.domain import limits, scheduling
from stonechat.domain.polls import PollDraft
from stonechat.domain.text.cleaning import clean_name
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong
from stonechat.kernel.errors import InvalidInput

_NAME: Final = "poll"


class TitledPoll(NamedTuple):
    """A poll and its question."""

    title: str
    poll: PollDraft


def read_poll(parameters: Parameters) -> TitledPoll | None:
    """The poll that a body names; None where it names none."""
    if parameters.get(_NAME) in (None, ""):
        return None
    asked = parameters.nested(_NAME)
    title = _required(asked, "title", limits.POLL_TITLE_CHARACTERS_MAX)
    draft = PollDraft(
        options=_read_choices(asked),
        seconds=None,
        is_multiple=asked.flag("multiple_choices") or False,
        is_titled=True,
        expires_ms=_read_end(asked),
    )
    return TitledPoll(title, draft)


def _required(fields: Parameters, name: str, characters_max: int, *, label: str = "") -> str:
    field = label or f"{_NAME}[{name}]"
    if name not in fields:
        raise wrong(field, "is required", rule="null" if fields.says(name) else "required")
    found = clean_name(fields.text(name, characters_max=characters_max) or "", field=name)
    if not found:
        raise wrong(field, "can't be blank", rule="blank")
    return found


def _read_choices(asked: Parameters) -> tuple[str, ...]:
    if "choices" not in asked:
        raise wrong(f"{_NAME}[choices]", "is required", rule="required")
    given = asked.records("choices", items_max=limits.COMMUNITY_POLL_OPTIONS_MAX)
    maximum = limits.COMMUNITY_POLL_OPTION_CHARACTERS_MAX
    label = f"{_NAME}[choices][choice]"
    return tuple(_required(each, "choice", maximum, label=label) for each in given)


def _read_end(asked: Parameters) -> int | None:
    return read_moment(asked, "expiration_at", f"{_NAME}[expiration_at]")


def read_moment(fields: Parameters, name: str, label: str) -> int | None:
    """A moment in ms since 1970, or None where none is named."""
    given = fields.get(name)
    if given is None or given == "":
        return None
    fault = wrong(label, "is not a date and time")
    if not isinstance(given, str) or len(given) > limits.SCHEDULED_AT_CHARACTERS_MAX:
        raise fault
    try:
        return scheduling.read_due(given)
    except InvalidInput:
        raise fault from None


def read_vote(parameters: Parameters) -> int:
    """The option that a body names, counted from 0."""
    choice = parameters.integer("choice")
    if choice is None:
        raise wrong("choice", "is required", rule="required")
    return choice - 1


def read_choice(parameters: Parameters) -> int | None:
    """The option whose votes are asked for; None for all."""
    choice = parameters.integer("choice")
    return None if choice is None else choice - 1
