"""The migration runner, on small schemas of its own, and the real schema once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stonechat.storage.database import Database
from stonechat.storage.engines.postgres import open_postgres
from stonechat.storage.engines.sqlite import open_sqlite
from stonechat.storage.migrations.runner import (
    DIRECTORY,
    MigrationRefused,
    SchemaVersion,
    current_version,
    migrate,
)
from tests.postgres_server import PostgresServer

Opener = Callable[[], Any]

_CATS = "CREATE TABLE cats (id BIGINT PRIMARY KEY, name TEXT, picture BYTEA, weight REAL);"
_DOGS = """
-- The owner's dogs; only: a comment.
CREATE TABLE dogs (
    owner_id BIGINT NOT NULL, id BIGINT NOT NULL, size DOUBLE PRECISION, PRIMARY KEY (owner_id, id)
) /* pairs */;
CREATE INDEX dogs_by_id ON dogs (id);
-- only: sqlite
INSERT INTO cats (id, name) VALUES (1, 'sqlite');
-- end
-- only: postgres
INSERT INTO cats (id, name) VALUES (1, 'postgres');
-- end
INSERT INTO cats (id, name) VALUES (2, 'both');
"""


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def opener(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens one and the same empty database, as often as one likes."""
    if request.param == "sqlite":
        yield lambda: open_sqlite(tmp_path / "empty.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    async with server.database() as url:
        yield lambda: open_postgres(url)


@pytest_asyncio.fixture
async def empty(opener: Opener) -> AsyncIterator[Database]:
    database = await opener()
    yield database
    await database.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_cats.pre.sql").write_text(_CATS)
    (folder / "0002_dogs.pre.sql").write_text(_DOGS)
    (folder / "0002_no_weight.post.sql").write_text("ALTER TABLE cats DROP COLUMN weight")
    (folder / "runner.py").write_text("not a migration")
    return folder


ALL = ["0001_cats.pre", "0002_dogs.pre", "0002_no_weight.post"]


async def test_an_empty_database_has_no_version(empty: Database) -> None:
    assert await current_version(empty) == SchemaVersion(0, 0)


async def test_everything_is_applied_once_and_in_order(empty: Database, directory: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def progress(name: str, place: int, total: int) -> None:
        told.append((name, place, total))

    assert await migrate(empty, directory=directory, progress=progress) == ALL
    assert told == [(name, place, 3) for place, name in enumerate(ALL, 1)]
    assert await current_version(empty) == SchemaVersion(2, 2)
    rows = await empty.all("SELECT name FROM cats ORDER BY id")
    assert [row[0] for row in rows] == [empty.engine, "both"]
    assert await empty.all("SELECT size FROM dogs") == []

    assert await migrate(empty, directory=directory, progress=progress) == []
    assert len(told) == 3
    ledger = await empty.all("SELECT name, checksum, applied_ms FROM schema_migrations")
    assert sorted(row[0] for row in ledger) == ALL
    assert all(len(row[1]) == 64 and row[2] > 1_700_000_000_000 for row in ledger)


async def test_post_files_wait(empty: Database, directory: Path) -> None:
    assert await migrate(empty, directory=directory, pre_only=True) == ALL[:2]
    assert await current_version(empty) == SchemaVersion(2, 0)
    await empty.all("SELECT weight FROM cats")
    assert await migrate(empty, directory=directory) == ALL[2:]
    with pytest.raises(Exception, match="weight"):
        await empty.all("SELECT weight FROM cats")


async def test_two_at_once_apply_each_file_once(
    opener: Opener, empty: Database, directory: Path
) -> None:
    other = await opener()
    applied = await asyncio.gather(
        *(migrate(database, directory=directory) for database in (empty, other, empty))
    )
    assert sorted(name for names in applied for name in names) == ALL
    assert await empty.all("SELECT id FROM dogs") == []
    await other.close()


async def test_a_failing_file_is_undone_and_the_ones_before_stay(
    empty: Database, directory: Path
) -> None:
    broken = directory / "0002_dogs.pre.sql"
    broken.write_text(_DOGS + "; INSERT INTO nowhere VALUES (1);")
    with pytest.raises(Exception, match="nowhere"):
        await migrate(empty, directory=directory)
    assert await current_version(empty) == SchemaVersion(1, 0)
    broken.write_text(_DOGS)
    assert await migrate(empty, directory=directory) == ALL[1:]


async def test_a_changed_file_is_refused(empty: Database, directory: Path) -> None:
    await migrate(empty, directory=directory)
    (directory / "0001_cats.pre.sql").write_text(_CATS + " ")
    with pytest.raises(MigrationRefused, match=r"0001_cats\.pre was changed"):
        await migrate(empty, directory=directory)


async def test_line_ends_do_not_matter(empty: Database, directory: Path) -> None:
    await migrate(empty, directory=directory)
    (directory / "0002_dogs.pre.sql").write_bytes(_DOGS.replace("\n", "\r\n").encode())
    assert await migrate(empty, directory=directory) == []


async def test_newer_schema_is_welcome_while_it_only_adds(empty: Database, directory: Path) -> None:
    newer = directory / "0003_birds.pre.sql"
    newer.write_text("CREATE TABLE birds (id BIGINT PRIMARY KEY)")
    await migrate(empty, directory=directory)
    newer.unlink()
    assert await migrate(empty, directory=directory) == []
    assert await current_version(empty) == SchemaVersion(3, 2)


async def test_newer_schema_that_took_something_away_is_refused(
    empty: Database, directory: Path
) -> None:
    newer = directory / "0003_no_names.post.sql"
    newer.write_text("ALTER TABLE cats DROP COLUMN name")
    await migrate(empty, directory=directory)
    newer.unlink()
    with pytest.raises(MigrationRefused, match="knows schema 3; this one knows 2"):
        await migrate(empty, directory=directory)


async def test_another_past_is_refused(empty: Database, directory: Path) -> None:
    await migrate(empty, directory=directory)
    (directory / "0001_cats.pre.sql").rename(directory / "0001_felines.pre.sql")
    with pytest.raises(MigrationRefused, match=r"0001_cats\.pre, which this Stonechat"):
        await migrate(empty, directory=directory)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("3_short.pre.sql", "", "is not called NNNN_what"),
        ("0003_birds.sql", "", "is not called NNNN_what"),
        ("0002_birds.pre.sql", "", "have the same number"),
        ("0003_birds.pre.sql", "-- only: sqlite\nSELECT 1;\n", "line 2: the end of the file"),
        ("0003_birds.pre.sql", "-- end\n", "line 1: -- end is out of place"),
        ("0003_birds.pre.sql", "-- only: mysql\n-- end\n", "line 1: -- only: mysql"),
        (
            "0003_birds.pre.sql",
            "-- only: sqlite\n-- only: postgres\n-- end\n-- end\n",
            "line 2: -- only: postgres",
        ),
    ],
)
async def test_badly_made_files_are_refused_before_anything_is_applied(
    tmp_path: Path, directory: Path, name: str, text: str, sentence: str
) -> None:
    (directory / name).write_text(text)
    database = await open_sqlite(tmp_path / "empty.db")
    with pytest.raises(MigrationRefused, match=sentence):
        await migrate(database, directory=directory)
    assert await current_version(database) == SchemaVersion(0, 0)
    await database.close()


async def test_a_file_may_be_empty_for_one_engine(empty: Database, directory: Path) -> None:
    text = "-- only: sqlite\nCREATE TABLE birds (id BIGINT PRIMARY KEY);\n-- end\n"
    (directory / "0003_birds.pre.sql").write_text(text)
    (directory / "0004_nothing.pre.sql").write_text("")
    assert await migrate(empty, directory=directory) == [*ALL, "0003_birds.pre", "0004_nothing.pre"]


async def test_a_statement_that_gives_rows_does_not_end_the_file(
    empty: Database, directory: Path
) -> None:
    text = "SELECT 1; CREATE TABLE birds (id BIGINT PRIMARY KEY); SELECT 2;"
    (directory / "0003_birds.pre.sql").write_text(text)
    await migrate(empty, directory=directory)
    assert await empty.all("SELECT id FROM birds") == []


async def test_the_real_schema_is_applied_in_two_steps(empty: Database) -> None:
    names = {path.stem for path in DIRECTORY.glob("*.sql")}
    applied = await migrate(empty, pre_only=True)
    assert {name for name in names if name.endswith(".pre")} == set(applied)
    assert {*applied, *await migrate(empty)} == names
    assert (await current_version(empty)).version == max(int(name[:4]) for name in names)
