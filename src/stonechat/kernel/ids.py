"""Ids: 53 bits that sort by time and fit a JavaScript number.

     52                                12 11        4 3      0
    +------------------------------------+-----------+--------+
    | milliseconds since 2010-01-01, UTC | process   | number |
    +------------------------------------+-----------+--------+

Statuses and boosts share this one sequence, because Mastodon's clients sort them in one list.
Each running process holds a number of its own (storage/processes), so no two make the same
id. Within a process ids only rise: when the clock steps back, or sixteen ids were made in one
millisecond, the sequence runs ahead of the clock instead of repeating or falling.

A number is leased until a moment. No id is made whose own milliseconds reach it, and whoever has
the number next begins there: so the two cannot meet, however long a process was frozen and
whatever either clock shows. It is the id's time that is compared, not the time of the call.
"""

from threading import Lock
from typing import Final

from stonechat.kernel.clock import Clock
from stonechat.kernel.errors import Unavailable

EPOCH_MS: Final = 1_262_304_000_000
PROCESSES: Final = 256
ID_MAX: Final = (1 << 53) - 1
NEVER_MS: Final = (ID_MAX >> 12) + EPOCH_MS
"""When ids of 53 bits come to their end."""

_TIME_SHIFT: Final = 12
_PROCESS_SHIFT: Final = 4
_SEQUENCE_MAX: Final = 15


class IdSource:
    """Makes ids for one process, for the loop and for the writer's thread alike."""

    def __init__(
        self, clock: Clock, process: int, *, after_id: int = 0, until_ms: int = NEVER_MS
    ) -> None:
        """`process` is 0 to 255; ids are greater than `after_id`, and of before `until_ms`."""
        assert 0 <= process < PROCESSES
        self._clock = clock
        self._process_bits = process << _PROCESS_SHIFT
        self._last_ms = after_id >> _TIME_SHIFT
        self._sequence = _SEQUENCE_MAX
        self._until_ms = until_ms - EPOCH_MS
        self._lock = Lock()

    def next_id(self) -> int:
        """The next id, greater than every id that this source gave before.

        Unavailable when the lease of the process's number does not reach so far.
        """
        now_ms = self._clock.now_ms() - EPOCH_MS
        with self._lock:
            if now_ms > self._last_ms:
                milliseconds, sequence = now_ms, 0
            elif self._sequence < _SEQUENCE_MAX:
                milliseconds, sequence = self._last_ms, self._sequence + 1
            else:
                milliseconds, sequence = self._last_ms + 1, 0
            if milliseconds >= self._until_ms:
                raise Unavailable(reason="the lease of the process number has ended")
            self._last_ms, self._sequence = milliseconds, sequence
            return milliseconds << _TIME_SHIFT | self._process_bits | sequence

    def extend(self, until_ms: int) -> None:
        """Go on until a later moment: the number was leased anew."""
        self._until_ms = until_ms - EPOCH_MS

    def end(self) -> int:
        """Make no later ids than there are; the moment that is free for somebody else's."""
        with self._lock:
            self._until_ms = min(self._until_ms, self._last_ms + 1)
            return self._until_ms + EPOCH_MS

    @property
    def last_ms(self) -> int:
        """The milliseconds since 1970 of the newest id, which may be ahead of the clock."""
        return self._last_ms + EPOCH_MS


def id_at(milliseconds: int) -> int:
    """The smallest id that could have been made at a time in ms since 1970; for ranges."""
    return max(milliseconds - EPOCH_MS, 0) << _TIME_SHIFT


def ms_of_id(identifier: int) -> int:
    """When an id was made, in ms since 1970."""
    return (identifier >> _TIME_SHIFT) + EPOCH_MS
