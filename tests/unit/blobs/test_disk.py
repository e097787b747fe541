"""The store on our own disk: what only a disk can do wrong."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stonechat.blobs.disk import PART_KEPT_MS, DiskStore
from stonechat.blobs.store import CHUNK_BYTES_MAX, SHELVES, is_name, new_name
from stonechat.kernel.errors import Unavailable

NAME = "abcd" + "0" * 28 + ".png"
CHILD = """
import asyncio, sys
from pathlib import Path
from stonechat.blobs.disk import DiskStore
from stonechat.blobs.store import new_name

async def main(folder: Path) -> None:
    store = DiskStore(folder / "data")
    while True:
        name = new_name("bin")
        source = folder / "source"
        source.write_bytes(name.encode() * 100_000)
        await store.insert("media", name, source)
        print(name, flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


async def keep(store: DiskStore, folder: Path, content: bytes, name: str = NAME) -> Path:
    source = folder / "source"
    source.write_bytes(content)
    await store.insert("media", name, source)
    return folder / "data" / "media" / name[:2] / name[2:4] / name


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "data")


def handles() -> list[Path]:
    """What this process has open."""
    return list(Path("/proc/self/fd").iterdir())


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if not path.is_dir())


async def test_the_place_of_a_picture_is_where_it_always_was(
    store: DiskStore, tmp_path: Path
) -> None:
    """Sites of Stonechat's first release have their pictures there."""
    place = tmp_path / "data" / "pictures" / "ab" / "cd" / NAME
    place.parent.mkdir(parents=True)
    place.write_bytes(b"an old picture")
    assert [name async for name in store.list_names("pictures")] == [NAME]
    blob = await store.find("pictures", NAME)
    assert blob is not None
    assert await blob.read_all() == b"an old picture"


async def test_modes_are_private(store: DiskStore, tmp_path: Path) -> None:
    path = await keep(store, tmp_path, b"x")
    assert path.stat().st_mode & 0o777 == 0o600
    for folder in [*path.parents][:4]:
        assert folder.stat().st_mode & 0o777 == 0o700
    assert path.parents[3] == tmp_path / "data"


async def test_a_file_that_is_deleted_is_read_to_its_end(store: DiskStore, tmp_path: Path) -> None:
    content = os.urandom(3 * CHUNK_BYTES_MAX)
    await keep(store, tmp_path, content)
    blob = await store.find("media", NAME)
    await store.delete("media", NAME)
    assert blob is not None
    assert await blob.read_all() == content


async def test_handles_are_given_back(store: DiskStore, tmp_path: Path) -> None:
    await keep(store, tmp_path, os.urandom(2 * CHUNK_BYTES_MAX))
    before = len(handles())
    for _ in range(50):
        blob = await store.find("media", NAME)
        assert blob is not None
        reading = blob.read()
        await anext(reading)
        await anext(reading)
        await reading.aclose()
        del blob, reading
    assert len(handles()) <= before + 1


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
async def test_what_is_no_plain_file_is_not_there(
    store: DiskStore, tmp_path: Path, kind: str
) -> None:
    """S098: a link that somebody planted leads nowhere, and a pipe holds up nobody."""
    secret = tmp_path / "stonechat.toml"
    secret.write_text("secret")
    path = await keep(store, tmp_path, b"x")
    path.unlink()
    match kind:
        case "link":
            path.symlink_to(secret)
        case "folder":
            path.mkdir()
        case _:
            os.mkfifo(path)
    async with asyncio.timeout(5):
        assert await store.find("media", NAME) is None
        assert not await store.fetch("media", NAME, tmp_path / "target")
        assert [name async for name in store.list_names("media")] == []
    assert not (tmp_path / "target").exists()


async def test_a_target_that_is_a_link_is_not_followed(store: DiskStore, tmp_path: Path) -> None:
    await keep(store, tmp_path, b"new")
    other, target = tmp_path / "other", tmp_path / "target"
    other.write_bytes(b"not ours to change")
    target.symlink_to(other)
    with pytest.raises(Unavailable):
        await store.fetch("media", NAME, target)
    assert other.read_bytes() == b"not ours to change"


async def test_files_in_the_wrong_place_are_not_listed(store: DiskStore, tmp_path: Path) -> None:
    path = await keep(store, tmp_path, b"x")
    for stray in (
        path.with_name("readme.txt"),
        path.with_name("ff" + NAME[2:]),
        path.parents[1] / NAME,
        path.parents[2] / NAME,
        path.parents[2] / "x.part",
    ):
        stray.write_bytes(b"x")
    assert [name async for name in store.list_names("media")] == [NAME]


async def test_a_disk_that_fails_leaves_what_was_there(
    store: DiskStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(store, tmp_path, b"before")

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("stonechat.blobs.disk.os.fsync", fail)
    with pytest.raises(Unavailable) as refused:
        await keep(store, tmp_path, b"after")
    assert refused.value.details["reason"] == "No space left on device"
    monkeypatch.undo()
    assert files(tmp_path / "data") == [NAME]
    blob = await store.find("media", NAME)
    assert blob is not None
    assert await blob.read_all() == b"before"


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder belongs")
    store = DiskStore(tmp_path / "data")
    with pytest.raises(Unavailable):
        await keep(store, tmp_path, b"x")
    assert await store.find("media", NAME) is None


async def test_file_and_folders_are_on_the_disk_before_it_says_so(
    store: DiskStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file before it gets its name, then each folder that may be as new as the file."""
    synced: list[Path] = []
    real = os.fsync

    def watch(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    monkeypatch.setattr("stonechat.blobs.disk.os.fsync", watch)
    path = await keep(store, tmp_path, b"x")
    first, *folders = synced
    assert (first.parent, first.suffix) == (path.parents[2], ".part")
    assert folders == [*path.parents][:4]


async def test_a_slow_disk_holds_up_nobody_else(store: DiskStore, tmp_path: Path) -> None:
    path = await keep(store, tmp_path, b"a file")
    assert path.exists()
    slow = tmp_path / "slow"
    os.mkfifo(slow)
    inserting = asyncio.create_task(store.insert("media", new_name("bin"), slow))
    async with asyncio.timeout(5):
        for _ in range(20):
            assert await store.find("media", NAME) is not None
        assert not inserting.done()
        (await asyncio.to_thread(slow.open, "wb")).close()
        await inserting


async def test_a_closed_store_says_so(store: DiskStore, tmp_path: Path) -> None:
    await keep(store, tmp_path, b"x")
    await store.close()
    with pytest.raises(Unavailable):
        await store.find("media", NAME)


async def test_what_was_half_written_long_ago_is_thrown_away(
    store: DiskStore, tmp_path: Path
) -> None:
    path = await keep(store, tmp_path, b"x")
    parts = [tmp_path / "data" / shelf / f"{'ab' * 16}.part" for shelf in SHELVES]
    for part in parts:
        part.parent.mkdir(exist_ok=True)
        part.write_bytes(b"half")
    written_ms = parts[0].stat().st_mtime_ns // 1_000_000
    await store.tidy(written_ms + PART_KEPT_MS)
    assert len(files(tmp_path / "data")) == 1 + len(SHELVES)
    await store.tidy(written_ms + PART_KEPT_MS + 60_000)
    assert files(tmp_path / "data") == [path.name]


def told_before_it_was_killed(folder: Path) -> list[str]:
    """The files that another process says it has kept."""
    command = [sys.executable, "-c", CHILD, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().strip() for _ in range(8)]
        child.kill()
        # What it had said by then counts, unless it was in the middle of a word.
        return told + [word for word in child.stdout.read().split() if is_name(word)]


async def test_nobody_meets_half_a_file_of_a_process_that_was_killed(
    store: DiskStore, tmp_path: Path
) -> None:
    told = await asyncio.to_thread(told_before_it_was_killed, tmp_path)
    listed = [name async for name in store.list_names("media")]
    assert set(told) <= set(listed)
    for name in listed:
        blob = await store.find("media", name)
        assert blob is not None
        assert await blob.read_all() == name.encode() * 100_000
