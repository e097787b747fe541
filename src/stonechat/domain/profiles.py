"""Profiles: which of an account's statuses are asked for, and what its owner may write on it.

A bound that is broken is told by the name of the field, for people correct a form field by field.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.policies import VISIBILITIES
from stonechat.domain.quotes import QUOTE_POLICIES, QuotePolicy
from stonechat.domain.text.counting import count_characters
from stonechat.domain.views import FieldView
from stonechat.kernel.errors import InvalidInput

PICTURE_KINDS: Final = ("avatar", "header")


class Circle(Enum):
    """People around an account."""

    FOLLOWERS = "followers"
    FOLLOWINGS = "followings"
    ENDORSED = "endorsed"


class StatusChoice(NamedTuple):
    """Which of an account's statuses a visitor wants."""

    only_media: bool = False
    no_replies: bool = False
    no_boosts: bool = False
    no_direct: bool = False
    only_pinned: bool = False
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What is to become of a profile. None leaves a part as it is.

    Pictures are names of files that are kept already.
    """

    display_name: str | None = None
    note: str | None = None
    is_locked: bool | None = None
    is_bot: bool | None = None
    is_discoverable: bool | None = None
    is_indexable: bool | None = None
    hides_collections: bool | None = None
    fields: tuple[FieldView, ...] | None = None
    default_visibility: str | None = None
    default_sensitive: bool | None = None
    default_language: str | None = None
    """Empty is none: the server's."""
    default_quote_policy: QuotePolicy | None = None


def check_display_name(name: str) -> str:
    """The name as given, or InvalidInput; an empty one is fine."""
    return _within(name, limits.DISPLAY_NAME_CHARACTERS_MAX, "display_name")


def check_note(note: str) -> str:
    """What somebody says of themselves, or InvalidInput. It is counted like a status."""
    maximum = limits.NOTE_CHARACTERS_MAX
    is_huge = len(note.encode()) > limits.STATUS_TEXT_BYTES_MAX
    if is_huge or count_characters(note) > maximum:
        raise _refuse("note", "too_long", f"character limit of {maximum} exceeded")
    return note


def check_fields(fields: Sequence[FieldView]) -> tuple[FieldView, ...]:
    """The lines of a profile's table, or InvalidInput; lines that say nothing are dropped."""
    kept = tuple(field for field in fields if field.name or field.value)
    if len(kept) > limits.PROFILE_FIELDS_MAX:
        maximum = limits.PROFILE_FIELDS_MAX
        raise _refuse("fields", "too_long", f"has too many entries (maximum is {maximum})")
    for field in kept:
        if not field.name:
            raise _refuse("fields", "invalid", "with a value must have a label")
        _within(field.name, limits.PROFILE_FIELD_CHARACTERS_MAX, "fields")
        _within(field.value, limits.PROFILE_FIELD_CHARACTERS_MAX, "fields")
    return kept


def check_default_visibility(visibility: str) -> str:
    """The audience of what somebody will say without choosing one, or InvalidInput."""
    if visibility not in VISIBILITIES:
        raise _refuse("source[privacy]", "inclusion", "is not included in the list")
    return visibility


def check_default_quote_policy(policy: str) -> QuotePolicy:
    """Who may quote what somebody will say without deciding that, or InvalidInput."""
    if policy not in QUOTE_POLICIES:
        raise _refuse("source[quote_policy]", "inclusion", "is not included in the list")
    return QUOTE_POLICIES[policy]


def refuse_picture(kind: str, words: str) -> InvalidInput:
    """The complaint about a picture."""
    return _refuse(kind, "invalid", words)


def _within(text: str, maximum: int, field: str) -> str:
    if len(text) > maximum:
        raise _refuse(field, "too_long", f"is too long (maximum is {maximum} characters)")
    return text


def _refuse(field: str, rule: str, words: str) -> InvalidInput:
    name = field.rpartition("[")[2].rstrip("]").replace("_", " ").capitalize()
    return InvalidInput(
        f"Validation failed: {name} {words}", field=field, rule=rule, description=words
    )
