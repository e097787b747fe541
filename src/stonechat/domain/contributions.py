"""Contributions: what a status has besides its words where a community says it.

A contribution is a status that answers nothing: a plain status, a post or a discussion. Title,
action, place and whom it is addressed to stand in its `Facets`; categories, votes and comments
are counted or looked for, and stand beside them. A comment is any answer to it, however deep; the
community's dialect shows two levels, so a deep one knows the direct answer above it (`top_of`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Protocol

from stonechat.domain import limits
from stonechat.domain.ids import CategoryId, LabelId, StatusId
from stonechat.domain.places import Place
from stonechat.domain.policies import Visibility
from stonechat.kernel.errors import InvalidInput

STATUS: Final = "status"
POST: Final = "post"
DISCUSSION: Final = "discussion"
KINDS: Final = (STATUS, POST, DISCUSSION)

RACKS: Final[Mapping[str, int]] = MappingProxyType({STATUS: 1, POST: 2, DISCUSSION: 3})
"""Where public lists find each kind."""
ADDRESSED_RACKS: Final = 10
"""Added to the rack of what is for some only."""
NO_RACK: Final = 0

Reactions = tuple[tuple[int, int], ...]
"""How many gave which reaction other than the first; in the order of the reactions' ids."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What only some statuses have. `html` is the clean HTML where the words came as such."""

    title: str = ""
    action: str | None = None
    html: str | None = None
    place: Place | None = None
    addressing: tuple[LabelId, ...] = ()
    poll_title: str = ""


NO_FACETS: Final = Facets()


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an order of the community's dialect says besides words, media and poll."""

    kind: str = STATUS
    title: str = ""
    action: str | None = None
    html: str | None = None
    category_ids: tuple[CategoryId, ...] = ()
    place: Place | None = None
    addressing: tuple[LabelId, ...] = ()
    poll_title: str = ""
    is_comment: bool = False


class Answered(Protocol):
    """What is known of the status that another one answers."""

    @property
    def id(self) -> StatusId:
        """Its id."""
        ...

    @property
    def in_reply_to_id(self) -> StatusId | None:
        """What it answers itself."""
        ...

    @property
    def top_id(self) -> StatusId | None:
        """The direct answer to the root above it."""
        ...


def check_particulars(about: Particulars) -> Particulars:
    """The order as it will be kept, or InvalidInput."""
    if about.kind == DISCUSSION and not about.title.strip():
        raise InvalidInput("Validation failed: Title can't be blank", field="title", rule="blank")
    if len(about.title) > limits.TITLE_CHARACTERS_MAX:
        raise _too_long("title", limits.TITLE_CHARACTERS_MAX)
    if about.action is not None and len(about.action) > limits.ACTION_CHARACTERS_MAX:
        raise _too_long("action", limits.ACTION_CHARACTERS_MAX)
    return replace(
        about,
        title=" ".join(about.title.split()) if about.kind != STATUS else "",
        category_ids=tuple(dict.fromkeys(about.category_ids)),
        addressing=tuple(dict.fromkeys(about.addressing)),
    )


def _too_long(field: str, maximum: int) -> InvalidInput:
    return InvalidInput(
        f"Validation failed: {field.capitalize()} is too long (maximum is {maximum} characters)",
        field=field,
        rule="too_long",
    )


def facets_of(about: Particulars) -> Facets:
    """What is kept of an order."""
    return Facets(
        title=about.title,
        action=about.action,
        html=about.html,
        place=about.place,
        addressing=about.addressing,
        poll_title=about.poll_title,
    )


def top_of(parent: Answered) -> StatusId | None:
    """The direct answer to the root beneath which an answer to `parent` is shown, if any."""
    if parent.in_reply_to_id is None:
        return None
    return parent.top_id or parent.id


def rack_of(kind: str, visibility: int) -> int:
    """Where public lists find a contribution; they do not find what is for followers alone."""
    if visibility == Visibility.PUBLIC:
        return RACKS[kind]
    if visibility == Visibility.ADDRESSED:
        return RACKS[kind] + ADDRESSED_RACKS
    return NO_RACK
