"""Backup and restore of files: from a disk or a bucket into either, and never in memory whole."""

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_asyncio

from stonechat.blobs.buckets import read_bucket
from stonechat.blobs.disk import DiskStore
from stonechat.blobs.s3 import BucketStore
from stonechat.blobs.store import PASSING, SHELVES, Store, new_name
from stonechat.kernel.clock import SystemClock
from stonechat.kernel.errors import InvalidInput, Unavailable
from stonechat.services import archives
from stonechat.services.archives import Contents
from stonechat.storage.database import WholeDatabase
from tests.bucket_server import KEY, SECRET, BucketServer
from tests.contract.operate.backups import Files, nothing, pack, unfinished, unpack
from tests.contract.operate.towns import everything

SIZE = 24 * 1024 * 1024
MEMORY_MAX = 6 * 1024 * 1024

Make = Callable[[str], Store]
Kept = dict[tuple[str, str], bytes]


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """A new store of a kind."""

    def made(kind: str) -> Store:
        if kind == "disk":
            return DiskStore(tmp_path / new_name("disk"))
        server: BucketServer = request.getfixturevalue("bucket_server")
        return BucketStore(read_bucket(server.create()), KEY, SECRET)

    return made


async def keep(store: Store, folder: Path, shelf: str, content: bytes, name: str = "") -> str:
    source = folder / "source"
    source.write_bytes(content)
    name = name or new_name("bin")
    await store.insert(shelf, name, source)
    return name


async def everything_in(store: Store) -> Kept:
    found: Kept = {}
    for shelf in SHELVES:
        async for name in store.list_names(shelf):
            blob = await store.find(shelf, name)
            assert blob is not None
            found[shelf, name] = await blob.read_all()
    return found


async def back_up(
    whole: WholeDatabase, store: Store, target: Path, progress: archives.Progress = nothing
) -> Contents:
    return await archives.back_up(
        whole, SystemClock(), blobs=store, target=target, progress=progress
    )


async def restore(whole: WholeDatabase, store: Store, source: Path) -> Contents:
    return await archives.restore(whole, blobs=store, source=source, progress=nothing)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> Store:
    """A disk with a file on each shelf, and two on one."""
    made = DiskStore(tmp_path / "ours")
    for shelf in (*SHELVES, "media"):
        await keep(made, tmp_path, shelf, os.urandom(1000))
    return made


@pytest.mark.parametrize("there", ["disk", "bucket"])
@pytest.mark.parametrize("here", ["disk", "bucket"])
async def test_files_go_from_any_store_into_any(
    make: Make, sqlite: WholeDatabase, tmp_path: Path, here: str, there: str
) -> None:
    ours, theirs, target = make(here), make(there), tmp_path / "site"
    for shelf in SHELVES:
        for size in (0, 10, 300_000):
            await keep(ours, tmp_path, shelf, os.urandom(size))
    made = await back_up(sqlite, ours, target)
    came = await restore(sqlite, theirs, target)
    assert made.files == came.files == 9
    expected = await everything_in(ours)
    kept = {key: content for key, content in expected.items() if key[0] not in PASSING}
    assert await everything_in(theirs) == kept
    # A second time there is nothing left to do.
    await restore(sqlite, theirs, target)
    assert await everything_in(theirs) == kept


async def test_a_video_is_never_in_memory_whole(
    make: Make, sqlite: WholeDatabase, tmp_path: Path
) -> None:
    ours, theirs, target = make("disk"), make("disk"), tmp_path / "site"
    name = await keep(ours, tmp_path, "media", b"")
    with (tmp_path / "source").open("r+b") as source:
        source.truncate(SIZE)
    await ours.insert("media", name, tmp_path / "source")
    tracemalloc.start()
    try:
        await back_up(sqlite, ours, target)
        await restore(sqlite, theirs, target)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEMORY_MAX < SIZE
    found = await theirs.find("media", name)
    assert found is not None
    assert found.size_bytes == SIZE


async def test_a_file_that_goes_meanwhile_is_left_out(
    store: Store, sqlite: WholeDatabase, make: Make, tmp_path: Path
) -> None:
    """Somebody deletes a status while the backup is under way."""

    def progress(label: str, done: int, total: int) -> None:
        if (label, done) == ("files", 1):
            assert total == 4
            for path in (tmp_path / "ours" / "media").rglob("*.bin"):
                path.unlink()

    target = tmp_path / "site"
    made = await back_up(sqlite, store, target, progress)
    there = make("disk")
    assert made.files == (await restore(sqlite, there, target)).files == 2
    assert {shelf for shelf, _ in await everything_in(there)} == {"pictures", "cards"}


async def test_a_damaged_copy_is_made_whole_and_a_whole_one_left_alone(
    store: Store, sqlite: WholeDatabase, tmp_path: Path
) -> None:
    target = tmp_path / "site"
    before = await everything_in(store)
    await back_up(sqlite, store, target)
    cut, whole = sorted((tmp_path / "ours" / "media").rglob("*.bin"))
    os.truncate(cut, 10)
    stands_since = whole.stat().st_mtime_ns
    await restore(sqlite, store, target)
    assert await everything_in(store) == before
    assert whole.stat().st_mtime_ns == stands_since


async def changed(archive: Path, change: Callable[[Files], None], *, recount: bool) -> Path:
    files, manifest = unpack(archive)
    change(files)
    pack(archive, files, manifest, recount=recount)
    return archive


async def test_a_damaged_file_in_an_archive_is_refused_before_a_row_is_touched(
    store: Store, sqlite: WholeDatabase, make: Make, tmp_path: Path
) -> None:
    """[S144]"""
    target, there = tmp_path / "site", make("disk")
    await back_up(sqlite, store, target)

    def damage(files: Files) -> None:
        name = next(each for each in files if each.startswith("media/"))
        files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])

    before = await everything(sqlite)
    with pytest.raises(InvalidInput, match=r"media/\w+\.bin is damaged"):
        await restore(sqlite, there, await changed(target, damage, recount=False))
    assert await everything(sqlite) == before
    whole_ones = (await everything_in(store)).items()
    assert (await everything_in(there)).items() <= whole_ones


async def test_a_file_above_the_bound_is_refused_before_anything_is_kept(
    store: Store,
    sqlite: WholeDatabase,
    make: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """[S144] What the server would never keep comes in by no backup either."""
    target, there = tmp_path / "site", make("disk")
    await back_up(sqlite, store, target)
    monkeypatch.setattr(archives, "BLOB_BYTES_MAX", 999)
    with pytest.raises(InvalidInput, match=r"the file \w+\.bin is too large"):
        await restore(sqlite, there, target)
    assert await everything_in(there) == {}


async def test_a_bucket_that_does_not_answer_ends_a_backup_and_leaves_the_old_one(
    sqlite: WholeDatabase, tmp_path: Path
) -> None:
    target = tmp_path / "site"
    target.write_bytes(b"the old one")
    dead = BucketStore(read_bucket("s3://town?endpoint=http://127.0.0.1:9"), KEY, SECRET)
    with pytest.raises(Unavailable):
        await back_up(sqlite, dead, target)
    assert target.read_bytes() == b"the old one"
    assert unfinished(tmp_path) == []
