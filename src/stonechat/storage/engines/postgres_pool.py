"""The pool: a stack of PostgreSQL connections, the last one given back is the next one taken.

It is this plain on purpose: asyncpg's own pool wraps every connection anew and costs more than
the statement. Nothing here resets a connection, so whoever changes a session's state drops it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from stonechat.kernel.errors import Unavailable
from stonechat.storage.database import Row
from stonechat.storage.engines.postgres_errors import DRIVER_ERRORS

WAITING_MAX: Final = 1024
WAIT_TIMEOUT_S: Final = 10.0
CLOSE_TIMEOUT_S: Final = 5.0


class Connection(Protocol):
    """What we use of an asyncpg connection."""

    async def fetchrow(self, query: str, *args: Any) -> Row | None:
        """The first row, or None."""
        ...

    async def fetch(self, query: str, *args: Any) -> list[Row]:
        """Every row."""
        ...

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement, or several without parameters; the last one's tag."""
        ...

    def is_closed(self) -> bool:
        """Whether the end of the connection was noticed."""
        ...

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's
        """Say goodbye and close."""
        ...


class Pool:
    """At most `size` connections, opened when they are needed."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int) -> None:
        self._connect = connect
        self._size = size
        self._open = 0
        self._idle: list[Connection] = []
        # A waiter is given a connection, or None: one was lost, so there is room for another.
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._closing: set[asyncio.Future[None]] = set()
        self._is_closed = False
        self._emptied = asyncio.Event()

    async def take(self) -> Connection:
        """A connection for the caller alone, who gives it back or drops it."""
        while not self._is_closed:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
                self._open -= 1
            if self._open < self._size:
                return await self._open_one()
            connection = await self._wait()
            if connection is not None:
                return connection
        raise Unavailable(reason="the database is closed")

    def give_back(self, connection: Connection) -> None:
        """Let the next one have a connection that is in no transaction."""
        if connection.is_closed():
            self._lose_one()
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._idle.append(connection)
        if self._is_closed:
            self._emptied.set()

    def put_away(self, connection: Connection, *, is_usable: bool) -> None:
        """Give a connection back or drop it."""
        if is_usable:
            self.give_back(connection)
        else:
            self.drop(connection)

    def drop(self, connection: Connection) -> None:
        """Close a connection that nobody can use any more."""
        # Torn down at once, a statement that was just cancelled would go on at the server and
        # keep its locks: closing waits until the cancellation has got there.
        closing = asyncio.ensure_future(_close(connection))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self._lose_one()

    def drop_idle(self) -> None:
        """Close every connection that nobody uses: the server behind them has gone."""
        idle, self._idle = self._idle, []
        for connection in idle:
            self.drop(connection)

    async def close(self) -> None:
        """Wait until every connection is given back, and close it."""
        self._is_closed = True
        while self._open:
            while self._idle:
                self.drop(self._idle.pop())
            if self._open:
                self._emptied.clear()
                await self._emptied.wait()
        await asyncio.gather(*self._closing)

    async def _open_one(self) -> Connection:
        self._open += 1
        try:
            return await self._connect()
        except BaseException:
            self._lose_one()
            raise

    def _lose_one(self) -> None:
        self._open -= 1
        self._emptied.set()
        self._wake_one()

    def _wake_one(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def _wait(self) -> Connection | None:
        if len(self._waiting) >= WAITING_MAX:
            raise Unavailable(reason="too many callers wait for a connection")
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(WAIT_TIMEOUT_S):
                return await waiter
        except TimeoutError as error:
            self._forsake(waiter)
            raise Unavailable(reason="no connection came free in time") from error
        except asyncio.CancelledError:
            self._forsake(waiter)
            raise

    def _forsake(self, waiter: "asyncio.Future[Connection | None]") -> None:
        # What was handed over in the very moment of giving up goes to the next in line.
        if not waiter.done() or waiter.cancelled():
            return
        connection = waiter.result()
        if connection is None:
            self._wake_one()
        else:
            self.give_back(connection)


async def _close(connection: Connection) -> None:
    with contextlib.suppress(*DRIVER_ERRORS):
        await connection.close(timeout=CLOSE_TIMEOUT_S)
