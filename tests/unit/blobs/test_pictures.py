"""Pictures of profiles: made whole or not at all, and kept under names of our own."""

import asyncio
from pathlib import Path

import pytest

from stonechat.blobs import pictures
from stonechat.blobs.disk import DiskStore
from stonechat.kernel.errors import Unavailable
from tests.pictures import opened, plain

SHAPE = pictures.Shape(40, 20, 1_000_000)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def test_what_is_made_is_kept_under_a_name_of_its_kind(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    name = await pictures.insert(store, tmp_path, plain(), SHAPE)
    assert name is not None
    assert pictures.find_content_type(name) == "image/jpeg"
    blob = await store.find(pictures.SHELF, name)
    assert blob is not None
    assert opened(await blob.read_all()).size == (40, 20)


@pytest.mark.parametrize("name", ["", "x", "0" * 32 + ".gif", "0" * 32 + ".svg"])
def test_what_we_do_not_make_has_no_type(name: str) -> None:
    assert pictures.find_content_type(name) is None


async def test_what_is_no_picture_leaves_nothing(tmp_path: Path) -> None:
    assert await pictures.insert(DiskStore(tmp_path), tmp_path, b"no picture", SHAPE) is None
    assert files(tmp_path) == []


async def test_what_takes_too_long_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "DECODING_S_MAX", 0.01)
    assert await pictures.insert(DiskStore(tmp_path), tmp_path, plain(), SHAPE) is None
    assert files(tmp_path) == []


async def test_the_queue_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "DECODERS_WAITING_MAX", 1)
    store = DiskStore(tmp_path)
    jobs = [pictures.insert(store, tmp_path, plain(), SHAPE) for _ in range(5)]
    done = await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(isinstance(each, Unavailable) for each in done) == 2
    names = [each for each in done if isinstance(each, str)]
    assert len(set(names)) == len(files(tmp_path)) == 3
