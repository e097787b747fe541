"""What PostgreSQL's engine promises beyond the protocol: trips, retries, lost connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, LiteralString

import asyncpg
import pytest
import pytest_asyncio

from stonechat.kernel.errors import Conflict, NotFound, Unavailable
from stonechat.storage.database import Transaction
from stonechat.storage.engines.placeholders import joined
from stonechat.storage.engines.postgres import ATTEMPTS_MAX, PostgresDatabase
from stonechat.storage.engines.postgres_pool import Pool
from tests.store.sessions import (
    FAIL_SERIALISATION,
    FIND,
    INSERT,
    ME,
    POOL_SIZE,
    SLEEP,
    UPDATE,
    Trips,
    kill,
    value,
)

pytestmark = pytest.mark.usefixtures("short_pauses")


def test_joining_counts_parameters_through() -> None:
    assert joined(("DELETE FROM a WHERE b = $1",)) == "DELETE FROM a WHERE b = $1"
    assert joined(("A $2 '$1' $1 $2", "B", 'C "$9" $1', "D 'it''s $1' $1")) == (
        "WITH s0 AS (A $2 '$1' $1 $2), s1 AS (B), s2 AS (C \"$9\" $3), s3 AS (D 'it''s $1' $4)"
        " SELECT 1"
    )


class Tapped:
    """A connection that writes down what it sends to the server."""

    def __init__(self, connection: Any, log: list[str]) -> None:
        self._log = log
        self.is_closed = connection.is_closed
        self.close = connection.close
        self.fetchrow = self._tap(connection.fetchrow)
        self.fetch = self._tap(connection.fetch)
        self.execute = self._tap(connection.execute)

    def _tap(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def sending(query: str, *parameters: object) -> Any:
            self._log.append(query)
            return send(query, *parameters)

        return sending


@pytest_asyncio.fixture
async def trips(url: str, notes: PostgresDatabase) -> AsyncIterator[Trips]:
    """A database, and what really went to the server."""
    assert notes
    log: list[str] = []

    async def connect() -> Tapped:
        return Tapped(await asyncpg.connect(url), log)

    database = PostgresDatabase(Pool(connect, 1))
    yield database, log
    await database.close()


async def test_a_lone_write_set_is_one_trip(trips: Trips) -> None:
    database, log = trips

    async def work(tx: Transaction) -> None:
        await tx.one(FIND, 1)
        await tx.all(FIND, 2)
        await tx.run_all((INSERT, (3, 0)), (UPDATE, (1, 5)))

    await database.write(work)
    assert log == [FIND, FIND, joined((INSERT, UPDATE))]
    assert await value(database, 1) == 5


async def test_a_lone_write_set_that_fails_leaves_nothing(
    trips: Trips,
) -> None:
    database, _ = trips
    with pytest.raises(Conflict):
        await database.write(lambda tx: tx.run_all((UPDATE, (1, 5)), (INSERT, (2, 0))))
    assert await value(database, 1) == 0


async def test_reading_after_writing_is_inside_the_transaction(
    trips: Trips,
) -> None:
    database, log = trips

    async def work(tx: Transaction) -> int:
        await tx.one(FIND, 1)
        await tx.run_all((UPDATE, (1, 5)))
        row = await tx.one(FIND, 1)
        assert row is not None
        return row[0]

    assert await database.write(work) == 5
    assert log == [FIND, "BEGIN", UPDATE, FIND, "COMMIT"]


async def test_locking_reads_are_inside_the_transaction(
    trips: Trips,
) -> None:
    database, log = trips
    locking: LiteralString = FIND + " FOR UPDATE SKIP LOCKED"

    async def work(tx: Transaction) -> None:
        await tx.one(locking, 1)
        await tx.run_all((UPDATE, (1, 5)))

    await database.write(work)
    assert log == ["BEGIN", locking, UPDATE, "COMMIT"]


async def test_only_reading_needs_no_transaction(
    trips: Trips,
) -> None:
    database, log = trips

    async def work(tx: Transaction) -> None:
        await tx.one(FIND, 1)
        raise NotFound

    with pytest.raises(NotFound):
        await database.write(work)
    await database.write(lambda tx: tx.one(FIND, 1))
    await database.write(lambda tx: tx.run_all())
    assert log == [FIND, FIND]


async def test_a_failed_transaction_is_rolled_back(
    trips: Trips,
) -> None:
    database, log = trips

    async def work(tx: Transaction) -> None:
        await tx.run(UPDATE, 1, 5)
        raise NotFound

    with pytest.raises(NotFound):
        await database.write(work)
    assert log == ["BEGIN", UPDATE, "ROLLBACK"]
    assert await value(database, 1) == 0


async def test_serialisation_failures_are_tried_again(notes: PostgresDatabase) -> None:
    all_have_read = asyncio.Barrier(POOL_SIZE)
    runs = 0

    async def add_one(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        row = await tx.one(FIND, 1)
        assert row is not None
        if runs <= POOL_SIZE:
            await all_have_read.wait()
        await tx.run("UPDATE notes SET n = $2 WHERE id = $1", 1, row[0] + 1)

    await asyncio.gather(*(notes.write(add_one) for _ in range(POOL_SIZE)))
    assert await value(notes, 1) == POOL_SIZE
    assert runs >= 2 * POOL_SIZE - 1


async def test_deadlocks_are_tried_again(notes: PostgresDatabase) -> None:
    both_hold = asyncio.Barrier(2)
    runs = 0

    async def work(first: int, second: int, tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.run(UPDATE, first, 1)
        if runs <= 2:
            await both_hold.wait()
        await tx.run(UPDATE, second, 1)

    await asyncio.gather(notes.write(partial(work, 1, 2)), notes.write(partial(work, 2, 1)))
    assert runs == 3
    assert (await value(notes, 1), await value(notes, 2)) == (2, 2)


async def test_trying_again_has_an_end(notes: PostgresDatabase) -> None:
    runs = 0

    async def work(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.run(FAIL_SERIALISATION)

    with pytest.raises(Unavailable):
        await notes.write(work)
    assert runs == ATTEMPTS_MAX


async def test_reads_survive_the_end_of_every_connection(notes: PostgresDatabase, url: str) -> None:
    await asyncio.gather(*(notes.one("SELECT pg_sleep(0.05)") for _ in range(POOL_SIZE)))
    await kill(url)
    assert await asyncio.gather(*(value(notes, 1) for _ in range(10))) == [0] * 10
    reading = [asyncio.create_task(notes.one(SLEEP)) for _ in range(POOL_SIZE)]
    await asyncio.sleep(0.1)
    for _ in range(2):
        await kill(url)
        await asyncio.sleep(0.1)
    outcomes = await asyncio.gather(*reading, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * POOL_SIZE
    assert await value(notes, 1) == 0


async def test_writes_survive_the_end_of_every_connection(
    notes: PostgresDatabase, url: str
) -> None:
    await kill(url)
    assert await notes.write(lambda tx: tx.run(UPDATE, 1, 1)) == 1
    await kill(url)
    await notes.write(lambda tx: tx.run_all((UPDATE, (1, 1))))
    assert await value(notes, 1) == 2


async def test_a_connection_lost_before_the_commit_is_tried_again(
    notes: PostgresDatabase, url: str
) -> None:
    runs = 0

    async def work(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.run(INSERT, 3, 0)
        if runs == 1:
            row = await tx.one(ME)
            assert row is not None
            await kill(url, row[0])
        await tx.run(UPDATE, 3, 1)

    await notes.write(work)
    assert runs == 2
    assert await value(notes, 3) == 1


_DIE_AT_COMMIT: LiteralString = """
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END';
    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION die()
"""


@pytest.mark.parametrize("is_lone", [True, False])
async def test_a_connection_lost_at_the_commit_is_not_tried_again(
    notes: PostgresDatabase, *, is_lone: bool
) -> None:
    await notes.write(lambda tx: tx.run(_DIE_AT_COMMIT))
    runs = 0

    async def work(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        if not is_lone:
            await tx.run(UPDATE, 1, 1)
        await tx.run_all((INSERT, (3, 0)))

    with pytest.raises(Unavailable):
        await notes.write(work)
    assert runs == 1
    assert await value(notes, 1) == 0


async def test_a_changed_table_does_not_break_prepared_statements(
    notes: PostgresDatabase, url: str
) -> None:
    everything: LiteralString = "SELECT * FROM notes WHERE id = $1"

    async def work(tx: Transaction) -> object:
        await tx.run(UPDATE, 1, 1)
        return await tx.one(everything, 1)

    assert await notes.write(work) == (1, 1)
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE notes ADD COLUMN more BIGINT")
    await connection.close()
    assert await notes.write(work) == (1, 2, None)
    assert await notes.one(everything, 1) == (1, 2, None)
