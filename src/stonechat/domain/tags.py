"""Tags: names that people give to topics, follow, feature, and read by.

A tag exists as soon as somebody writes or asks for it: there is no row that makes one. What is
counted of a tag are public statuses alone, by the day of their id, so a deleted status leaves
the count at once. How a spelling becomes a name is told in domain/text/tags.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from stonechat.domain.text.entities import Hashtag, extract
from stonechat.kernel.ids import EPOCH_MS, id_at

HISTORY_DAYS: Final = 7
_DAY_MS: Final = 86_400_000
IDS_PER_DAY: Final = id_at(EPOCH_MS + _DAY_MS)
"""An id divided by this is the number of its day, in UTC, since ids began."""


class TagDay(NamedTuple):
    """How often a tag was used on one day, and by how many accounts."""

    begins_ms: int
    uses: int
    accounts: int


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag as a viewer meets it. The marks are None where nobody signed in."""

    name: str
    history: tuple[TagDay, ...]
    is_followed: bool | None = None
    is_featured: bool | None = None


@dataclass(frozen=True, slots=True)
class FeaturedTagView:
    """A tag that an account shows on its profile, in the account's own spelling."""

    id: int
    tag: str
    spelling: str
    statuses: int
    last_status_id: int | None


class TagChoice(NamedTuple):
    """Which tags a timeline is of: `also` widens it, `every` and `none` narrow it."""

    name: str
    also: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


def read_tag(text: str) -> Hashtag | None:
    """The tag that a whole text is, with or without its #; None where it is anything else."""
    written = "#" + text.strip().removeprefix("#")
    for entity in extract(written):
        if isinstance(entity, Hashtag) and (entity.start, entity.end) == (0, len(written)):
            return entity
    return None


def first_id_of_history(now_ms: int) -> int:
    """The smallest id that a tag's history looks at."""
    return (_today(now_ms) - HISTORY_DAYS + 1) * IDS_PER_DAY


def make_history(counts: Mapping[int, tuple[int, int]], now_ms: int) -> tuple[TagDay, ...]:
    """Uses and accounts by number of the day, as the last days, today first."""
    today = _today(now_ms)
    return tuple(
        TagDay(EPOCH_MS + day * _DAY_MS, *counts.get(day, (0, 0)))
        for day in range(today, today - HISTORY_DAYS, -1)
    )


def _today(now_ms: int) -> int:
    return id_at(now_ms) // IDS_PER_DAY
