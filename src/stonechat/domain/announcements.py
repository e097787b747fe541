"""Announcements: how a change of a beacon is put in words, and how an answer orders another one.

An announcement is a status like any other; what it tells of stands beside it. Name and value are
not its author's words alone, because others may set a value: whatever would notify somebody, file
the status under a tag or lead elsewhere is shown, but means nothing.
"""

import re
from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacons import ANNOUNCE_JOB
from stonechat.domain.ids import BeaconId

HEAR_ANSWER_JOB: Final = "hear_answer"
"""Sets a beacon to what an answer says: `{"status_id": …, "value": …}`."""

_NUMBER_DIGITS: Final = 19
_WORD_JOINER: Final = "\u2060"
"""Has no width and breaks no line; behind a mark it is the end of what the mark begins."""
_MARK: Final = re.compile("[@#\uff03]|://")
_ORDER: Final = re.compile(
    # People's apps write whom an answer is for before anything else.
    r"\s*+(?:@\S++\s++)*+set[ \t\xa0]++"
    rf"(\S[^\r\n]{{0,{limits.BEACON_VALUE_CODE_POINTS_MAX}}})\s*",
    re.IGNORECASE,
)


def announce(name: str, value: str) -> str:
    """The text of a status that tells what a beacon was set to."""
    return _MARK.sub(lambda mark: mark[0] + _WORD_JOINER, f"{name}: {value}")


def read_order(text: str) -> str | None:
    """The value that an answer orders: its whole text is `set VALUE`, in one line."""
    found = _ORDER.fullmatch(text)
    return None if found is None else found[1].rstrip()


def announcing_key(beacon_id: BeaconId, number: int) -> str:
    """The key of the job that tells of a change: those of one beacon sort as their numbers do."""
    return f"{ANNOUNCE_JOB}:{beacon_id}:{number:0{_NUMBER_DIGITS}}"
