"""The server under test: fresh for each test, once on SQLite and once on PostgreSQL."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import pytest

from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from stonechat.storage.engines.postgres import open_postgres
from stonechat.storage.engines.sqlite import open_sqlite
from tests.contract.api import Api
from tests.contract.routers import SharingRouter
from tests.postgres_server import Copies
from tests.store.explain import assert_no_scans


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of the server under test; a test module may override this fixture."""
    return Settings(
        data_dir=tmp_path,
        database_url="",
        base_url="http://stonechat.test",
        registrations="open",
        rate_limits=False,
        log_level="error",
    )


@pytest.fixture(scope="session", autouse=True)
def shared_paths() -> Iterator[None]:
    """Every server under test has the same paths: Falcon makes the tree of them once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("falcon.routing.DefaultRouter", SharingRouter)
        yield


# Tables that stay small however much is said and however many people there are.
# Of categories there are at most limits.CATEGORIES_MAX.
SMALL_TABLES = {"categories", "facts", "processes", "schema_migrations"}

Seen = dict[LiteralString, tuple[object, ...]]


@pytest.fixture(scope="session")
def statements(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Seen]]:
    """Every statement that the tests of this process ran, by engine.

    At the end each of them is explained on its engine: none may read the whole of a table that
    grows. A fault is reported with the last test of the session.
    """
    seen: dict[str, Seen] = {"sqlite": {}, "postgres": {}}
    yield seen
    path = tmp_path_factory.mktemp("explain") / "stonechat.db"
    shutil.copyfile(sqlite_template, path)
    asyncio.run(_explain_on_sqlite(path, seen["sqlite"]))


async def _explain_on_sqlite(path: Path, seen: Seen) -> None:
    database = await open_sqlite(path)
    try:
        await assert_no_scans(database, seen.items(), SMALL_TABLES)
    finally:
        await database.close()


@pytest.fixture(scope="session")
def postgres_statements(statements: dict[str, Seen], postgres_copies: Copies) -> Iterator[Seen]:
    """What ran on PostgreSQL; explained at the end, too."""
    yield statements["postgres"]
    with postgres_copies.one() as url:
        asyncio.run(_explain_on_postgres(url, statements["postgres"]))


async def _explain_on_postgres(url: str, seen: Seen) -> None:
    database = await open_postgres(url)
    try:
        await assert_no_scans(database, seen.items(), SMALL_TABLES)
    finally:
        await database.close()


def _remember(api: Api, seen: Seen) -> None:
    for sql, parameters in api.recorder.statements:
        seen.setdefault(sql, parameters)


@pytest.fixture
def sqlite_api(sqlite: Database, settings: Settings, statements: dict[str, Seen]) -> Iterator[Api]:
    """A server with nobody on it, on SQLite alone: for what no engine has a part in."""
    api = Api(sqlite, settings)
    yield api
    _remember(api, statements["sqlite"])


@pytest.fixture
def postgres_api(
    postgres: Database, settings: Settings, postgres_statements: Seen
) -> Iterator[Api]:
    """A server with nobody on it, on PostgreSQL."""
    api = Api(postgres, settings)
    yield api
    _remember(api, postgres_statements)


@pytest.fixture(params=["sqlite_api", "postgres_api"], ids=["sqlite", "postgres"])
def api(request: pytest.FixtureRequest) -> Api:
    """A server with nobody on it, on one engine after the other."""
    return request.getfixturevalue(request.param)
