"""Workers as processes: killed, frozen, woken; every job still runs to its end once.

What is counted are scheduled statuses: one that was published twice would be there twice. The
drill with ten thousand of them is `make bench` (bench/schedules.py).
"""

import asyncio
import random
import re
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import pytest

from bench.schedules import SlowClock
from bench.servers import Server, Site, serving
from bench.workers import Worker, working
from stonechat.config import read_settings
from stonechat.domain.ids import AccountId
from stonechat.domain.statuses import PostStatus
from stonechat.domain.viewers import Viewer
from stonechat.services import accounts, scheduling
from stonechat.services.env import Env
from stonechat.services.rooms import Rooms, open_rooms

AUTHORS: Final = 8
STATUSES: Final = 800
PATIENCE_S: Final = 55.0
"""On PostgreSQL a frozen process holds rows for ten seconds, and a lease lasts fifteen."""
DRAIN_S_MAX: Final = 10.0
LEFT: Final = "SELECT COUNT(*) FROM scheduled_statuses"
JOBS: Final = "SELECT COUNT(*) FROM jobs WHERE kind = 'publish_scheduled'"


@pytest.fixture
def jobless(site: Site) -> Site:
    """A site whose servers run no jobs, and where much may be scheduled."""
    site.more = {
        "STONECHAT_JOBS": "off",
        "STONECHAT_SCHEDULED_STATUSES_MAX": "100000",
        "STONECHAT_SCHEDULED_STATUSES_PER_DAY_MAX": "100000",
    }
    return site


@asynccontextmanager
async def rooms_of(site: Site) -> AsyncIterator[Rooms]:
    async with open_rooms(read_settings(site.environment)) as rooms:
        yield rooms


async def count(env: Env, sql: str) -> int:
    row = await env.db.one(sql)  # pyright: ignore[reportArgumentType]
    assert row is not None
    return int(row[0])


async def until(is_so: Callable[[], Awaitable[bool]], within_s: float = PATIENCE_S) -> None:
    ends = time.monotonic() + within_s
    while not await is_so():
        assert time.monotonic() < ends, "it never came to be"
        await asyncio.sleep(0.01)


async def describe(env: Env) -> str:
    """What is left to do, for whoever reads of a failure."""
    rows = await env.db.all(
        "SELECT run_ms, attempts, lease, last_error, payload FROM jobs ORDER BY run_ms LIMIT 20"
    )
    now_ms = env.clock.now_ms()
    told = [f"{row[0] - now_ms:+} ms {tuple(row)[1:]}" for row in rows]
    return "\n".join([f"{await count(env, LEFT)} statuses, {await count(env, JOBS)} jobs", *told])


async def settle(env: Env) -> list[AccountId]:
    """People who have much to say."""
    made: list[AccountId] = []
    for number in range(AUTHORS):
        account = await accounts.create_account(
            env,
            username=f"author{number}",
            email=f"author{number}@example.org",
            password="long enough",
        )
        made.append(account.id)
    return made


async def schedule(env: Env, authors: list[AccountId], total: int, due_ms: int) -> None:
    """Orders for one moment. They are given by a slow clock: it need not be minutes ahead."""
    slow = replace(env, clock=SlowClock(env.clock))

    async def order(number: int) -> None:
        viewer = Viewer(authors[number % len(authors)])
        await scheduling.schedule_status(slow, viewer, PostStatus(f"Number {number}."), due_ms)

    for start in range(0, total, 100):
        await asyncio.gather(*(order(number) for number in range(start, start + 100)))
    assert env.clock.now_ms() < due_ms


def published(site: Site, authors: list[AccountId]) -> list[int]:
    """The numbers of all that was said."""
    found: list[int] = []
    for author_id in authors:
        below = ""
        while page := site.call("GET", f"/api/v1/accounts/{author_id}/statuses?limit=40{below}"):
            found += [int(re.sub(r"\D", "", each["content"])) for each in page]
            below = f"&max_id={page[-1]['id']}"
        account = site.call("GET", f"/api/v1/accounts/{author_id}")
        assert account["statuses_count"] == STATUSES // AUTHORS
    return sorted(found)


def freeze_outside_a_commit(site: Site, worker: Worker) -> None:
    """Freeze a worker; on SQLite at a moment at which it does not hold the file.

    One that does holds up everybody until it wakes: that is told in the manual.
    """
    worker.freeze()
    if site.database_url is not None:
        return
    connection = sqlite3.connect(site.data_dir / "stonechat.db", timeout=0.2, isolation_level=None)
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            worker.wake()
            time.sleep(random.uniform(0.0002, 0.002))
            worker.freeze()
            continue
        connection.execute("ROLLBACK")
        connection.close()
        return


@pytest.mark.slow
async def test_one_is_killed_and_one_freezes_and_every_job_runs_to_its_end_once(
    jobless: Site,
) -> None:
    with serving(jobless):
        async with rooms_of(jobless) as rooms:
            await _drill(jobless, rooms.env)


async def _drill(site: Site, env: Env) -> None:
    authors = await settle(env)
    due_ms = env.clock.now_ms() + 8_000
    await schedule(env, authors, STATUSES, due_ms)
    with working(site, 2) as workers:
        killed, frozen = workers

        async def is_under_way() -> bool:
            return await count(env, LEFT) < STATUSES * 0.9

        await until(is_under_way)
        # Both stand still at once: what they leave is counted, however slow the rest of this is.
        for each in workers:
            each.freeze()
        killed.kill()
        freeze_outside_a_commit(site, frozen)
        assert await count(env, LEFT) > 0, "they were too quick to be caught in the midst"
        workers.append(Worker(site))

        async def is_done() -> bool:
            return await count(env, LEFT) + await count(env, JOBS) == 0

        try:
            await until(is_done)
        except AssertionError as late:
            told = [await describe(env), *(each.tail() for each in workers)]
            raise AssertionError("\n\n".join(told)) from late
        assert published(site, authors) == list(range(STATUSES))
        frozen.wake()
        await asyncio.sleep(2)
        assert published(site, authors) == list(range(STATUSES))
        assert frozen.process.poll() is None
        # It is as good a worker as it was.
        last = PostStatus("Number 0, once more.")
        slow = replace(env, clock=SlowClock(env.clock))
        workers[2].stop()
        await scheduling.schedule_status(slow, Viewer(authors[0]), last, env.clock.now_ms() + 500)
        await until(is_done, 5)


async def test_a_stop_lets_jobs_end_and_says_so_by_its_exit_code(jobless: Site) -> None:
    with working(jobless, 1) as (worker,):
        began = time.monotonic()
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(DRAIN_S_MAX) == 0
        assert time.monotonic() - began < 3
        assert worker.has_said("worker.stopped")


@pytest.mark.slow
async def test_who_has_lost_its_number_while_it_was_frozen_ends_and_makes_nothing(
    jobless: Site,
) -> None:
    """Somebody else has the number by then: the worker ends, and not with 0."""
    with working(jobless, 1) as (worker,):
        async with rooms_of(jobless) as rooms:
            env = rooms.env
            worker.freeze()
            await env.db.write(
                lambda tx: tx.run("UPDATE processes SET owner = 'another' WHERE number = 0")
            )
            worker.wake()
            assert await asyncio.to_thread(worker.process.wait, 25) == 1
            assert worker.has_said("process.number_lost")


async def test_a_worker_hears_soon_of_what_a_server_leaves(jobless: Site) -> None:
    """And a server that runs no jobs leaves them alone."""
    with serving(jobless) as server, working(jobless, 1):
        await _hear(jobless, server)


async def _hear(site: Site, server: Server) -> None:
    assert server.process.poll() is None
    _, token = site.account("anna")
    berts_id, _ = site.account("bert")
    site.call("POST", f"/api/v1/accounts/{berts_id}/mute", token, duration=1)
    path = f"/api/v1/accounts/relationships?id[]={berts_id}"
    assert site.call("GET", path, token)[0]["muting"] is True
    async with rooms_of(site) as rooms:

        async def is_over() -> bool:
            return await count(rooms.env, "SELECT COUNT(*) FROM mutes") == 0

        await until(is_over, 4)


async def test_a_server_alone_runs_jobs_and_one_that_may_not_does_not(site: Site) -> None:
    for jobs, is_run in (("off", False), ("on", True)):
        site.more = {"STONECHAT_JOBS": jobs}
        with serving(site):
            async with rooms_of(site) as rooms:
                env = rooms.env

                async def is_swept(env: Env = env) -> bool:
                    return await count(env, "SELECT COUNT(*) FROM jobs WHERE attempts = 0") > 0

                # The hourly sweep is planned at the start of whoever runs jobs.
                if is_run:
                    await until(is_swept, 5)
                else:
                    await asyncio.sleep(1)
                    assert await count(env, "SELECT COUNT(*) FROM jobs") == 0
