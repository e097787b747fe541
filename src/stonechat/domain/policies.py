"""Policies: who may see and do what, over facts that somebody else gathered.

`may_see` stands a second time in SQL (storage/visibility.py), because a page of twenty statuses
must not cost twenty questions. A property test proves over random worlds that the two agree.
"""

from enum import IntEnum
from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId


class Visibility(IntEnum):
    """Who a status is for. The numbers are what the database holds."""

    PUBLIC = 0
    UNLISTED = 1
    PRIVATE = 2
    DIRECT = 3
    ADDRESSED = 4
    """For those who carry one of the labels of its thread, whoever they follow or mention."""

    @property
    def label(self) -> str:
        """The word on the wire, which has none for what is addressed to labels."""
        return "private" if self is Visibility.ADDRESSED else self.name.lower()


VISIBILITIES: Final = {
    visibility.label: visibility
    for visibility in Visibility
    if visibility is not Visibility.ADDRESSED
}
"""What may be asked for by its word. ADDRESSED follows from labels and is never asked for."""


class Sight(NamedTuple):
    """The facts on which it depends whether one account sees one status."""

    visibility: int
    author_id: AccountId
    viewer_id: AccountId
    is_deleted: bool = False
    is_author_active: bool = True
    is_following: bool = False
    is_mentioned: bool = False
    is_blocked_by_author: bool = False
    is_addressed: bool = False
    """The viewer carries one of the labels of the status's thread."""


def may_see(sight: Sight) -> bool:
    """Whether the viewer may see the status at all."""
    if sight.is_deleted or not sight.is_author_active:
        return False
    if sight.viewer_id == sight.author_id:
        return True
    if sight.is_blocked_by_author:
        return False
    if sight.visibility == Visibility.ADDRESSED:
        return sight.is_addressed
    if sight.visibility <= Visibility.UNLISTED or sight.is_mentioned:
        return True
    return sight.visibility == Visibility.PRIVATE and sight.is_following


def may_boost(visibility: int, author_id: AccountId, viewer_id: AccountId) -> bool:
    """Whether somebody who sees a status may pass it on."""
    if visibility in (Visibility.DIRECT, Visibility.ADDRESSED):
        return False
    return visibility != Visibility.PRIVATE or author_id == viewer_id
