"""Fixtures of PostgreSQL's own tests: a database with a table of notes."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from stonechat.storage.engines import postgres
from stonechat.storage.engines.postgres import PostgresDatabase, open_postgres
from tests.postgres_server import Copies
from tests.store.sessions import POOL_SIZE, SCHEMA, TIDY


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PAUSE_S_MAX", 0.02)


@pytest_asyncio.fixture
async def url(postgres_copies: Copies) -> AsyncIterator[str]:
    async with postgres_copies.one() as address:
        yield address
        with contextlib.suppress(asyncpg.InvalidCatalogNameError):  # a test may have dropped it
            connection = await asyncpg.connect(address)
            await connection.execute(TIDY)
            await connection.close()


@pytest_asyncio.fixture
async def notes(url: str) -> AsyncIterator[PostgresDatabase]:
    database = await open_postgres(url, pool_size=POOL_SIZE)
    await database.write(lambda tx: tx.run(SCHEMA))
    yield database
    await database.close()
