"""Instants as Mastodon writes them: UTC, exactly three fractional digits, `Z`.

Ice Cubes reads no other form and shows "now" for one that it cannot read.
"""

from stonechat.kernel.clock import from_ms

_DAY_MS = 86_400_000


def instant(milliseconds: int) -> str:
    """`2026-03-15T12:34:56.789Z`."""
    return from_ms(milliseconds).isoformat(timespec="milliseconds")[:-6] + "Z"


def instant_or_none(milliseconds: int | None) -> str | None:
    """An instant that may be absent."""
    return None if milliseconds is None else instant(milliseconds)


def midnight(milliseconds: int) -> str:
    """The beginning of the day of an instant, as an instant."""
    return instant(milliseconds - milliseconds % _DAY_MS)


def day(milliseconds: int | None) -> str | None:
    """`2026-03-15`, or None."""
    return None if milliseconds is None else from_ms(milliseconds).date().isoformat()
