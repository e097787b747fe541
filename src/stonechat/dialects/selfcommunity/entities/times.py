"""Instants as the vendor writes them: ISO 8601 with microseconds and the distance from UTC."""

from stonechat.kernel.clock import from_ms


def instant(milliseconds: int) -> str:
    """`2026-03-15T12:34:56.789000+00:00`."""
    return from_ms(milliseconds).isoformat(timespec="microseconds")


def instant_or_none(milliseconds: int | None) -> str | None:
    """An instant that may be absent."""
    return None if milliseconds is None else instant(milliseconds)
