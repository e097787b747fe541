"""A small town for the operator's commands: three people who have to do with each other."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from stonechat.blobs.disk import DiskStore
from stonechat.storage.database import WholeDatabase
from stonechat.storage.engines.postgres import open_postgres
from stonechat.storage.engines.sqlite import open_sqlite
from stonechat.storage.migrations.runner import migrate
from tests.contract.api import Api
from tests.contract.operate.backups import back_up, keep
from tests.contract.operate.towns import Town, settle
from tests.postgres_server import Copies


@pytest.fixture
def whole(request: pytest.FixtureRequest, api: Api) -> WholeDatabase:
    """The database under the server, with what only the operator asks of it."""
    return request.getfixturevalue(api.env.db.engine)


@pytest_asyncio.fixture
async def town(api: Api) -> Town:
    """Three people, and whatever may lie between them."""
    return await settle(api)


@pytest_asyncio.fixture
async def archive(town: Town, whole: WholeDatabase, tmp_path: Path) -> Path:
    """A backup of the town, with a picture."""
    del town
    await keep(DiskStore(tmp_path), tmp_path, b"a picture")
    return await back_up(whole, tmp_path)


@pytest_asyncio.fixture
async def other_sqlite(tmp_path: Path) -> AsyncIterator[WholeDatabase]:
    """Another database, with nobody in it."""
    database = await open_sqlite(tmp_path / "other.db")
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
def other_url(postgres_copies: Copies) -> Iterator[str]:
    """The address of another database."""
    with postgres_copies.one() as url:
        yield url


@pytest_asyncio.fixture
async def other_postgres(other_url: str) -> AsyncIterator[WholeDatabase]:
    """Another database, with nobody in it."""
    database = await open_postgres(other_url)
    yield database
    await database.close()


@pytest.fixture(params=["other_sqlite", "other_postgres"], ids=["to-sqlite", "to-postgres"])
def other(request: pytest.FixtureRequest) -> WholeDatabase:
    """Another database, on one engine after the other."""
    return request.getfixturevalue(request.param)
