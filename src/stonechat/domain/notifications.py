"""Notifications: what an account is told of, and which of it a reader asks for.

A notice stands for one thing that one account did; its author is whom it came *from*. Who is
told of what is decided where it happens (storage/notifications). A reader's choice of types is
lenient: clients name types that are newer than this server, and those simply match nothing.

Not every dialect has a word for every kind. The communal ones are told in the community's dialect
alone (domain/interactions); a comment on a followed thread is told in all of them, and is called
a status by those that know no other word.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.views import Glance

COMMENT: Final = "comment"
REACTION: Final = "reaction"
THREAD_FOLLOW: Final = "thread_follow"
CUSTOM: Final = "custom_notification"
NEARBY_COMMENT: Final = "nearby_comment"
"""A comment beside one's own, on what one does not follow."""

OPEN_TYPES: Final = (
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
    COMMENT,
)
"""Every kind of notice that all dialects tell of."""
TYPES: Final = (*OPEN_TYPES, REACTION, THREAD_FOLLOW, CUSTOM, NEARBY_COMMENT)
"""Every kind of notice that comes from another account."""

GROUNDS: Final = ("advertising", "aggressive", "vulgar", "poor", "offtopic")
"""What moderators find in something, in the order of the types of flags."""
DELETED: Final = tuple(f"deleted_for_{ground}" for ground in GROUNDS)
COLLAPSED: Final = tuple(f"collapsed_for_{ground}" for ground in GROUNDS)
KINDLY_NOTICES: Final = tuple(f"kindly_notice_{ground}" for ground in GROUNDS)
UNDELETED: Final = "undeleted_for"
UNCOLLAPSED: Final = "uncollapsed_for"
KINDLY_NOTICE_FLAG: Final = "kindly_notice_flag"
BLOCKED_USER: Final = "blocked_user"
UNBLOCKED_USER: Final = "unblocked_user"
MODERATION: Final = frozenset(
    (
        *DELETED,
        *COLLAPSED,
        *KINDLY_NOTICES,
        UNDELETED,
        UNCOLLAPSED,
        KINDLY_NOTICE_FLAG,
        BLOCKED_USER,
        UNBLOCKED_USER,
    )
)
"""What moderators did. It comes from the community: it is kept as if from the reader, so that
who moderates is told to nobody, and nobody escapes it by a block."""
COMMUNAL: Final = frozenset((REACTION, THREAD_FOLLOW, CUSTOM, NEARBY_COMMENT)) | MODERATION
"""What only the community's dialect has a word for."""

_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType({COMMENT: "status"})


def name_elsewhere(type_: str) -> str:
    """What a kind is called in dialects that know nothing of communities."""
    return _ELSEWHERE.get(type_, type_)


class NoticeChoice(NamedTuple):
    """Which notices a reader asks for; all of them kinds that every dialect tells of."""

    types: tuple[str, ...] = OPEN_TYPES
    from_id: AccountId | None = None

    @property
    def is_of_every_type(self) -> bool:
        """Whether the types narrow nothing."""
        return len(self.types) == len(OPEN_TYPES)


def choose(
    wanted: Collection[str], unwanted: Collection[str], from_id: AccountId | None
) -> NoticeChoice:
    """The choice of a reader who names types to have, types to leave out, or neither."""
    types = [each for each in OPEN_TYPES if not wanted or name_elsewhere(each) in wanted]
    chosen = tuple(each for each in types if name_elsewhere(each) not in unwanted)
    return NoticeChoice(chosen, from_id)


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
