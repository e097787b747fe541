"""The pool of PostgreSQL's engine: its size, its queue, and connections that die."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from stonechat.kernel.errors import Unavailable
from stonechat.storage.database import Transaction
from stonechat.storage.engines import postgres, postgres_pool
from stonechat.storage.engines.postgres import PostgresDatabase, open_postgres
from stonechat.storage.engines.postgres_pool import Connection, Pool
from tests.postgres_server import PostgresServer
from tests.store.sessions import (
    COUNT,
    ME,
    PATIENCE_S,
    POOL_SIZE,
    SLEEP,
    UPDATE,
    kill,
    value,
)

pytestmark = pytest.mark.usefixtures("short_pauses")


async def test_the_pool_keeps_to_its_size(notes: PostgresDatabase) -> None:
    rows = await asyncio.gather(
        *(notes.one("SELECT pg_backend_pid(), pg_sleep(0.02)") for _ in range(20))
    )
    assert len({row[0] for row in rows if row is not None}) == POOL_SIZE
    assert len({(await notes.one(ME) or [0])[0] for _ in range(10)}) == 1


async def test_the_queue_for_a_connection_has_bounds(
    notes: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_pool, "WAIT_TIMEOUT_S", 0.1)
    monkeypatch.setattr(postgres_pool, "WAITING_MAX", 1)
    using = [asyncio.create_task(notes.one("SELECT pg_sleep(0.5)")) for _ in range(POOL_SIZE)]
    await asyncio.sleep(0.05)
    waiting = asyncio.create_task(notes.one(COUNT))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as crowded:
        await notes.one(COUNT)
    assert "too many" in str(crowded.value.details["reason"])
    with pytest.raises(Unavailable) as late:
        await waiting
    assert "in time" in str(late.value.details["reason"])
    await asyncio.gather(*using)
    assert await notes.one(COUNT) == (2,)


async def test_cancelling_costs_no_connection(notes: PostgresDatabase) -> None:
    async def work(tx: Transaction) -> None:
        await tx.run(UPDATE, 1, 1)
        await tx.one(SLEEP)

    for _ in range(3):
        tasks: list[asyncio.Task[Any]] = [
            *(asyncio.create_task(notes.one(SLEEP)) for _ in range(2)),
            *(asyncio.create_task(notes.write(work)) for _ in range(4)),
        ]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
    async with asyncio.timeout(PATIENCE_S):
        # Neither locks nor connections are left behind, here or at the server.
        await notes.write(lambda tx: tx.run("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE"))
        assert await asyncio.gather(*(value(notes, 1) for _ in range(20))) == [0] * 20


@pytest_asyncio.fixture
async def pool(url: str) -> AsyncIterator[Pool]:
    """A pool of one connection."""

    async def connect() -> Any:
        return await asyncpg.connect(url)

    pool = Pool(connect, 1)
    async with asyncio.timeout(PATIENCE_S):
        yield pool
        await pool.close()


async def waiting_for(pool: Pool) -> "asyncio.Task[Connection]":
    task = asyncio.create_task(pool.take())
    await asyncio.sleep(0)
    return task


async def test_a_connection_handed_to_somebody_who_just_left_goes_on(pool: Pool) -> None:
    connection = await pool.take()
    leaving, staying = await waiting_for(pool), await waiting_for(pool)
    pool.give_back(connection)
    leaving.cancel()
    assert await staying is connection
    assert leaving.cancelled()
    leaving = await waiting_for(pool)
    pool.give_back(connection)
    leaving.cancel()
    await asyncio.wait([leaving])
    assert await pool.take() is connection
    pool.give_back(connection)


async def test_room_left_by_a_dropped_connection_goes_to_the_next(pool: Pool) -> None:
    connection = await pool.take()
    left, leaving, staying = [await waiting_for(pool) for _ in range(3)]
    left.cancel()
    await asyncio.wait([left])
    pool.drop(connection)
    leaving.cancel()
    fresh = await staying
    assert fresh is not connection
    assert connection.is_closed()
    pool.give_back(fresh)


async def test_connections_that_died_are_not_handed_out(pool: Pool, url: str) -> None:
    in_hand = await pool.take()
    await kill(url)
    while not in_hand.is_closed():  # noqa: ASYNC110 - the driver has no event for it
        await asyncio.sleep(0.01)
    pool.give_back(in_hand)
    idle = await pool.take()
    assert idle is not in_hand
    pool.give_back(idle)
    await kill(url)
    while not idle.is_closed():  # noqa: ASYNC110 - the driver has no event for it
        await asyncio.sleep(0.01)
    fresh = await pool.take()
    assert fresh is not idle
    pool.give_back(fresh)


async def test_whoever_waited_while_connecting_failed_tries_himself() -> None:
    attempts = 0

    async def connect() -> Any:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0.01)
        raise Unavailable

    pool = Pool(connect, 1)
    outcomes = await asyncio.gather(*(pool.take() for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert attempts == 3
    await pool.close()


async def test_a_slow_statement_is_stopped_and_its_connection_kept(
    notes: PostgresDatabase, url: str
) -> None:
    assert notes
    hurried = await open_postgres(url, pool_size=1, command_timeout_s=0.2)
    before = await hurried.one(ME)
    with pytest.raises(Unavailable):
        await hurried.one(SLEEP)
    with pytest.raises(Unavailable):
        await hurried.write(lambda tx: tx.run(SLEEP))
    assert await hurried.one(ME) == before
    await hurried.close()


async def test_a_server_that_does_not_answer_is_given_up(
    notes: PostgresDatabase, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert notes
    monkeypatch.setattr(postgres, "_GRACE_S", -29.8)
    deaf = await open_postgres(url, pool_size=1, command_timeout_s=30)
    with pytest.raises(Unavailable):
        await deaf.one(SLEEP)
    assert await deaf.one(COUNT) == (2,)
    await deaf.close()


async def test_what_cannot_be_reached_is_said(url: str, tmp_path: object) -> None:
    for wrong in (
        f"postgresql://postgres@/postgres?host={tmp_path}",
        "postgresql://127.0.0.1:1/nothing",
        url.replace("stonechat_test_", "no_such_database_"),
        "postgresql://[broken",
    ):
        with pytest.raises(Unavailable, match=r"PostgreSQL cannot be reached: .+"):
            await open_postgres(wrong)


async def test_a_database_that_goes_away_is_unavailable(
    notes: PostgresDatabase, url: str, postgres_server: PostgresServer
) -> None:
    await postgres_server.drop(urlsplit(url).path.removeprefix("/"))
    with pytest.raises(Unavailable):
        await notes.one(COUNT)
    with pytest.raises(Unavailable):
        await notes.write(lambda tx: tx.run(UPDATE, 1, 1))


async def test_sessions_are_set_up(notes: PostgresDatabase) -> None:
    row = await notes.one(
        "SELECT current_setting('jit'), current_setting('statement_timeout'),"
        " current_setting('lock_timeout'), current_setting('application_name')"
    )
    assert row == ("off", "15s", "5s", "stonechat")


async def test_closing_waits_for_what_runs(notes: PostgresDatabase) -> None:
    async def work(tx: Transaction) -> int:
        await tx.one("SELECT pg_sleep(0.2)")
        return await tx.run(UPDATE, 1, 1)

    writing = asyncio.create_task(notes.write(work))
    await asyncio.sleep(0.05)
    await notes.close()
    assert writing.done()
    assert await writing == 1
