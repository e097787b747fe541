"""The instance: what the server tells of itself, and how its activity is counted.

A local account is active when somebody spoke or signed in with it. What is counted is kept for
a while (services/instance), so nothing here has to be cheap.
"""

from dataclasses import dataclass
from typing import Final

from stonechat.domain.views import AccountView
from stonechat.kernel.settings import Settings

DAY_MS: Final = 86_400_000
WEEK_MS: Final = 7 * DAY_MS
MONTH_MS: Final = 30 * DAY_MS
HALF_YEAR_MS: Final = 180 * DAY_MS
WEEKS_SHOWN: Final = 12
_FIRST_MONDAY_MS: Final = 4 * DAY_MS


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many there are: local accounts, their statuses, and accounts active of late."""

    accounts: int
    statuses: int
    active_month: int
    active_half_year: int


@dataclass(frozen=True, slots=True)
class InstanceView:
    """The server as a client meets it."""

    settings: Settings
    statistics: Statistics
    contact: AccountView | None = None


@dataclass(frozen=True, slots=True)
class WeekView:
    """What happened in one week, which began on a Monday at midnight UTC."""

    began_ms: int
    statuses: int
    logins: int
    registrations: int


def weeks_until(now_ms: int) -> list[int]:
    """When each of the last twelve weeks began, the running one first."""
    running = now_ms - (now_ms - _FIRST_MONDAY_MS) % WEEK_MS
    return [running - number * WEEK_MS for number in range(WEEKS_SHOWN)]
