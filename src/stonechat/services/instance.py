"""What the server tells of itself, whether it is ready, and who is found on it by address."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import astuple
from typing import Any, Final

from stonechat.domain.instance import (
    DAY_MS,
    HALF_YEAR_MS,
    MONTH_MS,
    WEEK_MS,
    InstanceView,
    Statistics,
    WeekView,
    weeks_until,
)
from stonechat.domain.views import AccountView
from stonechat.kernel.errors import NotFound, Unavailable
from stonechat.services.env import Env
from stonechat.storage import accounts, instance
from stonechat.storage.database import Transaction

STATISTICS_AGE_MS_MAX: Final = 60_000
ACTIVITY_AGE_MS_MAX: Final = DAY_MS // 24


async def see_instance(env: Env) -> InstanceView:
    """The server as a client meets it. Two statements; more once a minute."""
    return InstanceView(env.settings, await see_statistics(env), await _find_contact(env))


async def see_statistics(env: Env) -> Statistics:
    """How many there are, at most a minute ago."""

    async def compute() -> list[int]:
        now_ms = env.clock.now_ms()
        found = await instance.count_people(env.db, now_ms - MONTH_MS, now_ms - HALF_YEAR_MS)
        return list(astuple(found))

    return Statistics(*await _kept(env, "statistics", STATISTICS_AGE_MS_MAX, compute))


async def see_activity(env: Env) -> list[WeekView]:
    """What happened in each of the last twelve weeks, at most an hour ago."""

    async def compute() -> list[tuple[int, int, int, int]]:
        return [
            (began_ms, *await instance.count_span(env.db, began_ms, began_ms + WEEK_MS))
            for began_ms in weeks_until(env.clock.now_ms())
        ]

    return [WeekView(*week) for week in await _kept(env, "activity", ACTIVITY_AGE_MS_MAX, compute)]


async def _kept(env: Env, name: str, age_ms_max: int, compute: Callable[[], Awaitable[Any]]) -> Any:
    """What was computed lately, by this process or another one, or else is computed now."""
    now_ms = env.clock.now_ms()
    fact = await instance.find_fact(env.db, name)
    if fact is not None and 0 <= now_ms - fact["at_ms"] < age_ms_max:
        return fact["value"]
    try:
        value = await compute()
    except Unavailable:
        # Better a number of a while ago than none, when others keep the readers busy.
        if fact is None:
            raise
        return fact["value"]

    async def work(tx: Transaction) -> None:
        await instance.update_fact(tx, name, {"at_ms": now_ms, "value": value})

    # The answer is known; that it could not be kept only means to compute it again.
    with suppress(Unavailable):
        await env.db.write(work)
    return value


async def _find_contact(env: Env) -> AccountView | None:
    username = env.settings.contact_account.removeprefix("@")
    if not username:
        return None
    found = await accounts.find_by_handle(env.db, username)
    return found if found is not None and found.state == "active" else None


async def get_resident(env: Env, username: str) -> AccountView:
    """The local account of a name, also when it was deleted; NotFound where nobody may see it."""
    found = await accounts.find_by_handle(env.db, username)
    if found is None or found.state not in ("active", "disabled", "deleted"):
        raise NotFound
    return found


async def check_health(env: Env) -> None:
    """Unavailable when the database does not answer."""
    await instance.find_readiness(env.db)
