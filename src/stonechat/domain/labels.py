"""Labels: what an administrator sticks on people, categories or contributions.

A label of people also says for whom a contribution is: one that is addressed to labels is seen by
those who carry one of them, and by its author. The community's dialect calls labels tags; a tag of
ours is a hashtag. What a newcomer gets wrong: a label that is switched off or deleted is carried
by nobody, but who carried it is kept, so it comes back as it was. A label never changes its type,
because what carries it would not fit any more.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import LabelId
from stonechat.domain.names import fold, fold_seen
from stonechat.domain.text.cleaning import clean_name, clean_text
from stonechat.kernel.errors import InvalidInput

USER: Final = "user"
CATEGORY: Final = "category"
CONTRIBUTION: Final = "contribution"
TYPES: Final = (USER, CATEGORY, CONTRIBUTION)
"""What carries a label."""
ORDERS: Final = ("created_at", "-created_at", "name", "-name", "id", "-id")
NEWEST: Final = "-created_at"
TOUCH_LABEL_JOB: Final = "touch_label"
"""Makes rendered copies old of what carries a label, where very much does."""

_is_color: Final = re.compile("#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})").fullmatch


@dataclass(frozen=True, slots=True)
class LabelView:
    """A label."""

    id: LabelId
    type: str
    name: str
    description: str = ""
    color: str = ""
    is_visible: bool = True
    boosts_visibility: bool = False
    """Whether feeds put forward what carries it."""
    is_active: bool = True
    created_ms: int = 0
    deleted_ms: int | None = None

    @property
    def counts(self) -> bool:
        """Whether anybody carries it at all."""
        return self.is_active and self.deleted_ms is None

    @property
    def is_open(self) -> bool:
        """Whether everybody may know of it."""
        return self.is_visible and self.counts


@dataclass(frozen=True, slots=True)
class LabelForm:
    """What is to become of a label. None leaves a part as it is."""

    type: str | None = None
    name: str | None = None
    description: str | None = None
    color: str | None = None
    is_visible: bool | None = None
    boosts_visibility: bool | None = None
    is_active: bool | None = None
    is_deleted: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelChoice:
    """Which labels are asked for. None asks for either; deleted ones must be asked for."""

    text: str = ""
    type: str | None = None
    is_active: bool | None = None
    is_visible: bool | None = None
    boosts_visibility: bool | None = None
    is_deleted: bool = False
    order: str = NEWEST


class Carrier(NamedTuple):
    """What is to carry a label: its type, and its id among those of that type."""

    type: str
    id: int


class LabelName(NamedTuple):
    """A label as somebody names it who asks what carries it: by its id, or by its name."""

    id: LabelId | None
    name: str | None


def new_label(label_id: LabelId, form: LabelForm, now_ms: int) -> LabelView:
    """A label that did not exist before; its name cannot be left out."""
    blank = LabelView(label_id, form.type or USER, "", created_ms=now_ms)
    return changed_label(blank, replace(form, type=None, name=form.name or ""), now_ms)


def changed_label(before: LabelView, form: LabelForm, now_ms: int) -> LabelView:
    """The label after a change, or InvalidInput."""
    if form.type not in (None, before.type):
        raise _wrong("type", "cannot be changed")
    after = LabelView(
        before.id,
        before.type,
        before.name if form.name is None else _check_name(form.name),
        _checked(before.description, form.description),
        before.color if form.color is None else _check_color(form.color),
        _either(form.is_visible, before.is_visible),
        _either(form.boosts_visibility, before.boosts_visibility),
        _either(form.is_active, before.is_active),
        before.created_ms,
        before.deleted_ms,
    )
    if form.is_deleted is None or form.is_deleted == (before.deleted_ms is not None):
        return after
    return replace(after, deleted_ms=now_ms if form.is_deleted else None)


def _either(given: bool | None, kept: bool) -> bool:  # noqa: FBT001 - what is kept is no switch
    return kept if given is None else given


def _checked(kept: str, given: str | None) -> str:
    if given is None:
        return kept
    text = clean_text(given, field="description")
    _ensure_short(text, limits.LABEL_DESCRIPTION_CHARACTERS_MAX, "description")
    return text


def _check_name(name: str) -> str:
    name = clean_name(name, field="name")
    if not name_key(name):
        raise _wrong("name", "can't be blank", "blank")
    _ensure_short(name, limits.LABEL_NAME_CHARACTERS_MAX, "name")
    return name


def name_key(name: str) -> str:
    """What two names have in common that people take for one."""
    return fold_seen(name)


def _ensure_short(text: str, characters_max: int, field: str) -> None:
    if len(text) > characters_max:
        raise _wrong(field, f"is too long (maximum is {characters_max} characters)", "too_long")


def _check_color(color: str) -> str:
    if color and not _is_color(color):
        raise _wrong("color", "must be a # and three or six hexadecimal digits")
    return color.lower()


def name_taken() -> InvalidInput:
    """The complaint about a name that another label of this type has."""
    return _wrong("non_field_errors", "must make a unique set: type, name", "taken")


def _wrong(field: str, words: str, rule: str = "invalid") -> InvalidInput:
    return InvalidInput(
        f"Validation failed: {field.replace('_', ' ').capitalize()} {words}",
        field=field,
        rule=rule,
        description=words,
    )


def chosen(labels: Iterable[LabelView], choice: LabelChoice) -> list[LabelView]:
    """Those of the labels that are asked for, in the order that is asked for."""
    wanted = fold(choice.text)
    found = [
        label
        for label in labels
        if choice.type in (None, label.type)
        and choice.is_active in (None, label.is_active)
        and choice.is_visible in (None, label.is_visible)
        and choice.boosts_visibility in (None, label.boosts_visibility)
        and choice.is_deleted == (label.deleted_ms is not None)
        and wanted in fold(label.name)
    ]
    # Ids are given in the order of time, so they order by the moment of creation, too.
    order = choice.order.removeprefix("-")
    found.sort(key=lambda label: (fold(label.name) if order == "name" else "", label.id))
    return found[::-1] if choice.order.startswith("-") else found
