"""A real server in a process of its own, on each engine."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.servers import Server, Site, free_port, serving
from tests.postgres_server import PostgresServer


@pytest.fixture(params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A data folder and, on PostgreSQL, an empty database; nothing runs on it yet."""
    if request.param == "sqlite":
        yield Site(tmp_path, free_port())
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = asyncio.run(server.create())
    yield Site(tmp_path, free_port(), server.url_of(name))
    asyncio.run(server.drop(name))


@pytest.fixture
def server(site: Site) -> Iterator[Server]:
    """A running server that nobody has an account on but its owner."""
    with serving(site) as running:
        yield running
