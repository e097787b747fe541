"""Times on the wire: ISO 8601, UTC, with milliseconds."""

from stonechat.kernel.clock import from_ms


def instant(milliseconds: int) -> str:
    """An instant, such as 2026-08-07T12:00:00.000Z."""
    return from_ms(milliseconds).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
