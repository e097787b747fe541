"""What every floor above the engines knows of a database.

A transaction is a function: `await db.write(work)`. On SQLite the writer thread drives
`work(tx)` to its end inside a savepoint of a batch that many callers share; on PostgreSQL it
runs on a connection of its own, and is run again after a serialisation failure. So `work`
awaits nothing but `tx`, has no other effect, and its answer is given only after the commit.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, LiteralString, Protocol, TypeVar

T = TypeVar("T")
Row = tuple[Any, ...]


class Reader(Protocol):
    """Runs statements with `$1`, `$2` … parameters; every row is tuple-like."""

    async def one(self, sql: LiteralString, *parameters: object) -> Row | None:
        """The first row, or None."""
        ...

    async def all(self, sql: LiteralString, *parameters: object) -> list[Row]:
        """Every row."""
        ...


class Transaction(Reader, Protocol):
    """A Reader inside a write transaction."""

    async def run(self, sql: LiteralString, *parameters: object) -> int:
        """Run a statement that gives no rows; the number of rows that it changed."""
        ...

    async def run_all(self, *statements: tuple[LiteralString, tuple[object, ...]]) -> None:
        """Run statements none of which needs to see what another one wrote.

        An engine may send them in one trip, in which case all of them see the database as it
        was before the first. So no two of them may change the same row, either.
        """
        ...


class Database(Reader, Protocol):
    """One open database: reads on the loop, writes as functions."""

    engine: str
    """`sqlite` or `postgres`."""

    async def all_slow(self, sql: LiteralString, *parameters: object) -> list[Row]:
        """Like `all`, for a statement that may take longer than a millisecond.

        On SQLite it runs in a reader thread, so that it does not stop the loop.
        """
        ...

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in one transaction and give its answer after the commit."""
        ...

    async def close(self) -> None:
        """Finish what was accepted, then close every connection."""
        ...


class Snapshot(Reader, Protocol):
    """A database as it was in one moment, whatever is written meanwhile."""

    def batches(self, sql: LiteralString, size: int) -> AsyncIterator[list[Row]]:
        """Every row that a statement without parameters gives, `size` of them at a time."""
        ...


class WholeDatabase(Database, Protocol):
    """A database with what only the operator asks of it."""

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Everything as it is now, to be read at leisure; writers go on."""
        ...

    async def integrity(self) -> list[str]:
        """What is broken, one sentence each; empty when all is sound."""
        ...
