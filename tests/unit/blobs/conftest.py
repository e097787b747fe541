"""Fixtures for files that a process of its own makes."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from stonechat.blobs import workshop
from stonechat.kernel.errors import InvalidInput


class Result(NamedTuple):
    """What was made, with the bytes of its files."""

    made: workshop.Made
    file: bytes
    preview: bytes

    @property
    def original(self) -> dict[str, object]:
        original = self.made.meta["original"]
        assert isinstance(original, dict)
        return original


class Bench:
    """Makes files in a folder, and looks whether it leaves anything else there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

    def put(self, content: bytes) -> Path:
        """A file as it was uploaded; its name says nothing."""
        self._count += 1
        source = self.folder / f"source-{self._count}"
        source.write_bytes(content)
        return source

    def names(self) -> set[str]:
        """What lies in the folder."""
        return {path.name for path in self.folder.iterdir()}

    async def make(self, content: bytes, *, thumbnail: bytes | None = None) -> Result:
        """The file that is made of an upload."""
        picture = None if thumbnail is None else self.put(thumbnail)
        return await self._make(self.put(content), picture)

    async def _make(self, source: Path, thumbnail: Path | None = None) -> Result:
        with source.open("rb") as file:
            kind = workshop.kind_of(file.read(4096)) or "picture"
        made = await workshop.make(source, self.folder, kind=kind, thumbnail=thumbnail)
        preview = b"" if made.preview is None else made.preview.read_bytes()
        return Result(made, made.file.read_bytes(), preview)

    async def refusal(self, content: bytes) -> str:
        """Why an upload is refused; nothing of it is left behind."""
        return await self.refuse(self.put(content))

    async def refuse(self, source: Path) -> str:
        """The same for a file that is there."""
        try:
            result = await self._make(source)
        except InvalidInput as error:
            return error.message
        return f"it was made: {result.made}"

    @staticmethod
    def forget_peak() -> None:
        """From now on the kernel remembers anew how much memory this process had at most."""
        Path("/proc/self/clear_refs").write_text("5")


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so, but not for ever."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to that")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    assert not [name for name in bench.names() if name.endswith(".part")], "nothing is half made"
