"""Trends: tags and statuses that many people take up, as each viewer may see them.

What trends is worked out once in some minutes and kept, because it is the same for everybody.
Who may see it is asked for every viewer anew: what was deleted, or stands behind a block,
is gone at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from stonechat.domain import trends as rules
from stonechat.domain.tags import TagView
from stonechat.domain.trends import TrendingStatus
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.kernel.ids import id_at
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.services.tags import see_tags
from stonechat.storage import trends
from stonechat.storage.database import Database
from stonechat.storage.visibility import load_hidden_accounts

KEPT_MS: Final = 5 * 60 * 1000
TRENDING_TAGS_MAX: Final = 100
TRENDING_STATUSES_MAX: Final = 400
_DAY_MS: Final = 86_400_000

T = TypeVar("T")


class _Memo(Generic[T]):
    """One answer that is kept for a while; of many who ask at once, one works it out."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._until_ms = 0
        self._answer: list[T] = []

    async def get(self, env: Env, work_out: Callable[[Env, int], Awaitable[list[T]]]) -> list[T]:
        async with self._lock:
            now_ms = env.clock.now_ms()
            # A clock that stepped back must not keep an answer for ever.
            if not 0 < self._until_ms - now_ms <= KEPT_MS:
                self._answer = await work_out(env, now_ms)
                self._until_ms = now_ms + KEPT_MS
            return self._answer


class _Kept:
    """What is kept for one database."""

    def __init__(self) -> None:
        self.tags: _Memo[str] = _Memo()
        self.statuses: _Memo[TrendingStatus] = _Memo()


_kept: Final[WeakKeyDictionary[Database, _Kept]] = WeakKeyDictionary()


def _of(env: Env) -> _Kept:
    return _kept.setdefault(env.db, _Kept())


async def _work_out_tags(env: Env, now_ms: int) -> list[str]:
    first_id = id_at(now_ms - rules.TAG_DAYS * _DAY_MS)
    return await trends.list_tags(env.db, first_id, TRENDING_TAGS_MAX)


async def _work_out_statuses(env: Env, now_ms: int) -> list[TrendingStatus]:
    first_id = id_at(now_ms - rules.STATUS_DAYS * _DAY_MS)
    found = await trends.list_statuses(env.db, first_id, TRENDING_STATUSES_MAX)
    return rules.rank(found, now_ms)


async def list_tags(env: Env, viewer: Viewer, offset: int, limit: int) -> list[TagView]:
    """The tags that most people use, with their last days."""
    names = await _of(env).tags.get(env, _work_out_tags)
    return await see_tags(env, viewer, names[offset : offset + limit])


async def list_statuses(env: Env, viewer: Viewer, offset: int, limit: int) -> list[Glance]:
    """The statuses that most people take up, without those that the viewer hides."""
    found = await _of(env).statuses.get(env, _work_out_statuses)
    hidden = await load_hidden_accounts(env.db, viewer.account_id, env.clock.now_ms())
    ids = [each.id for each in found if each.account_id not in hidden]
    return await views.glance_statuses(env.db, viewer.account_id, ids[offset : offset + limit])
