"""The runner on real databases: places, lanes, leases, retries, and how it stops.

Handlers here write a row for each job that they carry out, or wait for the test.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import LiteralString

import pytest
from structlog.testing import capture_logs

from stonechat.jobs import runner as runners
from stonechat.jobs.runner import ATTEMPTS_MAX, LEASE_MS, Runner
from stonechat.services import cleaning
from stonechat.services.env import Env
from stonechat.services.lanes import MEDIA, PROMPT, Lane
from stonechat.storage import jobs
from stonechat.storage.database import Database
from tests.contract.api import Api
from tests.contract.operate.towns import count

LEASED: LiteralString = "SELECT COUNT(*) FROM jobs WHERE lease IS NOT NULL"
LEFT: LiteralString = "SELECT COUNT(*) FROM jobs"
PATIENCE_S = 15.0


def _number(payload: Mapping[str, object]) -> int:
    return int(str(payload["n"]))


class Desk:
    """Handlers of a test: each job waits for its kind to be let go, and is noted."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []
        self.done: list[tuple[str, int]] = []
        self.broken_off: list[int] = []
        self.at_once = 0
        self.at_once_max = 0
        self._gates: dict[str, asyncio.Event] = {}

    def let_go(self, *kinds: str) -> None:
        """Let jobs of these kinds end, now and from now on."""
        for kind in kinds:
            self._gate(kind).set()

    def _gate(self, kind: str) -> asyncio.Event:
        return self._gates.setdefault(kind, asyncio.Event())

    def handlers(self, *kinds: str) -> dict[str, Callable[..., Awaitable[None]]]:
        return {kind: self._handler(kind) for kind in kinds}

    def _handler(self, kind: str) -> Callable[..., Awaitable[None]]:
        async def handle(env: Env, payload: Mapping[str, object]) -> None:
            del env
            self.begun.append((kind, _number(payload)))
            self.at_once += 1
            self.at_once_max = max(self.at_once_max, self.at_once)
            try:
                await self._gate(kind).wait()
            except asyncio.CancelledError:
                self.broken_off.append(_number(payload))
                raise
            finally:
                self.at_once -= 1
            self.done.append((kind, _number(payload)))

        return handle


async def leave(api: Api, kind: str, *numbers: int, run_ms: int | None = None) -> None:
    """Enqueue jobs, due now unless said otherwise."""
    due_ms = api.clock.now_ms() if run_ms is None else run_ms
    for number in numbers:
        job = jobs.enqueueing(api.env.ids.next_id(), kind, {"n": number}, due_ms)
        await api.env.db.write(lambda tx, job=job: tx.run(job[0], *job[1]))


@asynccontextmanager
async def running(runner: Runner) -> AsyncIterator[None]:
    task = asyncio.create_task(runner.run())
    try:
        yield
    finally:
        runner.stop()
        await task


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = is_so()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.005)


async def leased(tables: Database, number: int) -> bool:
    return await count(tables, LEASED) == number


async def nothing_left(tables: Database) -> bool:
    return await count(tables, LEFT) == 0


@pytest.fixture
def tables(request: pytest.FixtureRequest, api: Api) -> Database:
    """The database behind the server: what the test asks is not what the server asks."""
    return request.getfixturevalue(api.env.db.engine)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "RENEW_S", 0.02)
    monkeypatch.setattr(runners, "POLL_S", 0.05)


async def test_no_more_is_claimed_than_there_are_places(api: Api, tables: Database) -> None:
    desk = Desk()
    await leave(api, "look", *range(30))
    async with running(Runner(api.env, desk.handlers("look"))):
        await until(lambda: len(desk.begun) == PROMPT.places)
        await asyncio.sleep(0.1)
        assert await count(tables, LEASED) == PROMPT.places
        desk.let_go("look")
        await until(lambda: nothing_left(tables))
    assert desk.at_once_max == PROMPT.places
    assert sorted(desk.done) == [("look", number) for number in range(30)]


async def test_slow_kinds_hold_up_each_other_and_nobody_else(api: Api, tables: Database) -> None:
    desk = Desk()
    await leave(api, "film", *range(20))
    runner = Runner(api.env, desk.handlers("film", "look"), {"film": MEDIA})
    desk.let_go("look")
    async with running(runner):
        await until(lambda: len(desk.begun) == MEDIA.places)
        await leave(api, "look", 1, 2, 3)
        await until(lambda: len(desk.done) == 3)
        assert {kind for kind, _ in desk.done} == {"look"}
        await until(lambda: leased(tables, MEDIA.places))
        desk.let_go("film")
        await until(lambda: nothing_left(tables))


async def test_kinds_share_a_lane(api: Api, tables: Database) -> None:
    """A kind of which much is due for long leaves the others their part."""
    desk, lane = Desk(), Lane("narrow", 4)
    await leave(api, "many", *range(50), run_ms=api.clock.now_ms() - 60_000)
    await leave(api, "few", 1)
    runner = Runner(api.env, desk.handlers("many", "few"), {"many": lane, "few": lane})
    async with running(runner):
        await until(lambda: len(desk.begun) == 4)
        assert sorted(kind for kind, _ in desk.begun) == ["few", "many", "many", "many"]
        desk.let_go("many", "few")
        await until(lambda: nothing_left(tables))


async def test_what_is_due_longest_is_begun_first(api: Api) -> None:
    desk, now_ms = Desk(), api.clock.now_ms()
    for number, age_ms in ((1, 10), (2, 30), (3, 20)):
        await leave(api, "look", number, run_ms=now_ms - age_ms)
    desk.let_go("look")
    assert await Runner(api.env, desk.handlers("look")).run_due() == 3
    assert [number for _, number in desk.begun] == [2, 3, 1]


async def test_a_job_waits_for_its_time(api: Api) -> None:
    desk = Desk()
    desk.let_go("look")
    await leave(api, "look", 1, run_ms=api.clock.now_ms() + 60_000)
    async with running(Runner(api.env, desk.handlers("look"))):
        await asyncio.sleep(0.2)
        assert desk.begun == []
        api.clock.move(seconds=60)
        await until(lambda: desk.done)


async def test_a_hint_is_followed_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "POLL_S", 60)
    desk = Desk()
    desk.let_go("look")
    runner = Runner(api.env, desk.handlers("look"))
    async with running(runner):
        await asyncio.sleep(0.1)
        await leave(api, "look", 1)
        runner.wake()
        await until(lambda: desk.done)


async def test_a_kind_that_is_not_known_waits_for_a_release_that_knows_it(api: Api) -> None:
    await leave(api, "invented later", 1)
    desk = Desk()
    assert await Runner(api.env, desk.handlers("look")).run_due() == 0
    desk.let_go("invented later")
    assert await Runner(api.env, desk.handlers("look", "invented later")).run_due() == 1


async def test_a_job_that_takes_long_keeps_its_lease(api: Api, tables: Database) -> None:
    desk, other = Desk(), Desk()
    await leave(api, "look", 1)
    async with running(Runner(api.env, desk.handlers("look"))):
        await until(lambda: desk.begun)
        for _ in range(6):
            api.clock.move(milliseconds=LEASE_MS * 0.6)
            await asyncio.sleep(0.1)
            assert await Runner(api.env, other.handlers("look")).run_due() == 0
        desk.let_go("look")
        await until(lambda: nothing_left(tables))
    assert len(desk.done) == 1


async def test_whose_lease_has_ended_changes_nothing_any_more(
    api: Api, tables: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One runner freezes: it does not renew. Another one takes the job, and the first wakes."""
    desk, other = Desk(), Desk()
    other.let_go("look")
    await leave(api, "look", 1)
    monkeypatch.setattr(runners, "RENEW_S", 60)
    monkeypatch.setattr(runners, "POLL_S", 60)
    async with running(Runner(api.env, desk.handlers("look"))):
        await until(lambda: desk.begun)
        api.clock.move(milliseconds=LEASE_MS + 1)

        async def fail(env: Env, payload: Mapping[str, object]) -> None:
            del env, payload
            raise RuntimeError

        # The other one has it and puts it back: it is neither lost nor struck off.
        assert await Runner(api.env, {"look": fail}).run_due() == 1
        desk.let_go("look")
        await until(lambda: desk.done)
        await asyncio.sleep(0.1)
        row = await tables.one("SELECT attempts, last_error FROM jobs")
        assert row is not None
        assert tuple(row) == (2, "RuntimeError")
    api.clock.move(hours=1)
    assert await Runner(api.env, other.handlers("look")).run_due() == 1
    assert await nothing_left(tables)


async def test_work_whose_lease_was_lost_is_broken_off(api: Api, tables: Database) -> None:
    desk = Desk()
    await leave(api, "look", 1)
    async with running(Runner(api.env, desk.handlers("look"))):
        await until(lambda: desk.begun)
        steal: LiteralString = "UPDATE jobs SET lease = 'another', run_ms = $1"
        until_ms = api.clock.now_ms() + LEASE_MS
        await tables.write(lambda tx: tx.run(steal, until_ms))
        await until(lambda: desk.broken_off)
        await asyncio.sleep(0.1)
        row = await tables.one("SELECT lease, run_ms, attempts FROM jobs")
        assert row is not None
        assert tuple(row) == ("another", until_ms, 1)


async def test_work_that_takes_its_own_job_away_is_not_broken_off(
    api: Api, tables: Database
) -> None:
    desk = Desk()
    job = jobs.moving(api.env.ids.next_id(), "look", {"n": 1}, api.clock.now_ms(), "once")
    await api.env.db.write(lambda tx: tx.run(job[0], *job[1]))
    async with running(Runner(api.env, desk.handlers("look"))):
        await until(lambda: desk.begun)
        await api.env.db.write(lambda tx: tx.run_all(jobs.dropping("once")))
        assert await nothing_left(tables)
        await asyncio.sleep(0.1)
        desk.let_go("look")
        await until(lambda: desk.done)
    assert desk.broken_off == []


async def test_a_job_that_is_moved_while_it_runs_runs_again(api: Api, tables: Database) -> None:
    desk = Desk()
    first = jobs.moving(api.env.ids.next_id(), "look", {"n": 1}, api.clock.now_ms(), "once")
    await api.env.db.write(lambda tx: tx.run(first[0], *first[1]))
    async with running(Runner(api.env, desk.handlers("look"))):
        await until(lambda: desk.begun)
        again = jobs.moving(api.env.ids.next_id(), "look", {"n": 1}, api.clock.now_ms(), "once")
        await api.env.db.write(lambda tx: tx.run(again[0], *again[1]))
        await until(lambda: len(desk.begun) == 2)
        desk.let_go("look")
        await until(lambda: nothing_left(tables))
    assert desk.done == [("look", 1)]


async def test_failures_are_put_off_ever_longer_and_given_up(api: Api, tables: Database) -> None:
    calls: list[int] = []

    async def fail(env: Env, payload: Mapping[str, object]) -> None:
        del payload
        calls.append(env.clock.now_ms())
        raise LookupError

    await leave(api, "look", 1)
    told: list[str] = []
    for _ in range(ATTEMPTS_MAX):
        with capture_logs() as lines:
            assert await Runner(api.env, {"look": fail}).run_due() == 1
            assert await Runner(api.env, {"look": fail}).run_due() == 0
        told += [line["event"] for line in lines]
        row = await tables.one("SELECT run_ms, failed_ms FROM jobs")
        assert row is not None
        if row[1] is None:
            api.clock.move(milliseconds=row[0] - api.clock.now_ms())
    gaps = [later - earlier for earlier, later in pairwise(calls)]
    assert gaps == [min(1_000 * 2**number, 3_600_000) for number in range(ATTEMPTS_MAX - 1)]
    assert told == ["job.given_up"]  # warnings are not logged by this server
    api.clock.move(days=2)
    assert await Runner(api.env, {"look": fail}).run_due() == 0
    (given_up,) = await jobs.list_given_up(api.env.db, 10)
    assert (given_up.kind, given_up.attempts, given_up.error) == (
        "look",
        ATTEMPTS_MAX,
        "LookupError",
    )
    # Whoever runs the server may let it be tried again.
    assert await api.env.db.write(lambda tx: jobs.retry_given_up(tx, api.clock.now_ms())) == 1
    desk = Desk()
    desk.let_go("look")
    assert await Runner(api.env, desk.handlers("look")).run_due() == 1
    assert await nothing_left(tables)


async def test_a_job_that_ends_whoever_runs_it_is_given_up(api: Api, tables: Database) -> None:
    await leave(api, "look", 1)
    sql: LiteralString = "UPDATE jobs SET attempts = $1, lease = 'dead'"
    await tables.write(lambda tx: tx.run(sql, ATTEMPTS_MAX))
    desk = Desk()
    assert await Runner(api.env, desk.handlers("look")).run_due() == 1
    assert desk.begun == []
    (given_up,) = await jobs.list_given_up(api.env.db, 10)
    assert given_up.error == "Died"


async def test_what_was_given_up_is_kept_for_thirty_days(api: Api, tables: Database) -> None:
    job = jobs.enqueueing(1, "look", {"n": 1}, api.clock.now_ms())
    give_up: LiteralString = "UPDATE jobs SET failed_ms = $1"
    now_ms = api.clock.now_ms()
    await tables.write(lambda tx: tx.run(job[0], *job[1]))
    await tables.write(lambda tx: tx.run(give_up, now_ms))
    for days, is_there in ((29.9, True), (0.2, False)):
        api.clock.move(days=days)
        await cleaning.clean_up(api.env, {})
        assert bool(await jobs.list_given_up(api.env.db, 10)) is is_there


async def test_a_sweep_that_fails_is_not_the_last_one(api: Api, tables: Database) -> None:
    await cleaning.schedule(api.env)
    rename: LiteralString = "ALTER TABLE codes RENAME TO gone"
    back: LiteralString = "ALTER TABLE gone RENAME TO codes"
    await tables.write(lambda tx: tx.run(rename))
    await Runner(api.env, {"clean_up": cleaning.clean_up}).run_due()
    await tables.write(lambda tx: tx.run(back))
    rows = await tables.all("SELECT run_ms, attempts FROM jobs ORDER BY run_ms")
    assert [row[1] for row in rows] == [1, 0]
    assert rows[1][0] % cleaning.CLEAN_EVERY_MS == 0
    assert 0 < rows[1][0] - api.clock.now_ms() <= cleaning.CLEAN_EVERY_MS


async def test_a_job_that_was_given_up_frees_its_key(api: Api, tables: Database) -> None:
    first = jobs.enqueueing(1, "look", {"n": 1}, api.clock.now_ms(), "the same")
    await api.env.db.write(lambda tx: tx.run(first[0], *first[1]))
    sql: LiteralString = "UPDATE jobs SET attempts = $1"
    await tables.write(lambda tx: tx.run(sql, ATTEMPTS_MAX))
    desk = Desk()
    desk.let_go("look")
    await Runner(api.env, desk.handlers("look")).run_due()
    second = jobs.enqueueing(2, "look", {"n": 2}, api.clock.now_ms(), "the same")
    await api.env.db.write(lambda tx: tx.run(second[0], *second[1]))
    assert await Runner(api.env, desk.handlers("look")).run_due() == 1
    assert desk.done == [("look", 2)]


async def test_a_stop_lets_jobs_end_and_gives_back_the_others(api: Api, tables: Database) -> None:
    desk = Desk()
    await leave(api, "quick", 1)
    await leave(api, "endless", 2)
    await leave(api, "later", 3, run_ms=api.clock.now_ms() + 1)
    runner = Runner(api.env, desk.handlers("quick", "endless", "later"), drain_s=0.3)
    task = asyncio.create_task(runner.run())
    await until(lambda: len(desk.begun) == 2)
    runner.stop()
    await asyncio.sleep(0.1)
    desk.let_go("quick")
    await task
    assert desk.done == [("quick", 1)]
    assert desk.broken_off == [2]
    rows = await tables.all("SELECT kind, attempts, lease FROM jobs ORDER BY kind")
    assert [tuple(row) for row in rows] == [("endless", 0, None), ("later", 0, None)]
    # Somebody else need not wait for the lease to end.
    desk.let_go("endless")
    assert await Runner(api.env, desk.handlers("endless")).run_due() == 1


async def test_two_runners_share_the_work_and_do_it_once(api: Api, tables: Database) -> None:
    desk, other = Desk(), Desk()
    await leave(api, "look", *range(100))
    async with (
        running(Runner(api.env, desk.handlers("look"))),
        running(Runner(api.env, other.handlers("look"))),
    ):
        await until(lambda: len(desk.begun) == len(other.begun) == PROMPT.places)
        for each in (desk, other):
            each.let_go("look")
        await until(lambda: nothing_left(tables))
    assert sorted(number for _, number in desk.done + other.done) == list(range(100))


async def test_no_fault_of_the_database_ends_the_runner(api: Api, tables: Database) -> None:
    """Somebody restores a backup, say, and for a moment the table is not there."""
    desk = Desk()
    desk.let_go("look")
    rename: LiteralString = "ALTER TABLE jobs RENAME TO gone"
    back: LiteralString = "ALTER TABLE gone RENAME TO jobs"
    runner = Runner(api.env, desk.handlers("look"))
    async with running(runner):
        await tables.write(lambda tx: tx.run(rename))
        await asyncio.sleep(0.2)
        await tables.write(lambda tx: tx.run(back))
        await leave(api, "look", 1)
        await until(lambda: desk.done)
