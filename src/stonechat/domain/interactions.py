"""Interactions: notices as a community tells them, and which of them are told in one breath.

The rows are the same in every dialect; here they get the community's names. What elsewhere is a
mention is a comment to whoever is answered by it, or began what it is about. Polls that ended,
edits and requests to follow have no name here, and are left out (`UNTOLD`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from stonechat.domain.custom_notices import CustomNotice
from stonechat.domain.ids import AccountId, CustomNoticeId, StatusId
from stonechat.domain.notifications import (
    COMMENT,
    CUSTOM,
    MODERATION,
    NEARBY_COMMENT,
    REACTION,
    THREAD_FOLLOW,
)
from stonechat.domain.views import Glance

NESTED_COMMENT: Final = "nested_comment"
MENTION: Final = "mention"
VOTE_UP: Final = "vote_up"
FOLLOW: Final = "follow"
USER_FOLLOW: Final = "user_follow"
CONTRIBUTION: Final = "contribution"

UNTOLD: Final = ("follow_request", "poll", "update", "quoted_update")
"""Kinds of notices for which a community has no name."""
AGGREGATED: Final = frozenset((COMMENT, NESTED_COMMENT, MENTION, VOTE_UP, FOLLOW))
"""What is told in one breath where it follows one another and is about the same."""
AGGREGATED_MAX: Final = 40
"""So many interactions are told in one breath at most."""

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "favourite": VOTE_UP,
        REACTION: VOTE_UP,
        "follow": USER_FOLLOW,
        THREAD_FOLLOW: FOLLOW,
        "status": CONTRIBUTION,
        "reblog": CONTRIBUTION,
        CUSTOM: CUSTOM,
    }
)


class NoticeRow(NamedTuple):
    """A notice as it is kept, and what tells its name: where its status stands, and whose it is.

    `boost_id` is the status by which something was passed on.
    """

    id: int
    type: str
    from_id: AccountId
    status_id: StatusId | None
    days: int | None
    thread_id: int | None
    in_reply_to_id: StatusId | None
    in_reply_to_account_id: AccountId | None
    top_author_id: AccountId | None
    root_author_id: AccountId | None
    boost_id: StatusId | None


class Interaction(NamedTuple):
    """A notice under the community's name. `subject_id` is what it is about, if anything."""

    id: int
    type: str
    from_id: AccountId
    subject_id: StatusId | None = None
    root_id: StatusId | None = None
    """The contribution that the subject is, or is a comment on."""
    days: int | None = None
    words_id: CustomNoticeId | None = None
    """What an administrator says in it."""

    @property
    def is_moderation(self) -> bool:
        """Whether it tells of what moderators did."""
        return self.type in MODERATION

    @property
    def is_on_comment(self) -> bool:
        """Whether the subject is a comment."""
        return self.subject_id != self.root_id


@dataclass(frozen=True, slots=True)
class InteractionView:
    """An interaction with what it is about, as its reader meets that."""

    interaction: Interaction
    subject: Glance | None = None
    root: Glance | None = None
    words: CustomNotice | None = None

    @property
    def id(self) -> int:
        """The notice's id."""
        return self.interaction.id


def interaction_of(row: NoticeRow, reader_id: AccountId) -> Interaction:
    """A notice under the name that it has for its reader."""
    subject_id, root_id = row.status_id, row.thread_id
    if row.type == CUSTOM and subject_id is not None:
        return Interaction(row.id, CUSTOM, row.from_id, words_id=CustomNoticeId(subject_id))
    if row.boost_id is not None:
        subject_id = root_id = row.boost_id
    return Interaction(
        row.id,
        _name(row, reader_id),
        row.from_id,
        subject_id,
        None if root_id is None else StatusId(root_id),
        row.days,
    )


def _name(row: NoticeRow, reader_id: AccountId) -> str:
    if row.type in MODERATION or row.type in _NAMES:
        return _NAMES.get(row.type, row.type)
    if row.in_reply_to_id is None:
        return MENTION if row.type == MENTION else CONTRIBUTION
    concerned = (row.in_reply_to_account_id, row.top_author_id, row.root_author_id)
    if row.type not in (COMMENT, NEARBY_COMMENT) and reader_id not in concerned:
        return MENTION
    return COMMENT if row.in_reply_to_id == row.thread_id else NESTED_COMMENT


def belong_together(group: Sequence[InteractionView], following: InteractionView) -> bool:
    """Whether an interaction is told in one breath with those that it follows."""
    first, other = group[-1].interaction, following.interaction
    if first.type != other.type or other.type not in AGGREGATED or len(group) >= AGGREGATED_MAX:
        return False
    if other.type in (VOTE_UP, FOLLOW):
        return first.subject_id == other.subject_id
    return first.root_id == other.root_id


@dataclass(frozen=True, slots=True)
class InteractionPage:
    """Groups of interactions, newest first, each newest first.

    `last_id` is the last row that was read for them. `has_more` says whether there are more in
    the direction in which was read.
    """

    groups: Sequence[Sequence[InteractionView]]
    read_id: int
    last_id: int | None
    has_more: bool

    @property
    def first_id(self) -> int | None:
        """The newest interaction of the page."""
        return self.groups[0][0].id if self.groups else None
