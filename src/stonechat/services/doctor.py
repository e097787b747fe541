"""The doctor: looks at the whole of a site and says what is wrong and what to do about it.

It changes nothing unless it is asked to mend, and then counters alone, in small transactions.
What it finds is handed over as it is found, for some of it takes long. A `fault` needs somebody
to act; a `hint` is for them to judge.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from itertools import batched
from typing import Final

from stonechat.domain.ids import AccountId
from stonechat.kernel.clock import Clock
from stonechat.kernel.errors import StonechatError
from stonechat.kernel.ids import ms_of_id
from stonechat.kernel.settings import Settings
from stonechat.services.rooms import connect, sqlite_path
from stonechat.storage import doctor, relationships
from stonechat.storage.database import Database, Transaction, WholeDatabase
from stonechat.storage.doctor import Count
from stonechat.storage.migrations.runner import MigrationRefused, current_version, list_missing

ROWS_AT_ONCE: Final = 2000
MENDED_AT_ONCE: Final = 100
MIRRORS_LISTED_MAX: Final = 10_000
CLOCK_AHEAD_MS_MAX: Final = 60_000
CLOCK_APART_MS_MAX: Final = 2_000
OVERDUE_MS: Final = 600_000
ATTEMPTS_WORTH_A_WORD: Final = 5
POSTGRES_VERSION_MIN: Final = 140_000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `ok`, a `hint` or a `fault`."""

    level: str
    about: str
    sentence: str
