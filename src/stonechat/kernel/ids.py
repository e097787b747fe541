"""Ids: 53 bits that sort by time and fit a JavaScript number.

     52                                12 11        4 3      0
    +------------------------------------+-----------+--------+
    | milliseconds since 2010-01-01, UTC | process   | number |
    +------------------------------------+-----------+--------+

Statuses and boosts share this one sequence, because Mastodon's clients sort them in one list.
Each running process holds a number of its own (storage/processes), so no two make the same
id. Within a process ids only rise: when the clock steps back, or sixteen ids were made in one
millisecond, the sequence runs ahead of the clock instead of repeating or falling.
"""

from threading import Lock
from typing import Final

from stonechat.kernel.clock import Clock

EPOCH_MS: Final = 1_262_304_000_000
PROCESSES: Final = 256
ID_MAX: Final = (1 << 53) - 1

_TIME_SHIFT: Final = 12
_PROCESS_SHIFT: Final = 4
_SEQUENCE_MAX: Final = 15


class IdSource:
    """Makes ids for one process, for the loop and for the writer's thread alike."""

    def __init__(self, clock: Clock, process: int, *, after_id: int = 0) -> None:
        """`process` is 0 to 255; every id will be greater than `after_id`."""
        assert 0 <= process < PROCESSES
        self._clock = clock
        self._process_bits = process << _PROCESS_SHIFT
        self._last_ms = after_id >> _TIME_SHIFT
        self._sequence = _SEQUENCE_MAX
        self._lock = Lock()

    def next_id(self) -> int:
        """The next id, greater than every id that this source gave before."""
        now_ms = self._clock.now_ms() - EPOCH_MS
        with self._lock:
            if now_ms > self._last_ms:
                self._last_ms, self._sequence = now_ms, 0
            elif self._sequence < _SEQUENCE_MAX:
                self._sequence += 1
            else:
                self._last_ms, self._sequence = self._last_ms + 1, 0
            return self._last_ms << _TIME_SHIFT | self._process_bits | self._sequence


def id_at(milliseconds: int) -> int:
    """The smallest id that could have been made at a time in ms since 1970; for ranges."""
    return max(milliseconds - EPOCH_MS, 0) << _TIME_SHIFT


def ms_of_id(identifier: int) -> int:
    """When an id was made, in ms since 1970."""
    return (identifier >> _TIME_SHIFT) + EPOCH_MS
