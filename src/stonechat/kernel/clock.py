"""The only place that asks what time it is.

Instants are aware UTC. Tables hold milliseconds, so both spellings are offered here. The
wall clock may step back; what must never step back (ids) takes care of that itself.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The aware UTC instant of milliseconds since 1970."""
    return _EPOCH + milliseconds * _MILLISECOND


class Clock(Protocol):
    """Something that knows the time: the system's, or one that a test holds."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        ...

    def now_ms(self) -> int:
        """The current instant in milliseconds since 1970."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        return datetime.now(UTC)

    def now_ms(self) -> int:
        """The current instant in milliseconds since 1970."""
        return int(datetime.now(UTC).timestamp() * 1000)
