"""Keyset paging: where a page begins, which way it looks, and what it found.

`min_id` means the page directly above the cursor, oldest neighbours first to be chosen, yet
given newest first. `since_id` means the newest page that stays above the cursor. Treating the
two alike is the classic mistake: clients then cannot fill a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

from stonechat.kernel.ids import ID_MAX

NO_UPPER: Final = ID_MAX + 1

T_co = TypeVar("T_co", covariant=True)


class Cursor(NamedTuple):
    """Ids strictly between `above` and `below`, at most `limit` of them."""

    limit: int
    below: int = NO_UPPER
    above: int = 0
    upwards: bool = False
    """Take the lowest of the range (min_id) instead of the highest."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Items, newest first, and the paging ids of the first and the last row that was read.

    The ids belong to the rows before any filtering, so that a page whose items all fell to a
    filter still leads on to the next one.
    """

    items: Sequence[T_co]
    first_id: int | None = None
    last_id: int | None = None
    is_full: bool = False
