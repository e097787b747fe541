"""An environment for services, on each engine."""

from pathlib import Path

import pytest

from stonechat.blobs.disk import DiskStore
from stonechat.kernel.ids import IdSource
from stonechat.kernel.seals import Seals
from stonechat.kernel.settings import Settings
from stonechat.services.env import Env
from stonechat.storage.database import Database
from tests.clocks import HeldClock
from tests.outside import Outside


@pytest.fixture
def env(database: Database, tmp_path: Path) -> Env:
    """Services over a fresh database, with a clock that stands still."""
    clock = HeldClock()
    settings = Settings(tmp_path, "", base_url="http://stonechat.test")
    blobs = DiskStore(tmp_path)
    return Env(
        database,
        clock,
        IdSource(clock, 0),
        settings,
        lambda: None,
        lambda _kind, _key: None,
        blobs=blobs,
        seals=Seals(bytes(32)),
        web=Outside().web(settings.base_url),
    )
