"""SQLite's writer: one thread that commits the jobs of many callers together.

Every job runs in a savepoint of its own, so that a failing one undoes nothing but itself; one
COMMIT makes a whole batch durable, and only then does any caller hear of it. A job never
suspends: it is driven with one `send`, on a thread that has no event loop. Do not look for a
timer that waits for a batch to fill: while one commit reaches the disk, the next one gathers.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from queue import SimpleQueue
from typing import Any, Final, LiteralString, NoReturn, TypeVar

import apsw

from stonechat.kernel.errors import StonechatError, Unavailable
from stonechat.storage.database import Row, Transaction
from stonechat.storage.engines.placeholders import SqliteTexts
from stonechat.storage.engines.sqlite_connection import executor, raise_ours

BATCH_JOBS_MAX: Final = 256
WAITING_JOBS_MAX: Final = 4096

T = TypeVar("T")
_Work = Callable[[Transaction], Awaitable[Any]]
_Job = tuple[_Work, "asyncio.Future[Any]"]
_Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]


class SqliteTransaction:
    """What a job sees: the writer's connection, for as long as the job runs."""

    __slots__ = ("_connection", "_execute", "_texts", "failure")

    def __init__(self, connection: apsw.Connection, texts: SqliteTexts) -> None:
        self._connection = connection
        self._execute = executor(connection)
        self._texts = texts
        self.failure: BaseException | None = None

    async def one(self, sql: LiteralString, *parameters: Any) -> Row | None:
        """The first row, or None."""
        try:
            return self._execute(self._texts[sql], parameters).fetchone()
        except apsw.Error as error:
            self._fail(error)

    async def all(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        """Every row."""
        try:
            return self._execute(self._texts[sql], parameters).fetchall()
        except apsw.Error as error:
            self._fail(error)

    async def run(self, sql: LiteralString, *parameters: Any) -> int:
        """Run a statement that gives no rows; the number of rows that it changed."""
        try:
            # To the end: a script stops where a statement of it gives a row.
            self._execute(self._texts[sql], parameters).fetchall()
        except apsw.Error as error:
            self._fail(error)
        return self._connection.changes()

    async def run_all(self, *statements: tuple[LiteralString, tuple[Any, ...]]) -> None:
        """Run statements none of which needs to see what another one wrote, in their order."""
        try:
            for sql, parameters in statements:
                self._execute(self._texts[sql], parameters)
        except apsw.Error as error:
            self._fail(error)

    def end(self) -> None:
        """Refuse every statement from now on."""
        self._execute = _refuse

    def _fail(self, error: apsw.Error) -> NoReturn:
        # As on PostgreSQL, where nothing more can be done in such a transaction.
        self._execute = _refuse
        try:
            raise_ours(error)
        except (apsw.Error, StonechatError) as failure:
            self.failure = failure
            raise


def _refuse(*_: object) -> NoReturn:
    raise RuntimeError("This transaction is over: it has ended, or a statement of it failed")


async def _answer(work: Callable[[Transaction], Awaitable[T]], tx: SqliteTransaction) -> T:
    answer = await work(tx)
    if tx.failure is not None:
        raise tx.failure
    return answer


def _drive(work: Callable[[Transaction], Awaitable[T]], tx: SqliteTransaction) -> T:
    steps = _answer(work, tx)
    try:
        steps.send(None)
    except StopIteration as end:
        return end.value
    steps.close()
    raise RuntimeError("A transaction awaited something other than its database")


class SqliteWriter:
    """The writing thread, and the queue in front of it. All methods belong to the loop."""

    def __init__(self, connection: apsw.Connection, texts: SqliteTexts) -> None:
        self._connection = connection
        self._execute = executor(connection)
        self._texts = texts
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._waiting = 0
        self._is_closed = False
        self._ended: asyncio.Future[None] = self._loop.create_future()
        # A daemon: what was not yet committed was not yet acknowledged, so a program that
        # falls over without closing loses nothing that it had promised.
        threading.Thread(target=self._run, name="sqlite-writer", daemon=True).start()

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in a savepoint and give its answer after the commit.

        The job is carried out even if its caller stops waiting for it.
        """
        if self._is_closed:
            raise Unavailable(reason="the database is closed")
        if self._waiting >= WAITING_JOBS_MAX:
            raise Unavailable(reason="too many transactions are waiting")
        future: asyncio.Future[T] = self._loop.create_future()
        self._waiting += 1
        self._queue.put((work, future))
        return await future

    async def finish(self) -> None:
        """Accept nothing more, and wait until everything accepted is done."""
        if not self._is_closed:
            self._is_closed = True
            self._queue.put(None)
        await asyncio.shield(self._ended)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            batch, is_last = self._take()
            if batch:
                self._loop.call_soon_threadsafe(self._settle, self._commit(batch))
        self._loop.call_soon_threadsafe(self._ended.set_result, None)

    def _take(self) -> tuple[list[_Job], bool]:
        queue = self._queue
        batch: list[_Job] = []
        while not batch or (len(batch) < BATCH_JOBS_MAX and not queue.empty()):
            job = queue.get()
            if job is None:
                return batch, True
            batch.append(job)
        return batch, False

    def _commit(self, batch: list[_Job]) -> list[_Outcome]:
        try:
            self._execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(work, future) for work, future in batch]
            self._execute("COMMIT")
        except apsw.Error as error:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            return [(future, None, _lost(error)) for _, future in batch]
        return outcomes

    def _attempt(self, work: _Work, future: "asyncio.Future[Any]") -> _Outcome:
        tx = SqliteTransaction(self._connection, self._texts)
        answer, failure = None, None
        self._execute("SAVEPOINT job")
        try:
            answer = _drive(work, tx)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
            # A full disk or an I/O error may have undone the whole batch. There is no
            # savepoint to go back to then, which fails here, and all of the batch with it.
            self._execute("ROLLBACK TO job")
            failure = error
        tx.end()
        self._execute("RELEASE job")
        return future, answer, failure

    def _settle(self, outcomes: list[_Outcome]) -> None:
        self._waiting -= len(outcomes)
        for future, answer, failure in outcomes:
            if future.done():
                continue
            if failure is None:
                future.set_result(answer)
            else:
                future.set_exception(failure)


def _lost(error: apsw.Error) -> Unavailable:
    # One for each caller: an exception that many tasks raise would gather all their frames.
    failure = Unavailable(reason=str(error))
    failure.__cause__ = error
    return failure
