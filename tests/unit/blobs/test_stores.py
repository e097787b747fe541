"""What every store promises, asked of the disk and of a bucket.

S098, S102: names are random, never a sender's, and whatever is no name is not there.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio

from stonechat.blobs import store as port
from stonechat.blobs.buckets import read_bucket
from stonechat.blobs.disk import DiskStore
from stonechat.blobs.s3 import PART_BYTES, WINDOW_BYTES, BucketStore
from stonechat.blobs.store import (
    CHUNK_BYTES_MAX,
    PASSING,
    SHELVES,
    Store,
    find_place,
    is_name,
    new_name,
)
from stonechat.kernel.errors import TooLarge
from tests.bucket_server import KEY, SECRET, BucketServer

LARGE = os.urandom(3 * CHUNK_BYTES_MAX + WINDOW_BYTES + 5)


@pytest_asyncio.fixture(params=["disk", "bucket"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store, of one kind after the other."""
    if request.param == "disk":
        made: Store = DiskStore(tmp_path / "data")
    else:
        server: BucketServer = request.getfixturevalue("bucket_server")
        made = BucketStore(read_bucket(server.create()), KEY, SECRET)
    yield made
    await made.close()


async def keep(store: Store, folder: Path, content: bytes, shelf: str = "media") -> str:
    source, name = folder / "source", new_name("bin")
    source.write_bytes(content)
    await store.insert(shelf, name, source)
    assert source.read_bytes() == content
    return name


async def content_of(store: Store, name: str, shelf: str = "media") -> bytes | None:
    blob = await store.find(shelf, name)
    return None if blob is None else await blob.read_all()


async def listed(store: Store, shelf: str) -> list[str]:
    return [name async for name in store.list_names(shelf)]


@pytest.mark.parametrize(
    "size",
    [
        0,
        1,
        CHUNK_BYTES_MAX - 1,
        CHUNK_BYTES_MAX,
        CHUNK_BYTES_MAX + 1,
        WINDOW_BYTES + CHUNK_BYTES_MAX,
        12 * 1024 * 1024,
    ],
)
async def test_what_goes_in_comes_out(store: Store, tmp_path: Path, size: int) -> None:
    """The largest goes into a bucket in parts."""
    assert PART_BYTES < 12 * 1024 * 1024
    content = os.urandom(size)
    name = await keep(store, tmp_path, content)
    blob = await store.find("media", name)
    assert blob is not None
    assert blob.size_bytes == size
    chunks = [chunk async for chunk in blob.read()]
    assert b"".join(chunks) == content
    assert all(0 < len(chunk) <= CHUNK_BYTES_MAX for chunk in chunks)
    target = tmp_path / "target"
    assert await store.fetch("media", name, target)
    assert target.read_bytes() == content
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 1),
        (0, None),
        (5, 5),
        (7, 3),
        (CHUNK_BYTES_MAX - 1, CHUNK_BYTES_MAX + 1),
        (CHUNK_BYTES_MAX, None),
        (CHUNK_BYTES_MAX + 3, 2 * CHUNK_BYTES_MAX),
        (100, len(LARGE) - 1),
        (len(LARGE) - 1, len(LARGE)),
        (len(LARGE) - 1, 10**12),
        (len(LARGE), None),
        (10**12, None),
    ],
)
async def test_a_part_is_that_part(
    store: Store, tmp_path: Path, start: int, end: int | None
) -> None:
    name = await keep(store, tmp_path, LARGE)
    blob = await store.find("media", name)
    assert blob is not None
    # Twice: a blob is no stream that is used up.
    for _ in range(2):
        chunks = [chunk async for chunk in blob.read(start, end)]
        assert b"".join(chunks) == LARGE[start:end]
        assert all(0 < len(chunk) <= CHUNK_BYTES_MAX for chunk in chunks)


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(
    store: Store, tmp_path: Path
) -> None:
    name = await keep(store, tmp_path, b"a file")
    other = await keep(store, tmp_path, b"another")
    for _ in range(2):
        await store.delete("media", name)
        assert await store.find("media", name) is None
        assert await listed(store, "media") == [other]
    target = tmp_path / "target"
    assert not await store.fetch("media", name, target)
    assert not target.exists()
    assert await content_of(store, other) == b"another"


async def test_shelves_do_not_know_each_other(store: Store, tmp_path: Path) -> None:
    names = {shelf: await keep(store, tmp_path, shelf.encode(), shelf) for shelf in SHELVES}
    for shelf in SHELVES:
        assert await listed(store, shelf) == [names[shelf]]
        for other, name in names.items():
            expected = shelf.encode() if shelf == other else None
            assert await content_of(store, name, shelf) == expected
    assert set(SHELVES) > PASSING


async def test_a_file_of_the_same_name_is_replaced(store: Store, tmp_path: Path) -> None:
    name = await keep(store, tmp_path, b"damaged")
    source = tmp_path / "source"
    source.write_bytes(b"whole again")
    await store.insert("media", name, source)
    assert await content_of(store, name) == b"whole again"
    assert await listed(store, "media") == [name]


async def test_what_is_there_at_the_target_is_replaced(store: Store, tmp_path: Path) -> None:
    name = await keep(store, tmp_path, b"new")
    target = tmp_path / "target"
    target.write_bytes(b"old and longer")
    assert await store.fetch("media", name, target)
    assert target.read_bytes() == b"new"


async def test_every_file_is_listed_however_many_there_are(store: Store, tmp_path: Path) -> None:
    """More than one page of a bucket."""
    source = tmp_path / "source"
    source.write_bytes(b"x")
    names = sorted(new_name("jpg") for _ in range(1100))
    assert await listed(store, "cards") == []
    for start in range(0, len(names), 50):
        some = names[start : start + 50]
        await asyncio.gather(*(store.insert("cards", name, source) for name in some))
    assert sorted(await listed(store, "cards")) == names


async def test_what_no_backup_would_hold_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "BLOB_BYTES_MAX", 10)
    await keep(store, tmp_path, b"x" * 10)
    with pytest.raises(TooLarge):
        await keep(store, tmp_path, b"x" * 11)
    assert len(await listed(store, "media")) == 1


def test_a_video_of_99_mb_has_room() -> None:
    assert port.BLOB_BYTES_MAX > 99 * 1024 * 1024


NO_NAMES = [
    "",
    ".",
    "..",
    "x",
    "../x",
    "../../x",
    "/etc/passwd",
    "con",
    "-rf",
    "a\0.png",
    "x" * 10_240,
    "0" * 32,
    "0" * 32 + ".",
    "0" * 32 + ".jpg\n",
    "0" * 32 + ".JPG",
    "0" * 32 + ".j/g",
    "0" * 32 + ".toolong",
    "0" * 31 + "g.jpg",
    "0" * 33 + ".jpg",
    "A" * 32 + ".jpg",
    "\N{ARABIC-INDIC DIGIT ZERO}" * 32 + ".jpg",
    "00/00/" + "0" * 32 + ".jpg",
]


@pytest.mark.parametrize("name", NO_NAMES)
async def test_s098_what_is_no_name_is_not_there(store: Store, tmp_path: Path, name: str) -> None:
    """S098: names of senders never get as far as a disk; where they do, nothing is there."""
    beside = tmp_path / "x"
    beside.write_text("a file of ours")
    kept = await keep(store, tmp_path, b"a file")
    assert not is_name(name)
    assert await store.find("media", name) is None
    assert not await store.fetch("media", name, tmp_path / "target")
    await store.delete("media", name)
    assert beside.exists()
    assert not (tmp_path / "target").exists()
    assert await listed(store, "media") == [kept]
    with pytest.raises(AssertionError):
        await store.insert("media", name, beside)


@pytest.mark.parametrize("shelf", ["", "..", "media/..", "../media", "stonechat.db", "Media"])
async def test_s098_what_is_no_shelf_holds_nothing(
    store: Store, tmp_path: Path, shelf: str
) -> None:
    name = await keep(store, tmp_path, b"a file")
    assert await store.find(shelf, name) is None
    assert not await store.fetch(shelf, name, tmp_path / "target")
    await store.delete(shelf, name)
    assert await listed(store, "media") == [name]
    with pytest.raises(AssertionError):
        await store.insert(shelf, name, tmp_path / "source")


def test_s102_names_cannot_be_guessed() -> None:
    """S102: 128 random bits each; none follows from another one."""
    names = [new_name("mp4") for _ in range(2000)]
    assert all(is_name(name) and len(name) == 36 for name in names)
    assert len(set(names)) == len({name[:20] for name in names}) == len(names)
    bits = "".join(f"{int(name[:32], 16):0128b}" for name in names)
    assert 0.49 < bits.count("1") / len(bits) < 0.51
    gaps = {int(b[:32], 16) - int(a[:32], 16) for a, b in pairwise(names)}
    assert len(gaps) == len(names) - 1


@pytest.mark.parametrize("suffix", ["", "x", "toolong", "j/g", "JPG", "../x"])
def test_a_suffix_is_a_short_word(suffix: str) -> None:
    with pytest.raises(AssertionError):
        new_name(suffix)


def test_a_file_has_the_same_place_everywhere() -> None:
    name = "abcd" + "0" * 28 + ".png"
    assert find_place("pictures", name) == f"pictures/ab/cd/{name}"


async def test_reading_stops_where_the_reader_does(store: Store, tmp_path: Path) -> None:
    name = await keep(store, tmp_path, LARGE)
    blob = await store.find("media", name)
    assert blob is not None
    reading = blob.read()
    assert await anext(reading) == LARGE[:CHUNK_BYTES_MAX]
    assert await anext(reading) == LARGE[CHUNK_BYTES_MAX : 2 * CHUNK_BYTES_MAX]
    await reading.aclose()
    start = time.monotonic()
    await store.close()
    assert time.monotonic() - start < 5
