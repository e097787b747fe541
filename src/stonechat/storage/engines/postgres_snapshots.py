"""PostgreSQL's snapshots: everything as it was in one moment, read while others go on writing.

One connection of the pool is in a REPEATABLE READ transaction for as long as that takes; large
tables come through a cursor of the server, so neither side holds them in memory.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, LiteralString, TypeVar

from stonechat.storage.database import Row
from stonechat.storage.engines.postgres_errors import DRIVER_ERRORS, raise_ours
from stonechat.storage.engines.postgres_pool import Connection, Pool

T = TypeVar("T")


class PostgresSnapshot:
    """One moment of the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursors = 0

    async def one(self, sql: LiteralString, *parameters: Any) -> Row | None:
        """The first row, or None."""
        return await self._told(self._connection.fetchrow(sql, *parameters))

    async def all(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        """Every row."""
        return await self._told(self._connection.fetch(sql, *parameters))

    async def batches(self, sql: LiteralString, size: int) -> AsyncIterator[list[Row]]:
        """Every row that a statement without parameters gives, `size` of them at a time."""
        # A name of its own: the driver remembers by its text which columns a FETCH gives.
        self._cursors += 1
        cursor = f"batches_{self._cursors}"
        declare = f"DECLARE {cursor} NO SCROLL CURSOR FOR {sql}"
        await self._told(self._connection.execute(declare))
        fetch = f"FETCH {size} FROM {cursor}"
        while batch := await self._told(self._connection.fetch(fetch)):
            yield batch
        await self._told(self._connection.execute(f"CLOSE {cursor}"))

    async def _told(self, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except DRIVER_ERRORS as error:
            raise_ours(error, is_closed=self._connection.is_closed())


@asynccontextmanager
async def open_snapshot(pool: Pool) -> AsyncGenerator[PostgresSnapshot]:
    """The database as it is now, for as long as the block lasts."""
    connection = await pool.take()
    is_usable = False
    try:
        await _begin(connection)
        yield PostgresSnapshot(connection)
        await connection.execute("ROLLBACK")
        is_usable = True
    finally:
        pool.put_away(connection, is_usable=is_usable)


async def _begin(connection: Connection) -> None:
    try:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Whoever reads may have long work of their own between two statements.
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        # The moment is that of the first statement that reads.
        await connection.execute("SELECT 1")
    except DRIVER_ERRORS as error:
        raise_ours(error, is_closed=connection.is_closed())
