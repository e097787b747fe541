"""Ends: until when a link or a key is good, as whoever makes it asks for."""

from typing import Final

from stonechat.kernel.errors import InvalidInput

DAY_MS: Final = 86_400_000


def find_end(now_ms: int, *, days: int | None, expires_ms: int | None, days_max: int) -> int | None:
    """The moment that somebody asks for in days or by itself; None where they ask for no end."""
    if days is not None:
        if not 1 <= days <= days_max:
            raise InvalidInput(f"The days have to be from 1 to {days_max}", field="days")
        return now_ms + days * DAY_MS
    if expires_ms is not None and not now_ms < expires_ms <= now_ms + days_max * DAY_MS:
        raise InvalidInput(
            f"The end has to be in the future, and within {days_max} days", field="expiresAt"
        )
    return expires_ms
