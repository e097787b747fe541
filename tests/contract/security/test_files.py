"""S143: what the server writes is for the server's own user, whatever the umask says.

Database, pictures and backups: files 0600, folders 0700. The same is asked of a server in a
process of its own by tests/e2e/test_canary.py.
"""

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from stonechat.blobs import pictures
from stonechat.blobs.disk import DiskStore
from stonechat.blobs.store import SHELVES, new_name
from stonechat.services import archives
from stonechat.storage.engines.sqlite import open_sqlite
from stonechat.storage.migrations.runner import migrate
from tests.clocks import HeldClock


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """Everything below a folder that more than its owner may use."""
    return [
        f"{path.relative_to(folder)}: {stat.filemode(path.stat().st_mode)}"
        for path in sorted(folder.rglob("*"))
        if path.stat().st_mode & 0o077
    ]


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


async def test_s143_the_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "stonechat.db"
    database = await open_sqlite(path)
    try:
        await database.write(lambda tx: tx.run("CREATE TABLE one (id BIGINT)"))
        names = {each.name for each in path.parent.iterdir()}
        assert {"stonechat.db", "stonechat.db-wal", "stonechat.db-shm"} <= names
        assert open_to_others(tmp_path) == []
    finally:
        await database.close()


async def test_s143_pictures_are_for_their_owner_alone(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    blobs = DiskStore(data_dir)
    shape = pictures.Shape(8, 8, 1000)
    names = [await pictures.insert(blobs, data_dir, picture(), shape) for _ in range(2)]
    assert None not in names
    assert await pictures.insert(blobs, data_dir, b"no picture", shape) is None
    assert open_to_others(tmp_path) == []


async def test_s143_files_of_people_are_for_their_owner_alone(tmp_path: Path) -> None:
    blobs = DiskStore(tmp_path / "data")
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"anybody may read this one")
    for shelf in SHELVES:
        name = new_name("png")
        await blobs.insert(shelf, name, source)
        assert await blobs.fetch(shelf, name, target)
        assert open_to_others(tmp_path) == ["source: -rw-rw-rw-"]
        target.unlink()


async def test_s143_a_backup_is_for_its_owner_alone(tmp_path: Path) -> None:
    data_dir, target = tmp_path / "data", tmp_path / "backup.zip"
    database = await open_sqlite(data_dir / "stonechat.db")
    try:
        await migrate(database)
        blobs = DiskStore(data_dir)
        await pictures.insert(blobs, data_dir, picture(), pictures.Shape(8, 8, 1000))
        modes: list[list[str]] = []
        await archives.back_up(
            database,
            HeldClock(),
            blobs=blobs,
            target=target,
            # Half written it is no more open than whole.
            progress=lambda *_: modes.append(open_to_others(tmp_path)),
        )
    finally:
        await database.close()
    assert modes
    assert not any(modes)
    assert open_to_others(tmp_path) == []
    assert target.stat().st_size > 0
