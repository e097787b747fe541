"""Moderation: what those who run a community decide about what others said.

There is one decision at a time. The same one again takes it back, another one replaces it; so
what was hidden and is then deleted is deleted only, and is open when that is taken back. To warn
somebody is no decision: it can be done at any time, and changes nothing.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from stonechat.domain import notifications
from stonechat.domain.contributions import KINDS
from stonechat.domain.ids import AccountId, StatusId

OPEN: Final = "open"
IGNORED: Final = "ignored"
HIDDEN: Final = "hidden"
DELETED: Final = "deleted"
STATES: Final = (OPEN, IGNORED, HIDDEN, DELETED)
COMMENT: Final = "comment"
TYPES: Final = (*KINDS, COMMENT)

WARN_AUTHOR: Final = "scold_author"
WARN_FLAGGER: Final = "scold_flagger"
DECISIONS: Final = {"ignore": IGNORED, "hide": HIDDEN, "delete": DELETED}
"""What can be done, by the vendor's names, and what is so then."""
ACTIONS: Final = (WARN_AUTHOR, WARN_FLAGGER, *DECISIONS)
ORDERS: Final = ("flag_count", "last_moderated_at", "last_flagged_at")


class Ruling(NamedTuple):
    """What was flagged, and what was decided about it. Times are 0 for never."""

    status_id: StatusId
    account_id: AccountId
    state: str = OPEN
    reason: int | None = None
    moderator_id: AccountId | None = None
    flags: int = 0
    flagged_ms: int = 0
    moderated_ms: int = 0

    def decided(
        self, action: str, reason: int, *, moderator_id: AccountId, now_ms: int
    ) -> "Ruling":
        """The ruling after a decision."""
        is_undone = self.state == DECISIONS[action]
        return self._replace(
            state=OPEN if is_undone else DECISIONS[action],
            reason=None if is_undone else reason,
            moderator_id=moderator_id,
            moderated_ms=now_ms,
        )


class ModerationOrder(NamedTuple):
    """The order to do something about a status. Without a reason, most flags say which."""

    action: str
    reason: int | None = None
    flagger_id: AccountId | None = None


def notice_of(before: str, after: str, reason: int) -> str | None:
    """The kind of notice by which an author hears of a decision; None where they hear nothing."""
    if after == DELETED:
        return notifications.DELETED[reason]
    if after == HIDDEN:
        return notifications.COLLAPSED[reason]
    undone = {DELETED: notifications.UNDELETED, HIDDEN: notifications.UNCOLLAPSED}
    return undone.get(before)


@dataclass(frozen=True, slots=True)
class RulingSearch:
    """Which rulings somebody looks for. What is None or empty does not narrow anything."""

    flags_min: int | None = None
    type: str | None = None
    status_id: int | None = None
    author_id: int | None = None
    flagger_id: int | None = None
    words: str = ""
    state: str | None = None
    order: str = "last_flagged_at"
    is_rising: bool = False
