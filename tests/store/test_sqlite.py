"""What SQLite's engine promises beyond the protocol: durability, batches, threads, backups."""

import asyncio
import contextlib
import multiprocessing
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, LiteralString

import apsw
import pytest
import pytest_asyncio

from stonechat.kernel.errors import Conflict, Unavailable
from stonechat.storage.database import Transaction
from stonechat.storage.engines import sqlite as engine
from stonechat.storage.engines import sqlite_writer
from stonechat.storage.engines.sqlite import SqliteDatabase, open_sqlite

_INSERT: LiteralString = "INSERT INTO notes (id, body) VALUES ($1, $2)"
_COUNT: LiteralString = "SELECT COUNT(*) FROM notes"


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


async def pragma(database: SqliteDatabase, name: LiteralString) -> object:
    async def ask(tx: Transaction) -> object:
        row = await tx.one("PRAGMA " + name)
        assert row is not None
        return row[0]

    return await database.write(ask)


async def test_nobody_else_may_read_the_file(notes: SqliteDatabase, path: Path) -> None:
    await insert(notes, 1)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    files = list(path.parent.iterdir())
    assert {file.name for file in files} == {
        "stonechat.db",
        "stonechat.db-wal",
        "stonechat.db-shm",
    }
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_the_writer_is_durable_and_checked(notes: SqliteDatabase) -> None:
    asked = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "wal_autocheckpoint"]
    found = [await pragma(notes, name) for name in asked]  # pyright: ignore[reportArgumentType]
    assert found == ["wal", 2, 1, 5000, 4000]


async def test_readers_cannot_write(notes: SqliteDatabase) -> None:
    for read in (notes.one, notes.all, notes.all_slow):
        with pytest.raises(apsw.ReadOnlyError):
            await read(_INSERT + " RETURNING id", 1, "x")


async def test_a_misspelt_name_does_not_become_a_text(notes: SqliteDatabase) -> None:
    with pytest.raises(apsw.SQLError):
        await notes.one('SELECT "no_such_column" FROM notes')


async def test_closing_leaves_one_file_that_opens_again(
    notes: SqliteDatabase, path: Path
) -> None:
    await insert(notes, 1)
    await notes.close()
    assert [file.name for file in path.parent.iterdir()] == ["stonechat.db"]
    again = await open_sqlite(path)
    assert await count(again) == 1
    await again.close()


async def test_opening_what_is_no_database_says_which_file(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 50)
    with pytest.raises(Unavailable, match=str(path)):
        await open_sqlite(path)
    with pytest.raises(Unavailable, match="cannot be opened"):
        await open_sqlite(path.parent)


async def test_a_transaction_may_await_nothing_but_its_database(notes: SqliteDatabase) -> None:
    async def work(tx: Transaction) -> None:
        await tx.run(_INSERT, 1, "x")
        await asyncio.get_event_loop_policy().new_event_loop().create_future()

    async def yielding(tx: Transaction) -> None:
        await tx.run(_INSERT, 2, "x")
        await _Pause()

    for wrong in (yielding,):
        with pytest.raises(RuntimeError, match="awaited something other"):
            await notes.write(wrong)
    assert await count(notes) == 0
    del work


class _Pause:
    def __await__(self) -> Any:
        yield
