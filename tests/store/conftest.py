"""Fixtures of PostgreSQL's own tests: a database with a table of notes."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from stonechat.storage.engines import postgres
from stonechat.storage.engines.postgres import PostgresDatabase, open_postgres
from tests.store.sessions import POOL_SIZE, SCHEMA, TIDY


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PAUSE_S_MAX", 0.02)


@pytest_asyncio.fixture
async def url(postgres_url: str) -> AsyncIterator[str]:
    yield postgres_url
    with contextlib.suppress(asyncpg.InvalidCatalogNameError):  # a test may have dropped it
        connection = await asyncpg.connect(postgres_url)
        await connection.execute(TIDY)
        await connection.close()


@pytest_asyncio.fixture
async def notes(url: str) -> AsyncIterator[PostgresDatabase]:
    database = await open_postgres(url, pool_size=POOL_SIZE)
    await database.write(lambda tx: tx.run(SCHEMA))
    yield database
    await database.close()
