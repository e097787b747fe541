"""PostgreSQL: reads and transactions on a few connections.

The server guesses the type of each `$n` from what stands beside it; where nothing does, it
guesses text or a small integer. Write `CAST($1 AS BIGINT)` in a list of results, in a WITH,
beside a bare number (`$1 + 1`, `id > $1 - 5`) and in `$1 IS NULL`. A column, LIMIT, IN after
a column and the values of an INSERT are enough. A SUM of BIGINT is no BIGINT: cast it. NUL in
a text is refused here, though not by SQLite, so it must be refused at the door.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from operator import attrgetter
from typing import Any, Final, LiteralString, TypeVar, cast

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from stonechat.kernel.errors import Unavailable
from stonechat.storage.database import Row, Snapshot, Transaction
from stonechat.storage.engines import postgres_checks, postgres_snapshots
from stonechat.storage.engines.postgres_errors import (
    DRIVER_ERRORS,
    is_lost,
    is_usable_after,
    raise_ours,
)
from stonechat.storage.engines.postgres_pool import Connection, Pool
from stonechat.storage.engines.postgres_transaction import PostgresTransaction

CONNECT_TIMEOUT_S: Final = 5
COMMAND_TIMEOUT_S: Final = 15.0
LOCK_TIMEOUT_S: Final = 5.0
IDLE_IN_TRANSACTION_TIMEOUT_S: Final = 10.0
ATTEMPTS_MAX: Final = 6
PAUSE_S_MIN: Final = 0.005
PAUSE_S_MAX: Final = 0.5
STATEMENTS_KEPT_MAX: Final = 512
STATEMENT_KEPT_BYTES_MAX: Final = 256 << 10

# The server stops a statement by itself and keeps the connection usable; the client's own
# limit is for a server or a network that does not answer at all.
_GRACE_S: Final = 2.0
_JITTER: Final = random.SystemRandom()
_CONNECT: Final = cast("Callable[..., Awaitable[Connection]]", asyncpg.connect)  # pyright: ignore[reportUnknownMemberType]
_ONE: Final = attrgetter("fetchrow")
_ALL: Final = attrgetter("fetch")

T = TypeVar("T")


class PostgresDatabase:
    """A PostgreSQL database and a pool of connections to it.

    Transactions are READ COMMITTED: somebody else may commit between two statements, so a
    unique key or the WHERE of the write decides, not what an earlier SELECT saw. A SELECT of a
    function that writes or locks goes through `run`: `one` and `all` may run before BEGIN.
    """

    engine: str = "postgres"

    def __init__(self, pool: Pool) -> None:
        """`open_postgres` is the way to get one."""
        self._pool = pool

    async def one(self, sql: LiteralString, *parameters: Any) -> Row | None:
        """The first row, or None."""
        return await self._read(_ONE, sql, parameters)

    async def all(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        """Every row."""
        return await self._read(_ALL, sql, parameters)

    async def all_slow(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        """Every row: nothing here stops the loop."""
        return await self._read(_ALL, sql, parameters)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in one transaction, again if it must be, and give its answer."""
        attempt = 1
        while True:
            connection = await self._pool.take()
            tx = PostgresTransaction(connection)
            try:
                answer = await work(tx)
                await tx.finish()
            except BaseException as error:
                await self._undo(connection, tx, error)
                if attempt == ATTEMPTS_MAX or not tx.may_repeat or not isinstance(error, Exception):
                    raise
            else:
                tx.end()
                self._pool.give_back(connection)
                return answer
            if not tx.is_usable:
                self._pool.drop_idle()
            await asyncio.sleep(_pause_s(attempt))
            attempt += 1

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Everything as it is now, to be read at leisure; writers go on."""
        return postgres_snapshots.open_snapshot(self._pool)

    async def integrity(self) -> list[str]:
        """What is broken, one sentence each; empty when all is sound."""
        return await postgres_checks.find_damage(self._pool)

    async def close(self) -> None:
        """Finish what was accepted, then close every connection."""
        await self._pool.close()

    async def _read(self, fetch: Callable[[Connection], Any], sql: str, parameters: Any) -> Any:
        is_last = False
        while True:
            connection = await self._pool.take()
            try:
                answer = await fetch(connection)(sql, *parameters)
            except DRIVER_ERRORS as error:
                is_closed = connection.is_closed()
                is_usable = is_usable_after(error, is_closed=is_closed)
                self._pool.put_away(connection, is_usable=is_usable)
                if is_last or not is_lost(error, is_closed=is_closed):
                    raise_ours(error, is_closed=is_closed)
            except BaseException:
                self._pool.drop(connection)
                raise
            else:
                self._pool.give_back(connection)
                return answer
            # The others were most likely lost with it: the second try opens a fresh one.
            self._pool.drop_idle()
            is_last = True

    async def _undo(
        self, connection: Connection, tx: PostgresTransaction, error: BaseException
    ) -> None:
        is_usable = tx.is_usable and isinstance(error, Exception)
        tx.end()
        try:
            if is_usable and tx.is_begun:
                is_usable = False
                with contextlib.suppress(*DRIVER_ERRORS):
                    await connection.execute("ROLLBACK")
                    is_usable = True
        finally:
            self._pool.put_away(connection, is_usable=is_usable)


def _pause_s(attempt: int) -> float:
    """Twice as long each time, and never the same for two that got in each other's way."""
    return min(PAUSE_S_MIN * 2**attempt, PAUSE_S_MAX) * _JITTER.uniform(0.5, 1.0)


async def _connect(url: str, command_timeout_s: float) -> Connection:
    settings = {
        "application_name": "stonechat",
        "jit": "off",
        "statement_timeout": _milliseconds(command_timeout_s),
        "lock_timeout": _milliseconds(LOCK_TIMEOUT_S),
        "idle_in_transaction_session_timeout": _milliseconds(IDLE_IN_TRANSACTION_TIMEOUT_S),
    }
    try:
        return await _CONNECT(
            url,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=command_timeout_s + _GRACE_S,
            statement_cache_size=STATEMENTS_KEPT_MAX,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=STATEMENT_KEPT_BYTES_MAX,
            server_settings=settings,
        )
    except (*DRIVER_ERRORS, ValueError) as error:
        raise Unavailable(reason=str(error) or type(error).__name__) from error


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))


async def open_postgres(
    url: str, *, pool_size: int = 8, command_timeout_s: float = COMMAND_TIMEOUT_S
) -> PostgresDatabase:
    """Connect to a `postgresql://` address; what is wrong with it is found out here."""
    pool = Pool(partial(_connect, url, command_timeout_s), pool_size)
    try:
        pool.give_back(await pool.take())
    except Unavailable as error:
        sentence = f"PostgreSQL cannot be reached: {error.details['reason']}"
        raise Unavailable(sentence) from error
    return PostgresDatabase(pool)
