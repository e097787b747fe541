"""The server under test: fresh for each test, once on SQLite and once on PostgreSQL."""

from pathlib import Path

import pytest

from stonechat.kernel.settings import Settings
from stonechat.storage.database import Database
from tests.contract.api import Api


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


@pytest.fixture
def api(database: Database, settings: Settings) -> Api:
    """A server with nobody on it."""
    return Api(database, settings)


@pytest.fixture
def sqlite_api(sqlite: Database, settings: Settings) -> Api:
    """A server with nobody on it, on SQLite alone: for what no engine has a part in."""
    return Api(sqlite, settings)
