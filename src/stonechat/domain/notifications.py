"""Notifications: what an account is told of, and which of it a reader asks for.

A notice stands for one thing that one account did; its author is whom it came *from*. Who is
told of what is decided where it happens (storage/notifications). A reader's choice of types is
lenient: clients name types that are newer than this server, and those simply match nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.views import Glance

TYPES: Final = (
    "mention",
    "status",
    "reblog",
    "follow",
    "follow_request",
    "favourite",
    "poll",
    "update",
    "quote",
    "quoted_update",
)
"""Every kind of notice that this server writes or keeps a name for."""


class NoticeChoice(NamedTuple):
    """Which notices a reader asks for."""

    types: tuple[str, ...] = TYPES
    from_id: AccountId | None = None

    @property
    def is_of_every_type(self) -> bool:
        """Whether the types narrow nothing."""
        return len(self.types) == len(TYPES)


def choose(
    wanted: Collection[str], unwanted: Collection[str], from_id: AccountId | None
) -> NoticeChoice:
    """The choice of a reader who names types to have, types to leave out, or neither."""
    types = [each for each in TYPES if not wanted or each in wanted]
    return NoticeChoice(tuple(each for each in types if each not in unwanted), from_id)


class Notice(NamedTuple):
    """A notice as it is kept."""

    id: int
    type: str
    from_id: AccountId
    status_id: StatusId | None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice with the status that it is about, as its reader meets that."""

    notice: Notice
    status: Glance | None
