"""Fixtures that every test may use: a freshly migrated database on each engine.

`database` runs every test twice, on SQLite and on PostgreSQL. Both copy a template that was
migrated once. STONECHAT_TEST_PRE_ONLY=1 leaves out the `post` migrations: that is what old and
new code share while a new release is rolled out.
"""

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from stonechat.services import passwords
from stonechat.storage.database import Database
from stonechat.storage.engines.postgres import PostgresDatabase, open_postgres
from stonechat.storage.engines.sqlite import SqliteDatabase, open_sqlite
from stonechat.storage.migrations.runner import migrate
from tests.bucket_server import BucketServer, running_bucket_server
from tests.postgres_server import Copies, PostgresServer, running_server

PRE_ONLY = os.environ.get("STONECHAT_TEST_PRE_ONLY") == "1"
GC_FIRST_THRESHOLD = 20_000


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the garbage collector need not walk through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_FIRST_THRESHOLD, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def costly_hasher() -> Iterator[PasswordHasher]:
    """What hashes passwords on a real server, for the test of what that costs.

    Meanwhile hashes are cheap ones of the same kind: nearly every test makes a few accounts.
    """
    costly: PasswordHasher = getattr(passwords, "_hasher")  # noqa: B009 - private on purpose
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))
        yield costly


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[BucketServer]:
    """A server that speaks S3."""
    with running_bucket_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "stonechat.db"

    async def make() -> None:
        database = await open_sqlite(path)
        await migrate(database, pre_only=PRE_ONLY)
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def postgres_copies(postgres_server: PostgresServer) -> Iterator[Copies]:
    async def make() -> str:
        name = await postgres_server.create()
        database = await open_postgres(postgres_server.url_of(name))
        await migrate(database, pre_only=PRE_ONLY)
        await database.close()
        return name

    copies = Copies(postgres_server, asyncio.run(make()))
    yield copies
    copies.drop()


@pytest.fixture
def postgres_url(postgres_copies: Copies) -> Iterator[str]:
    """The address of a migrated PostgreSQL database."""
    with postgres_copies.one() as url:
        yield url


@pytest_asyncio.fixture
async def sqlite(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """A migrated SQLite database."""
    path = tmp_path / "stonechat.db"
    shutil.copyfile(sqlite_template, path)
    database = await open_sqlite(path)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def postgres(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    """A migrated PostgreSQL database."""
    database = await open_postgres(postgres_url)
    yield database
    await database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated database, on one engine after the other."""
    return request.getfixturevalue(request.param)
