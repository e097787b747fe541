"""SQLite: reads on the loop's own connection, writes on the writer's thread.

`one` and `all` never suspend, so they must be indexed and short; what may take longer than a
millisecond goes through `all_slow`. Each thread has a connection of its own. Several processes
may open one file; they wait for each other's commits. Constraints must not be deferred: a
deferred one fails at COMMIT, and with it would fail everybody else's job of that batch.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final, LiteralString, TypeVar

import apsw

from stonechat.kernel.errors import Unavailable
from stonechat.storage.database import Row, Snapshot, Transaction
from stonechat.storage.engines import sqlite_copies, sqlite_snapshots
from stonechat.storage.engines.placeholders import SqliteTexts
from stonechat.storage.engines.sqlite_connection import (
    executor,
    make_file,
    open_reader,
    open_writer,
    raise_ours,
)
from stonechat.storage.engines.sqlite_writer import SqliteWriter

SLOW_READS_WAITING_MAX: Final = 256
SLOW_READ_TIMEOUT_S: Final = 30.0
_STEPS_BETWEEN_LOOKS: Final = 100_000

T = TypeVar("T")


class SqliteDatabase:
    """One open SQLite file; belongs to the event loop that opened it."""

    engine: str = "sqlite"

    def __init__(self, path: Path, *, readers: int) -> None:
        """Opens every connection; `open_sqlite` is the way to get one."""
        make_file(path)
        self._path = path
        self._texts = SqliteTexts()
        self._writing = open_writer(path)
        self._reading = open_reader(path)
        self._execute = executor(self._reading)
        self._slow = [open_reader(path) for _ in range(readers)]
        self._slow_threads = ThreadPoolExecutor(readers, "sqlite-reader")
        self._slow_waiting = 0
        self._is_closed = False
        self._writer = SqliteWriter(self._writing, self._texts)

    async def one(self, sql: LiteralString, *parameters: Any) -> Row | None:
        """The first row, or None."""
        try:
            return self._execute(self._texts[sql], parameters).fetchone()
        except apsw.Error as error:
            raise_ours(error)

    async def all(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        """Every row."""
        try:
            return self._execute(self._texts[sql], parameters).fetchall()
        except apsw.Error as error:
            raise_ours(error)

    async def all_slow(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        """Every row, read in a reader thread; Unavailable when that takes too long."""
        if self._is_closed:
            raise Unavailable(reason="the database is closed")
        if self._slow_waiting >= SLOW_READS_WAITING_MAX:
            raise Unavailable(reason="too many slow reads are waiting")
        loop = asyncio.get_running_loop()
        self._slow_waiting += 1
        try:
            return await loop.run_in_executor(
                self._slow_threads, self._read_slowly, self._texts[sql], parameters
            )
        except apsw.Error as error:
            raise_ours(error)
        finally:
            self._slow_waiting -= 1

    def _read_slowly(self, text: str, parameters: tuple[Any, ...]) -> list[Row]:
        # There are as many connections as threads, so one is always left.
        connection = self._slow.pop()
        ends = time.monotonic() + SLOW_READ_TIMEOUT_S
        connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS_BETWEEN_LOOKS)
        try:
            return executor(connection)(text, parameters).fetchall()
        finally:
            self._slow.append(connection)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in one transaction and give its answer after the commit."""
        return await self._writer.write(work)

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Everything as it is now, to be read at leisure; writers go on."""
        return sqlite_snapshots.open_snapshot(self._path)

    async def backup(self, target: Path, progress: sqlite_copies.Progress | None = None) -> None:
        """Write a copy of the database as it is now, while others go on writing."""
        await asyncio.to_thread(sqlite_copies.back_up, self._path, target, progress)

    async def integrity(self) -> list[str]:
        """What is broken in the file, one sentence each; empty when it is sound."""
        return await asyncio.to_thread(sqlite_copies.find_damage, self._path)

    async def close(self) -> None:
        """Finish what was accepted, then close every connection."""
        self._is_closed = True
        await self._writer.finish()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._slow_threads.shutdown()
        for connection in (*self._slow, self._reading):
            connection.close()
        # Fresh statistics are a favour to the next start: a busy file may refuse it.
        with contextlib.suppress(apsw.Error):
            executor(self._writing)("PRAGMA optimize").fetchall()
        # The last one to close empties the WAL into the file.
        self._writing.close()


async def open_sqlite(path: Path, *, readers: int = 1) -> SqliteDatabase:
    """Open the database file, or make it; `readers` is the number of slow-reading threads."""
    try:
        return SqliteDatabase(path, readers=readers)
    except (apsw.Error, OSError) as error:
        sentence = f"The database {path} cannot be opened: {error}"
        raise Unavailable(sentence) from error
