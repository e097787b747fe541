"""Fixtures for files that a process of its own makes."""

from collections.abc import Awaitable, Callable
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


Make = Callable[..., Awaitable[Result]]


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

    async def make(self, content: bytes, *, thumbnail: bytes | None = None) -> Result:
        """The file that is made of an upload."""
        source = self.put(content)
        picture = None if thumbnail is None else self.put(thumbnail)
        kind = workshop.kind_of(content[:4096]) or "picture"
        made = await workshop.make(source, self.folder, kind=kind, thumbnail=picture)
        preview = b"" if made.preview is None else made.preview.read_bytes()
        return Result(made, made.file.read_bytes(), preview)

    async def refusal(self, content: bytes) -> str:
        """Why a file is refused; nothing of it is left behind."""
        before = set(self.folder.iterdir())
        try:
            result = await self.make(content)
        except InvalidInput as error:
            left = {path for path in self.folder.iterdir() if not path.name.startswith("source")}
            assert left <= before, "a refused file leaves nothing behind"
            return error.message
        return f"it was made: {result.made}"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
