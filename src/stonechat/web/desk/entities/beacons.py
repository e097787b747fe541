"""Beacons as their own people see them: what is so, since when, and what they can do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacons import (
    ANNOUNCEMENTS,
    OWNER,
    UPDATER,
    Beacon,
    BeaconChange,
    BeaconView,
)
from stonechat.web.entities.palette import PALETTE, find_hue
from stonechat.web.entities.times import Moment, present_moment, say_age

ROLE_WORDS: Final = {"owner": "owner", "updater": "updater", "subscriber": "subscriber"}
SOURCE_WORDS: Final = {
    "api": "by a program",
    "page": "on the page",
    "token": "with a write token",
    "answer": "by an answer",
}
ACCESS_WORDS: Final = {"public": "Public", "private": "Private"}
LIST_ACCESS_WORDS: Final = {
    "public": "Everybody who sees it",
    "private": "Everybody with a role",
    "owner": "You alone",
}
ANNOUNCE_WORDS: Final = {
    "off": "No",
    "public": "Yes, for everybody",
    "unlisted": "Yes, unlisted",
    "private": "Yes, for your followers",
}
assert set(ANNOUNCE_WORDS) == {"off", *ANNOUNCEMENTS}
_UNITS: Final = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
UNITS: Final = dict(_UNITS)
_SPARE_PRESETS: Final = 3


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour to choose, and what it is called."""

    number: int
    name: str


SWATCHES: Final = tuple(Swatch(at, hue.name) for at, hue in enumerate(PALETTE, start=1))


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that sets a value; a colour of 0 leaves the colour as it is."""

    value: str
    color_no: int
    is_now: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A beacon with what the person may do about it."""

    id: str
    name: str
    value: str
    is_stale: bool
    color_no: int
    hue: str
    since: Moment
    age: str
    role: str
    owner: str
    is_public: bool
    description: str
    taps: tuple[Tap, ...]
    subscribers: int
    changes: int

    @property
    def path(self) -> str:
        """Where it is looked after."""
        return f"/beacons/{self.id}"

    @property
    def page(self) -> str:
        """Where others look at it."""
        return f"/s/{self.id}"

    @property
    def is_own(self) -> bool:
        """Whether everything about it may be changed."""
        return self.role == OWNER

    @property
    def may_set(self) -> bool:
        """Whether its value may be set."""
        return self.role in (OWNER, UPDATER)


def present_card(view: BeaconView, now_ms: int) -> Card:
    """A beacon on which the person has a role."""
    beacon = view.beacon
    is_stale = beacon.is_stale(now_ms)
    taps = (
        Tap(each.value, each.color_no or 0, not is_stale and each.value == beacon.value)
        for each in beacon.presets
    )
    return Card(
        id=beacon.id,
        name=beacon.name,
        value=beacon.shown_value(now_ms),
        is_stale=is_stale,
        color_no=beacon.color_no,
        hue=find_hue(beacon.color_no).name,
        since=present_moment(beacon.changed_ms),
        age=say_age(now_ms - beacon.changed_ms),
        role=view.role or "",
        owner=view.owner_name,
        is_public=beacon.is_public,
        description=beacon.description,
        taps=tuple(taps),
        subscribers=beacon.subscribers,
        changes=beacon.changes,
    )


# The form of all parts -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PresetRow:
    """One line of the form of presets."""

    value: str
    color_no: int


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part of a beacon as its form shows it: what was typed last goes before what is."""

    texts: Mapping[str, str]
    presets: tuple[PresetRow, ...]

    def is_chosen(self, name: str, option: object) -> bool:
        """Whether an option of a choice is the one."""
        return self.texts[name] == str(option)


def present_parts(
    beacon: Beacon | None,
    typed: Mapping[str, str],
    typed_presets: Sequence[Mapping[str, str]] = (),
) -> Parts:
    """What stands in the form: of a beacon that is there, or of one that is to be made."""
    number, unit = _spell_seconds(beacon.stale_after_s if beacon else None)
    texts = {
        "name": beacon.name if beacon else "",
        "value": "",
        "description": beacon.description if beacon else "",
        # A new one has the colour of its value's button, unless somebody chooses.
        "color_no": str(beacon.color_no) if beacon else "",
        "access": beacon.access if beacon else "public",
        "users_access": beacon.users_access if beacon else "owner",
        "history_access": beacon.history_access if beacon else "private",
        "announces": (beacon.announces if beacon else None) or "off",
        "hears_answers": str(int(beacon.hears_answers)) if beacon else "0",
        "stale_number": number,
        "stale_unit": unit,
    }
    rows = [PresetRow(each.value, each.color_no or 0) for each in beacon.presets] if beacon else []
    if typed:
        rows = [_typed_row(each) for each in typed_presets[: limits.BEACON_PRESETS_MAX]]
    room = limits.BEACON_PRESETS_MAX - len(rows)
    rows += [PresetRow("", 0)] * min(_SPARE_PRESETS, room)
    return Parts(texts | {name: typed[name] for name in texts if name in typed}, tuple(rows))


def _typed_row(row: Mapping[str, str]) -> PresetRow:
    color = row.get("color_no", "")
    is_color = color.isascii() and color.isdigit() and len(color) < len("100")
    return PresetRow(row.get("value", ""), int(color) if is_color else 0)


def _spell_seconds(seconds: int | None) -> tuple[str, str]:
    """A length of time as a number of the largest unit that needs no fraction."""
    if not seconds:
        return "", "hours"
    return next((str(seconds // size), unit) for unit, size in _UNITS if seconds % size == 0)


# History -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, as the timeline shows it."""

    number: int
    value: str
    color_no: int
    made: Moment
    words: str


def present_change(change: BeaconChange) -> Entry:
    """One entry of a history."""
    how = SOURCE_WORDS.get(change.source, "")
    who = f"@{change.changer}" if change.changer else ""
    words = " ".join(filter(None, (who, how)))
    return Entry(
        change.number, change.value, change.color_no, present_moment(change.made_ms), words
    )
