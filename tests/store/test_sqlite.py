"""What SQLite's engine promises beyond the protocol: batches, faults, threads, copies."""

import asyncio
import contextlib
import resource
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator
from pathlib import Path
from typing import Any, LiteralString

import apsw
import pytest
import pytest_asyncio

from stonechat.kernel.errors import Unavailable
from stonechat.storage.database import Transaction
from stonechat.storage.engines import sqlite, sqlite_connection, sqlite_copies, sqlite_writer
from stonechat.storage.engines.sqlite import SqliteDatabase, open_sqlite

PATIENCE_S = 10.0

_INSERT: LiteralString = "INSERT INTO notes (id, body) VALUES ($1, $2)"
_COUNT: LiteralString = "SELECT COUNT(*) FROM notes"
_ENDLESS: LiteralString = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "stonechat.db"


@pytest_asyncio.fixture
async def notes(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await open_sqlite(path)
    await database.write(
        lambda tx: tx.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    )
    yield database
    await database.close()


async def insert(database: SqliteDatabase, identifier: int, body: str = "x") -> int:
    return await database.write(lambda tx: tx.run(_INSERT, identifier, body))


async def count(database: SqliteDatabase) -> int:
    row = await database.one(_COUNT)
    assert row is not None
    return row[0]


def files_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


class Gate:
    """A job that holds the writer's thread until it is opened."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._opened = threading.Event()

    async def job(self, tx: Transaction) -> None:
        assert tx
        self._reached.set()
        assert self._opened.wait(PATIENCE_S)

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, PATIENCE_S)

    def open(self) -> None:
        self._opened.set()


async def one_batch(
    database: SqliteDatabase, *jobs: Coroutine[Any, Any, Any]
) -> list["asyncio.Task[Any]"]:
    """Let jobs queue up behind a gate, so that the writer takes them together."""
    gate = Gate()
    waiting = asyncio.create_task(database.write(gate.job))
    await gate.reached()
    tasks = [asyncio.create_task(job) for job in jobs]
    await asyncio.sleep(0)
    gate.open()
    await waiting
    return tasks


async def test_nobody_else_may_read_the_file(notes: SqliteDatabase, path: Path) -> None:
    await insert(notes, 1)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    modes = {name: (path.parent / name).stat().st_mode & 0o777 for name in files_in(path.parent)}
    assert modes == {f"stonechat.db{end}": 0o600 for end in ("", "-wal", "-shm")}


async def test_the_writer_is_durable(notes: SqliteDatabase) -> None:
    async def ask(tx: Transaction) -> list[object]:
        rows = [
            await tx.one("PRAGMA journal_mode"),
            await tx.one("PRAGMA synchronous"),
            await tx.one("PRAGMA foreign_keys"),
            await tx.one("PRAGMA wal_autocheckpoint"),
        ]
        return [row[0] for row in rows if row is not None]

    assert await notes.write(ask) == ["wal", 2, 1, 4000]


async def test_statements_keep_their_plans_whatever_the_values(path: Path) -> None:
    sqlite_connection.make_file(path)
    with contextlib.closing(sqlite_connection.open_writer(path)) as connection:
        assert connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, -1) == 1


async def test_readers_cannot_write(notes: SqliteDatabase) -> None:
    for read in (notes.one, notes.all, notes.all_slow):
        with pytest.raises(apsw.ReadOnlyError):
            await read(_INSERT + " RETURNING id", 1, "x")


async def test_a_misspelt_name_does_not_become_a_text(notes: SqliteDatabase) -> None:
    with pytest.raises(apsw.SQLError):
        await notes.one('SELECT "no_such_column" FROM notes')


async def test_closing_leaves_one_file_that_opens_again(notes: SqliteDatabase, path: Path) -> None:
    await insert(notes, 1)
    await notes.close()
    await notes.close()
    assert files_in(path.parent) == {"stonechat.db"}
    again = await open_sqlite(path)
    assert await count(again) == 1
    await again.close()


@pytest.fixture
def no_database(path: Path) -> Path:
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to be looked at" * 50)
    return path


async def test_what_cannot_be_opened_is_named(no_database: Path) -> None:
    path = no_database
    with pytest.raises(Unavailable, match=str(path)):
        await open_sqlite(path)
    with pytest.raises(Unavailable, match="cannot be opened"):
        await open_sqlite(path.parent)


class Pause:
    """Suspends whoever awaits it."""

    def __await__(self) -> Generator[None]:
        yield


async def test_a_transaction_may_await_nothing_but_its_database(notes: SqliteDatabase) -> None:
    async def pausing(tx: Transaction) -> None:
        await tx.run(_INSERT, 1, "x")
        await Pause()

    async def sleeping(tx: Transaction) -> None:
        await tx.run(_INSERT, 2, "x")
        await asyncio.sleep(1)

    jobs = await one_batch(notes, notes.write(pausing), insert(notes, 3), notes.write(sleeping))
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(outcomes[0], RuntimeError)
    assert outcomes[1] == 1
    assert isinstance(outcomes[2], RuntimeError)
    assert await count(notes) == 1


async def test_nobody_hears_of_anything_before_the_commit(notes: SqliteDatabase) -> None:
    gate = Gate()
    early, late, failing = await one_batch(
        notes, insert(notes, 1), notes.write(gate.job), insert(notes, 1)
    )
    await gate.reached()
    assert not early.done()
    assert await count(notes) == 0
    gate.open()
    await asyncio.wait([early, late, failing])
    assert early.exception() is None
    assert failing.exception() is not None
    assert await count(notes) == 1


async def test_a_commit_that_fails_fails_all_of_its_batch(path: Path) -> None:
    database = await open_sqlite(path)
    await database.write(
        lambda tx: tx.run(
            "CREATE TABLE a (id INTEGER PRIMARY KEY);"
            " CREATE TABLE b (id INTEGER REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)"
        )
    )
    jobs = await one_batch(
        database,
        database.write(lambda tx: tx.run("INSERT INTO a VALUES (1)")),
        database.write(lambda tx: tx.run("INSERT INTO b VALUES (7)")),
    )
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    assert outcomes[0] is not outcomes[1]
    assert await database.all("SELECT id FROM a") == []
    assert await database.write(lambda tx: tx.run("INSERT INTO a VALUES (2)")) == 1
    await database.close()


@contextlib.contextmanager
def full_disk(file: Path) -> Iterator[None]:
    """No file can grow beyond the present length of `file`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_is_survived(notes: SqliteDatabase, path: Path) -> None:
    await insert(notes, 1)
    jobs = [insert(notes, 2), insert(notes, 3, "long " * 100_000), insert(notes, 4)]
    with full_disk(path.with_name("stonechat.db-wal")):
        outcomes = await asyncio.gather(*await one_batch(notes, *jobs), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
        assert await count(notes) == 1
    assert await insert(notes, 5, "long " * 100_000) == 1
    assert await count(notes) == 2
    assert await notes.integrity() == []


async def test_a_job_outlives_its_caller(notes: SqliteDatabase) -> None:
    gate = Gate()
    holding = asyncio.create_task(notes.write(gate.job))
    await gate.reached()
    leaving = asyncio.create_task(insert(notes, 1))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    gate.open()
    await holding
    await insert(notes, 2)
    assert await count(notes) == 2


async def test_the_queue_has_an_end(notes: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_writer, "WAITING_JOBS_MAX", 3)
    gate = Gate()
    holding = asyncio.create_task(notes.write(gate.job))
    await gate.reached()
    tasks = [asyncio.create_task(insert(notes, number)) for number in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await insert(notes, 5)
    gate.open()
    await asyncio.gather(holding, *tasks)
    assert await insert(notes, 5) == 1


async def test_a_slow_read_does_not_stop_the_loop(
    notes: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "SLOW_READ_TIMEOUT_S", 0.5)
    started = time.monotonic()
    reading = asyncio.create_task(notes.all_slow(_ENDLESS))
    await asyncio.sleep(0.01)
    assert await insert(notes, 1) == 1
    assert await count(notes) == 1
    assert not reading.done()
    with pytest.raises(Unavailable):
        await reading
    assert time.monotonic() - started < PATIENCE_S
    assert await notes.all_slow(_COUNT) == [(1,)]


async def test_slow_reads_have_a_bound(
    notes: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "SLOW_READ_TIMEOUT_S", 0.2)
    monkeypatch.setattr(sqlite, "SLOW_READS_WAITING_MAX", 1)
    reading = asyncio.create_task(notes.all_slow(_ENDLESS))
    await asyncio.sleep(0.01)
    with pytest.raises(Unavailable, match="temporary"):
        await notes.all_slow(_COUNT)
    with pytest.raises(Unavailable):
        await reading
    assert await notes.all_slow(_COUNT) == [(0,)]


async def test_a_file_that_somebody_else_holds_is_unavailable(
    path: Path, notes: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await notes.close()
    monkeypatch.setattr(sqlite_connection, "BUSY_TIMEOUT_MS", 50)
    impatient = await open_sqlite(path)
    with contextlib.closing(apsw.Connection(str(path))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            await insert(impatient, 1)
        other.execute("COMMIT")
    assert await insert(impatient, 1) == 1
    await impatient.close()


_WRITER = """
import asyncio, sys
from pathlib import Path
from stonechat.storage.engines.sqlite import open_sqlite

async def main():
    database = await open_sqlite(Path(sys.argv[1]))
    for number in range(int(sys.argv[2]), int(sys.argv[3])):
        await database.write(
            lambda tx: tx.run("INSERT INTO notes (id, body) VALUES ($1, 'other')", number)
        )
        print(number, flush=True)
    await database.close()

asyncio.run(main())
"""


def other_process(path: Path, first: int, end: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), str(first), str(end)],
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_two_processes_write_at_once(notes: SqliteDatabase, path: Path) -> None:
    with other_process(path, 1000, 1200) as other:
        assert other.stdout is not None
        await asyncio.to_thread(other.stdout.readline)
        for number in range(200):
            await insert(notes, number)
        await asyncio.to_thread(other.communicate)
    assert other.returncode == 0
    assert await count(notes) == 400


async def test_what_was_acknowledged_survives_a_kill(notes: SqliteDatabase, path: Path) -> None:
    with other_process(path, 0, 10**6) as other:
        assert other.stdout is not None
        await asyncio.to_thread(other.stdout.readline)
        await asyncio.sleep(0.2)
        other.kill()
        acknowledged = (await asyncio.to_thread(other.stdout.read)).split()
    last = int(acknowledged[-1])
    # One more may have been committed that nobody heard of.
    assert await count(notes) - (last + 1) in {0, 1}
    assert await notes.integrity() == []
    assert await insert(notes, 10**6) == 1


async def test_backup_is_one_moment_while_others_write(
    notes: SqliteDatabase, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_copies, "PAGES_PER_STEP", 10)
    for number in range(100):
        await insert(notes, number, "x" * 3000)
    steps: list[tuple[int, int]] = []
    with contextlib.closing(apsw.Connection(str(path))) as other:
        other.set_busy_timeout(5000)

        def disturb(done: int, total: int) -> None:
            steps.append((done, total))
            other.execute("INSERT INTO notes (id, body) VALUES (?, 'y')", (1000 + len(steps),))

        target = tmp_path / "copy.db"
        target.write_text("an older backup")
        await notes.backup(target, disturb)
    assert len(steps) > 5
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    assert steps[-1][0] == steps[-1][1]
    assert target.stat().st_mode & 0o777 == 0o600
    assert files_in(tmp_path) == {"copy.db", "data"}
    copy = await open_sqlite(target)
    assert await count(copy) == 100
    assert await copy.integrity() == []
    await copy.close()
    assert await count(notes) == 100 + len(steps)


async def test_a_backup_that_cannot_be_written_leaves_nothing(
    notes: SqliteDatabase, tmp_path: Path
) -> None:
    await insert(notes, 1, "x" * 100_000)
    with pytest.raises(Unavailable, match="cannot be written"):
        await notes.backup(tmp_path / "no folder" / "copy.db")
    target = tmp_path / "copy.db"
    target.write_text("an older backup")
    with full_disk(target), pytest.raises(Unavailable, match="cannot be written"):
        await notes.backup(target)
    assert target.read_text() == "an older backup"
    assert files_in(tmp_path) == {"copy.db", "data"}


async def test_damage_is_found(notes: SqliteDatabase, path: Path) -> None:
    for number in range(200):
        await insert(notes, number, "x" * 500)
    assert await notes.integrity() == []
    await notes.close()
    with path.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(b"\xff" * 4096)
    damaged = await open_sqlite(path)
    assert await damaged.integrity() != []
    await damaged.close()


async def test_a_stray_reference_is_found(notes: SqliteDatabase, path: Path) -> None:
    with contextlib.closing(apsw.Connection(str(path))) as other:
        other.execute("CREATE TABLE tags (id INTEGER PRIMARY KEY, note REFERENCES notes (id))")
        other.execute("INSERT INTO tags VALUES (1, 99)")
    assert await notes.integrity() == ["tags row 1 points at a missing notes"]
