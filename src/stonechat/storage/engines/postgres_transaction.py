"""One PostgreSQL transaction, in as few trips to the server as its statements allow.

A trip costs more than most statements, so two are left out where nothing can tell. Plain
SELECTs at the start run before BEGIN: at READ COMMITTED each statement has a snapshot of its
own anyway. And a write set that turns out to be the only writing is sent alone, without BEGIN
and COMMIT. Hence `run_all` may report a failure only at the end of the transaction.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, LiteralString, NoReturn, cast

from stonechat.kernel.errors import StonechatError, Unavailable
from stonechat.storage.database import Row
from stonechat.storage.engines.placeholders import TEXTS_MAX, joined
from stonechat.storage.engines.postgres_errors import (
    DRIVER_ERRORS,
    is_lost,
    is_safe_to_repeat,
    is_usable_after,
    raise_ours,
)
from stonechat.storage.engines.postgres_pool import Connection

STATEMENTS_PER_TRIP_MAX: Final = 64
PARAMETERS_PER_TRIP_MAX: Final = 32_767
"""The protocol's own bound."""

_Statement = tuple[str, tuple[Any, ...]]


@lru_cache(TEXTS_MAX)
def _is_plain_read(sql: str) -> bool:
    return sql.startswith("SELECT") and " FOR " not in sql


class _Ended:
    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError("This transaction is over")


class PostgresTransaction:
    """What a transaction sees: one connection, for as long as it runs."""

    __slots__ = (
        "_connection",
        "_is_committing",
        "_late",
        "failure",
        "is_begun",
        "is_usable",
        "may_repeat",
    )

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._late: tuple[_Statement, ...] = ()
        self._is_committing = False
        self.is_begun = False
        self.is_usable = True
        """Whether the connection can still be used, for a ROLLBACK to begin with."""
        self.may_repeat = False
        """Whether it failed in such a way that it may as well be run again."""
        self.failure: Exception | None = None

    async def one(self, sql: LiteralString, *parameters: Any) -> Row | None:
        """The first row, or None."""
        if self.is_begun or self._late or not _is_plain_read(sql):
            await self._enter()
        try:
            return await self._connection.fetchrow(sql, *parameters)
        except DRIVER_ERRORS as error:
            self._fail(error)

    async def all(self, sql: LiteralString, *parameters: Any) -> list[Row]:
        """Every row."""
        if self.is_begun or self._late or not _is_plain_read(sql):
            await self._enter()
        try:
            return await self._connection.fetch(sql, *parameters)
        except DRIVER_ERRORS as error:
            self._fail(error)

    async def run(self, sql: LiteralString, *parameters: Any) -> int:
        """Run a statement that gives no rows; the number of rows that it changed."""
        await self._enter()
        tag = await self._send(sql, *parameters)
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdecimal() else 0

    async def run_all(self, *statements: tuple[LiteralString, tuple[Any, ...]]) -> None:
        """Run INSERTs, UPDATEs and DELETEs none of which needs to see what another one wrote.

        No two of them may change the same row: the server would carry out one of the two.
        """
        if self._late:
            await self._enter()
        self._late = statements
        if self.is_begun:
            await self._enter()

    async def finish(self) -> None:
        """Commit; what failed before fails here too, even if `work` took it lightly."""
        if self.failure is not None:
            raise self.failure
        if not self.is_begun:
            trips = list(_trips(self._late))
            if len(trips) <= 1:
                self._is_committing = True
                for text, parameters in trips:
                    await self._send(text, *parameters)
                return
        await self._enter()
        self._is_committing = True
        tag = await self._send("COMMIT")
        if tag != "COMMIT":
            raise Unavailable(reason="the server rolled the transaction back")

    def end(self) -> None:
        """Refuse every statement from now on: the connection is somebody else's."""
        self._connection = cast("Connection", _Ended())

    async def _enter(self) -> None:
        """Be inside BEGIN, with everything sent that was put off."""
        if not self.is_begun:
            self.is_begun = True
            await self._send("BEGIN")
        late, self._late = self._late, ()
        for text, parameters in _trips(late):
            await self._send(text, *parameters)

    async def _send(self, text: str, *parameters: Any) -> str:
        try:
            return await self._connection.execute(text, *parameters)
        except DRIVER_ERRORS as error:
            self._fail(error)

    def _fail(self, error: Exception) -> NoReturn:
        is_closed = self._connection.is_closed()
        self.is_usable = is_usable_after(error, is_closed=is_closed)
        # Once the commit is on its way, a lost connection may mean that it was done.
        self.may_repeat = is_safe_to_repeat(error) or (
            is_lost(error, is_closed=is_closed) and not self._is_committing
        )
        self.failure = error
        try:
            raise_ours(error, is_closed=is_closed)
        except StonechatError as ours:
            self.failure = ours
            raise


def _trips(statements: Iterable[_Statement]) -> Iterator[_Statement]:
    """The statements, joined into as few as the bounds allow."""
    texts: list[str] = []
    parameters: list[Any] = []
    for text, own in statements:
        is_full = len(texts) == STATEMENTS_PER_TRIP_MAX
        if texts and (is_full or len(parameters) + len(own) > PARAMETERS_PER_TRIP_MAX):
            yield joined(tuple(texts)), tuple(parameters)
            texts, parameters = [], []
        texts.append(text)
        parameters += own
    if texts:
        yield joined(tuple(texts)), tuple(parameters)
