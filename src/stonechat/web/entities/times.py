"""Instants as people and programs read them. Pages run no script, so all of it is UTC."""

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
