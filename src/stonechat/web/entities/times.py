"""Instants as people and programs read them. Most pages run no script, so all of it is UTC."""

from typing import Final, NamedTuple

from stonechat.kernel.clock import from_ms

_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_MINUTE_MS: Final = 60_000
_UNITS: Final = (
    ("year", 365 * 1440 * _MINUTE_MS),
    ("month", 30 * 1440 * _MINUTE_MS),
    ("day", 1440 * _MINUTE_MS),
    ("hour", 60 * _MINUTE_MS),
    ("minute", _MINUTE_MS),
)


class Moment(NamedTuple):
    """One instant in both spellings."""

    iso: str
    words: str


def present_moment(milliseconds: int) -> Moment:
    """`2026-03-15T12:34:56Z` and `15 Mar 2026, 12:34`."""
    at = from_ms(milliseconds)
    iso = at.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
    return Moment(iso, f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}")


def present_month(milliseconds: int) -> Moment:
    """`2026-03` and `Mar 2026`, for what need not be told more exactly."""
    at = from_ms(milliseconds)
    return Moment(f"{at:%Y-%m}", f"{_MONTHS[at.month - 1]} {at.year}")


def present_exactly(milliseconds: int) -> str:
    """`2026-03-15T12:34:56.789Z`."""
    iso = from_ms(milliseconds).isoformat(timespec="milliseconds")
    return iso.removesuffix("+00:00") + "Z"


def say_age(milliseconds: int) -> str:
    """How long ago something was, in one number: `5 minutes ago`. live.js says the same."""
    if milliseconds < _UNITS[-1][1]:
        return "just now"
    name, length = next(each for each in _UNITS if milliseconds >= each[1])
    count = milliseconds // length
    return f"{count} {name}{'' if count == 1 else 's'} ago"
