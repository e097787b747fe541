"""Notices as somebody reads them, and how many of them are new."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stonechat.domain.beacon_notices import BeaconNotice
from stonechat.domain.limits import UNREAD_COUNT
from stonechat.web.entities.times import Moment, present_moment

_WORDS: Final = {
    "stale": "was not confirmed for too long",
    "deleted": "was deleted",
    "role": "is shared with you now",
}


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice: a name, and what became of it, in words or from one value to another."""

    id: int
    name: str
    words: str
    old_value: str
    value: str
    made: Moment
    path: str
    """Where it leads; empty where there is nothing any more."""
    is_unread: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """The newest notices, and how many are unread in words."""

    lines: tuple[NoticeLine, ...]
    unread: str
    """Empty where all were read."""
    newest: int


def present_inbox(notices: Sequence[BeaconNotice], unread: int) -> Inbox:
    """What stands on the list of beacons."""
    lines = tuple(_line(each) for each in notices)
    most = UNREAD_COUNT[0]
    words = "" if unread == 0 else f"{most} or more" if unread >= most else str(unread)
    return Inbox(lines, words, lines[0].id if lines else 0)


def _line(notice: BeaconNotice) -> NoticeLine:
    words = _WORDS.get(notice.kind, "")
    return NoticeLine(
        id=notice.id,
        name=notice.name,
        words=words,
        old_value="" if words else notice.old_value or "",
        value="" if words else notice.value,
        made=present_moment(notice.made_ms),
        path=f"/beacons/{notice.beacon_id}" if notice.is_there else "",
        is_unread=notice.is_unread,
    )
