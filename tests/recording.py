"""A database that remembers what was asked of it: for counting statements and explaining them.

It passes everything on to a real one. `run_all` counts as one statement, as it costs one trip,
but each of its statements is remembered for itself.
"""

from collections.abc import Awaitable, Callable
from typing import Any, LiteralString, TypeVar

from stonechat.storage.database import Database, Row, Transaction

T = TypeVar("T")
Statement = tuple[LiteralString, tuple[Any, ...]]


class RecordingTransaction:
    """A transaction whose statements end up in a recorder."""

    def __init__(self, tx: Transaction, recorder: "RecordingDatabase") -> None:
        self._tx = tx
        self._recorder = recorder

    async def one(self, sql: LiteralString, *parameters: Any) -> Row | None:
        self._recorder.note((sql, parameters))
        return await self._tx.one(sql, *parameters)

    async def all(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        self._recorder.note((sql, parameters))
        return await self._tx.all(sql, *parameters)

    async def run(self, sql: LiteralString, *parameters: Any) -> int:
        self._recorder.note((sql, parameters))
        await self._recorder.interrupt(sql)
        return await self._tx.run(sql, *parameters)

    async def run_all(self, *statements: Statement) -> None:
        self._recorder.note(*statements)
        for sql, _ in statements:
            await self._recorder.interrupt(sql)
        await self._tx.run_all(*statements)


class RecordingDatabase:
    """A database, and every statement that it was given."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.engine: str = database.engine
        self.count = 0
        self.statements: list[Statement] = []
        self._interruption: tuple[str, Callable[[], Awaitable[object]]] | None = None

    def before(self, words: str, action: Callable[[], Awaitable[object]]) -> None:
        """Let something happen once, before a transaction runs a statement with these words.

        On PostgreSQL only: SQLite has one writer, and nothing can happen in between.
        """
        self._interruption = words, action

    async def interrupt(self, sql: str) -> None:
        """Do what was to happen before this statement."""
        if self._interruption is not None and self._interruption[0] in sql:
            _, action = self._interruption
            self._interruption = None
            await action()

    def note(self, *statements: Statement) -> None:
        """Remember one trip's statements; an empty trip is none."""
        self.count += bool(statements)
        self.statements += statements

    def forget(self) -> None:
        """Begin to count anew."""
        self.count = 0
        self.statements.clear()

    async def one(self, sql: LiteralString, *parameters: Any) -> Row | None:
        self.note((sql, parameters))
        return await self._database.one(sql, *parameters)

    async def all(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        self.note((sql, parameters))
        return await self._database.all(sql, *parameters)

    async def all_slow(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        self.note((sql, parameters))
        return await self._database.all_slow(sql, *parameters)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._database.write(lambda tx: work(RecordingTransaction(tx, self)))

    async def close(self) -> None:
        await self._database.close()
