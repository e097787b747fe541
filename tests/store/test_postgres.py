"""What PostgreSQL's engine promises beyond the protocol: trips, retries, lost connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, LiteralString
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from stonechat.kernel.errors import Conflict, NotFound, Unavailable
from stonechat.storage.database import Transaction
from stonechat.storage.engines import postgres, postgres_pool
from stonechat.storage.engines.placeholders import joined
from stonechat.storage.engines.postgres import ATTEMPTS_MAX, PostgresDatabase, open_postgres
from stonechat.storage.engines.postgres_pool import Connection, Pool
from tests.postgres_server import Copies, PostgresServer

PATIENCE_S = 10.0
POOL_SIZE = 3

Trips = tuple[PostgresDatabase, list[str]]

_SCHEMA: LiteralString = (
    "CREATE TABLE notes (id BIGINT PRIMARY KEY, n BIGINT NOT NULL);"
    " INSERT INTO notes VALUES (1, 0), (2, 0)"
)
_TIDY = "DROP TABLE IF EXISTS notes; DROP FUNCTION IF EXISTS die"
_FIND: LiteralString = "SELECT n FROM notes WHERE id = $1"
_INSERT: LiteralString = "INSERT INTO notes VALUES ($1, $2)"
_UPDATE: LiteralString = "UPDATE notes SET n = n + $2 WHERE id = $1"
_COUNT: LiteralString = "SELECT COUNT(*) FROM notes"
_ME: LiteralString = "SELECT pg_backend_pid()"
_SLEEP: LiteralString = "SELECT pg_sleep(30)"
_FAIL_SERIALISATION: LiteralString = "DO $$BEGIN RAISE SQLSTATE '40001'; END$$"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PAUSE_S_MAX", 0.02)


@pytest_asyncio.fixture
async def url(postgres_copies: Copies) -> AsyncIterator[str]:
    async with postgres_copies.one() as address:
        yield address
        with contextlib.suppress(asyncpg.InvalidCatalogNameError):  # a test may have dropped it
            connection = await asyncpg.connect(address)
            await connection.execute(_TIDY)
            await connection.close()


@pytest_asyncio.fixture
async def notes(url: str) -> AsyncIterator[PostgresDatabase]:
    database = await open_postgres(url, pool_size=POOL_SIZE)
    await database.write(lambda tx: tx.run(_SCHEMA))
    yield database
    await database.close()


async def kill(url: str, *pids: int) -> None:
    """End sessions from outside: all other ones if none is named."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND (cardinality($1::int[]) = 0 OR pid = ANY ($1))",
        pids,
    )
    await connection.close()


async def value(database: PostgresDatabase, identifier: int) -> int:
    row = await database.one(_FIND, identifier)
    assert row is not None
    return row[0]


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
        await tx.one(_FIND, 1)
        await tx.all(_FIND, 2)
        await tx.run_all((_INSERT, (3, 0)), (_UPDATE, (1, 5)))

    await database.write(work)
    assert log == [_FIND, _FIND, joined((_INSERT, _UPDATE))]
    assert await value(database, 1) == 5


async def test_a_lone_write_set_that_fails_leaves_nothing(
    trips: Trips,
) -> None:
    database, _ = trips
    with pytest.raises(Conflict):
        await database.write(lambda tx: tx.run_all((_UPDATE, (1, 5)), (_INSERT, (2, 0))))
    assert await value(database, 1) == 0


async def test_reading_after_writing_is_inside_the_transaction(
    trips: Trips,
) -> None:
    database, log = trips

    async def work(tx: Transaction) -> int:
        await tx.one(_FIND, 1)
        await tx.run_all((_UPDATE, (1, 5)))
        row = await tx.one(_FIND, 1)
        assert row is not None
        return row[0]

    assert await database.write(work) == 5
    assert log == [_FIND, "BEGIN", _UPDATE, _FIND, "COMMIT"]


async def test_locking_reads_are_inside_the_transaction(
    trips: Trips,
) -> None:
    database, log = trips
    locking: LiteralString = _FIND + " FOR UPDATE SKIP LOCKED"

    async def work(tx: Transaction) -> None:
        await tx.one(locking, 1)
        await tx.run_all((_UPDATE, (1, 5)))

    await database.write(work)
    assert log == ["BEGIN", locking, _UPDATE, "COMMIT"]


async def test_only_reading_needs_no_transaction(
    trips: Trips,
) -> None:
    database, log = trips

    async def work(tx: Transaction) -> None:
        await tx.one(_FIND, 1)
        raise NotFound

    with pytest.raises(NotFound):
        await database.write(work)
    await database.write(lambda tx: tx.one(_FIND, 1))
    await database.write(lambda tx: tx.run_all())
    assert log == [_FIND, _FIND]


async def test_a_failed_transaction_is_rolled_back(
    trips: Trips,
) -> None:
    database, log = trips

    async def work(tx: Transaction) -> None:
        await tx.run(_UPDATE, 1, 5)
        raise NotFound

    with pytest.raises(NotFound):
        await database.write(work)
    assert log == ["BEGIN", _UPDATE, "ROLLBACK"]
    assert await value(database, 1) == 0


async def test_serialisation_failures_are_tried_again(notes: PostgresDatabase) -> None:
    all_have_read = asyncio.Barrier(POOL_SIZE)
    runs = 0

    async def add_one(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        row = await tx.one(_FIND, 1)
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
        await tx.run(_UPDATE, first, 1)
        if runs <= 2:
            await both_hold.wait()
        await tx.run(_UPDATE, second, 1)

    await asyncio.gather(notes.write(partial(work, 1, 2)), notes.write(partial(work, 2, 1)))
    assert runs == 3
    assert (await value(notes, 1), await value(notes, 2)) == (2, 2)


async def test_trying_again_has_an_end(notes: PostgresDatabase) -> None:
    runs = 0

    async def work(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.run(_FAIL_SERIALISATION)

    with pytest.raises(Unavailable):
        await notes.write(work)
    assert runs == ATTEMPTS_MAX


async def test_reads_survive_the_end_of_every_connection(notes: PostgresDatabase, url: str) -> None:
    await asyncio.gather(*(notes.one("SELECT pg_sleep(0.05)") for _ in range(POOL_SIZE)))
    await kill(url)
    assert await asyncio.gather(*(value(notes, 1) for _ in range(10))) == [0] * 10
    reading = [asyncio.create_task(notes.one(_SLEEP)) for _ in range(POOL_SIZE)]
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
    assert await notes.write(lambda tx: tx.run(_UPDATE, 1, 1)) == 1
    await kill(url)
    await notes.write(lambda tx: tx.run_all((_UPDATE, (1, 1))))
    assert await value(notes, 1) == 2


async def test_a_connection_lost_before_the_commit_is_tried_again(
    notes: PostgresDatabase, url: str
) -> None:
    runs = 0

    async def work(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        await tx.run(_INSERT, 3, 0)
        if runs == 1:
            row = await tx.one(_ME)
            assert row is not None
            await kill(url, row[0])
        await tx.run(_UPDATE, 3, 1)

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
            await tx.run(_UPDATE, 1, 1)
        await tx.run_all((_INSERT, (3, 0)))

    with pytest.raises(Unavailable):
        await notes.write(work)
    assert runs == 1
    assert await value(notes, 1) == 0


async def test_a_changed_table_does_not_break_prepared_statements(
    notes: PostgresDatabase, url: str
) -> None:
    everything: LiteralString = "SELECT * FROM notes WHERE id = $1"

    async def work(tx: Transaction) -> object:
        await tx.run(_UPDATE, 1, 1)
        return await tx.one(everything, 1)

    assert await notes.write(work) == (1, 1)
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE notes ADD COLUMN more BIGINT")
    await connection.close()
    assert await notes.write(work) == (1, 2, None)
    assert await notes.one(everything, 1) == (1, 2, None)


async def test_the_pool_keeps_to_its_size(notes: PostgresDatabase) -> None:
    rows = await asyncio.gather(
        *(notes.one("SELECT pg_backend_pid(), pg_sleep(0.02)") for _ in range(20))
    )
    assert len({row[0] for row in rows if row is not None}) == POOL_SIZE
    assert len({(await notes.one(_ME) or [0])[0] for _ in range(10)}) == 1


async def test_the_queue_for_a_connection_has_bounds(
    notes: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_pool, "WAIT_TIMEOUT_S", 0.1)
    monkeypatch.setattr(postgres_pool, "WAITING_MAX", 1)
    using = [asyncio.create_task(notes.one("SELECT pg_sleep(0.5)")) for _ in range(POOL_SIZE)]
    await asyncio.sleep(0.05)
    waiting = asyncio.create_task(notes.one(_COUNT))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as crowded:
        await notes.one(_COUNT)
    assert "too many" in str(crowded.value.details["reason"])
    with pytest.raises(Unavailable) as late:
        await waiting
    assert "in time" in str(late.value.details["reason"])
    await asyncio.gather(*using)
    assert await notes.one(_COUNT) == (2,)


async def test_cancelling_costs_no_connection(notes: PostgresDatabase) -> None:
    async def work(tx: Transaction) -> None:
        await tx.run(_UPDATE, 1, 1)
        await tx.one(_SLEEP)

    for _ in range(3):
        tasks: list[asyncio.Task[Any]] = [
            *(asyncio.create_task(notes.one(_SLEEP)) for _ in range(2)),
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
    before = await hurried.one(_ME)
    with pytest.raises(Unavailable):
        await hurried.one(_SLEEP)
    with pytest.raises(Unavailable):
        await hurried.write(lambda tx: tx.run(_SLEEP))
    assert await hurried.one(_ME) == before
    await hurried.close()


async def test_a_server_that_does_not_answer_is_given_up(
    notes: PostgresDatabase, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert notes
    monkeypatch.setattr(postgres, "_GRACE_S", -29.8)
    deaf = await open_postgres(url, pool_size=1, command_timeout_s=30)
    with pytest.raises(Unavailable):
        await deaf.one(_SLEEP)
    assert await deaf.one(_COUNT) == (2,)
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
        await notes.one(_COUNT)
    with pytest.raises(Unavailable):
        await notes.write(lambda tx: tx.run(_UPDATE, 1, 1))


async def test_sessions_are_set_up(notes: PostgresDatabase) -> None:
    row = await notes.one(
        "SELECT current_setting('jit'), current_setting('statement_timeout'),"
        " current_setting('lock_timeout'), current_setting('application_name')"
    )
    assert row == ("off", "15s", "5s", "stonechat")


async def test_closing_waits_for_what_runs(notes: PostgresDatabase) -> None:
    async def work(tx: Transaction) -> int:
        await tx.one("SELECT pg_sleep(0.2)")
        return await tx.run(_UPDATE, 1, 1)

    writing = asyncio.create_task(notes.write(work))
    await asyncio.sleep(0.05)
    await notes.close()
    assert writing.done()
    assert await writing == 1
