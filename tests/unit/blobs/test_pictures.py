"""Files of pictures: kept whole or not at all, found by their names alone."""

import asyncio
from pathlib import Path

import pytest

from stonechat.blobs import pictures
from stonechat.kernel.errors import Unavailable
from tests.pictures import opened, plain

SHAPE = pictures.Shape(40, 20, 1_000_000)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def test_insert_find_delete(tmp_path: Path) -> None:
    name = await pictures.insert(tmp_path, plain(), SHAPE)
    assert name is not None
    assert pictures.content_type(name) == "image/jpeg"
    content = await pictures.find(tmp_path, name)
    assert content is not None
    assert opened(content).size == (40, 20)
    await pictures.delete(tmp_path, name)
    await pictures.delete(tmp_path, name)
    assert await pictures.find(tmp_path, name) is None
    assert files(tmp_path) == []


@pytest.mark.parametrize("name", ["", "x", "../x", "0" * 32 + ".gif", "0" * 32 + ".jpg\n"])
async def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_text("a file")
    assert await pictures.find(tmp_path, name) is None
    await pictures.delete(tmp_path, name)
    assert len(files(tmp_path)) == 1


async def test_what_takes_too_long_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "DECODING_S_MAX", 0.01)
    assert await pictures.insert(tmp_path, plain(), SHAPE) is None
    assert files(tmp_path) == []


async def test_the_queue_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "DECODERS_WAITING_MAX", 1)
    jobs = [pictures.insert(tmp_path, plain(), SHAPE) for _ in range(5)]
    done = await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(isinstance(each, Unavailable) for each in done) == 2
    names = [each for each in done if isinstance(each, str)]
    assert len(set(names)) == len(files(tmp_path)) == 3
