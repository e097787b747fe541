"""A clock that a test holds."""

from datetime import UTC, datetime, timedelta

from stonechat.kernel.clock import to_ms


class HeldClock:
    """Stands still until it is moved; backwards too."""

    def __init__(self, moment: datetime | None = None) -> None:
        self.moment = moment or datetime.now(UTC)

    def now(self) -> datetime:
        return self.moment

    def now_ms(self) -> int:
        return to_ms(self.moment)

    def move(self, **step: float) -> None:
        """Move the clock by a timedelta's arguments."""
        self.moment += timedelta(**step)
