"""SQLite's snapshots: everything as it was in one moment, read while others go on writing.

A read transaction on a connection of its own holds the moment. Statements run in threads, so the
loop goes on. The WAL cannot shrink as long as a snapshot is open, so none should be kept.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any, LiteralString, cast

import apsw

from stonechat.storage.database import Row
from stonechat.storage.engines.placeholders import SqliteTexts
from stonechat.storage.engines.sqlite_connection import executor, open_reader, raise_ours


class SqliteSnapshot:
    """One moment of the file."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._execute = executor(connection)
        self._texts = SqliteTexts()

    async def one(self, sql: LiteralString, *parameters: Any) -> Row | None:
        """The first row, or None."""
        rows = await self.all(sql, *parameters)
        return rows[0] if rows else None

    async def all(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        """Every row."""
        return await asyncio.to_thread(self._fetch, sql, parameters)

    async def batches(self, sql: LiteralString, size: int) -> AsyncIterator[list[Row]]:
        """Every row that a statement without parameters gives, `size` of them at a time."""
        try:
            rows = cast("Iterator[Row]", self._execute(sql))
            while batch := await asyncio.to_thread(lambda: list(islice(rows, size))):
                yield batch
        except apsw.Error as error:
            raise_ours(error)

    def _fetch(self, sql: str, parameters: tuple[Any, ...]) -> list[Row]:
        try:
            return self._execute(self._texts[sql], parameters).fetchall()
        except apsw.Error as error:
            raise_ours(error)


@asynccontextmanager
async def open_snapshot(path: Path) -> AsyncGenerator[SqliteSnapshot]:
    """The file as it is now, for as long as the block lasts."""
    connection = await asyncio.to_thread(_begin, path)
    try:
        yield SqliteSnapshot(connection)
    finally:
        connection.close()


def _begin(path: Path) -> apsw.Connection:
    try:
        connection = open_reader(path)
        # The moment is that of the first statement that reads.
        executor(connection)("BEGIN; SELECT COUNT(*) FROM sqlite_schema").fetchall()
    except apsw.Error as error:
        raise_ours(error)
    return connection
