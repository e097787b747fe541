"""Trends: what many people here take up at the moment, and how that fades.

A tag trends by the number of people who use it, not by the number of uses: one busy account is
no trend. A status trends by its favourites and boosts, which count half after a day.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId, StatusId
from stonechat.kernel.ids import ms_of_id

TAG_DAYS: Final = 3
STATUS_DAYS: Final = 4
TAG_ACCOUNTS_MIN: Final = 2
STATUS_MARKS_MIN: Final = 2
HALF_LIFE_MS: Final = 86_400_000


class TrendingStatus(NamedTuple):
    """A status that people took up, with the sum of its favourites and boosts."""

    id: StatusId
    account_id: AccountId
    marks: int


def rank(found: Iterable[TrendingStatus], now_ms: int) -> list[TrendingStatus]:
    """The statuses, the one that is most talked of now first."""

    def weight(each: TrendingStatus) -> tuple[float, int]:
        age_ms = max(now_ms - ms_of_id(each.id), 0)
        return each.marks * 0.5 ** (age_ms / HALF_LIFE_MS), each.id

    return sorted(found, key=weight, reverse=True)
