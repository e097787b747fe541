"""The store: where files of people lie, and what every kind of store promises.

A file is called by a random name that says nothing but its kind, and it never changes: whoever
has one may keep it for ever. A name never comes from a sender; `new_name` makes it before
`insert`, and the database remembers it. Files stand on shelves, and what is on one shelf is never
found on another.

Nobody meets half a file, and a file is kept for good when `insert` returns: write the row that
names it afterwards, never before. What is no name is simply not there; so is what somebody
deleted a moment ago. A store that cannot be reached, or is full, raises `Unavailable`.
"""

import re
import secrets
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import structlog

from stonechat.kernel.errors import TooLarge, Unavailable

SHELVES: Final = ("pictures", "media", "cards", "uploads")
"""Avatars and headers; attachments; pictures of link cards; what waits to be processed."""
PASSING: Final = frozenset({"uploads"})
"""Shelves whose files are there for a moment only: no backup holds them."""
BLOB_BYTES_MAX: Final = 128 * 1024 * 1024
"""A video of 99 MB, and some room for what is made of it."""
CHUNK_BYTES_MAX: Final = 256 * 1024
"""`Blob.read` gives no more at a time; what is no longer than that comes along with `find`."""

_NAME: Final = re.compile(r"([0-9a-f]{2})([0-9a-f]{2})[0-9a-f]{28}\.[a-z0-9]{2,5}")
_log: Final = structlog.stdlib.get_logger()


def new_name(suffix: str) -> str:
    """A name that nobody can guess: 128 random bits, and the kind of file."""
    name = f"{secrets.token_hex(16)}.{suffix}"
    assert is_name(name), suffix
    return name


def is_name(name: str) -> bool:
    """Whether a file may be called so."""
    return _NAME.fullmatch(name) is not None


def find_place(shelf: str, name: str) -> str | None:
    """Where a file stands below the root of its store; None for a name that is none.

    It is the same on disk and in a bucket, so that one can be copied into the other. No folder
    gets long: the first letters of a name are the folders that it is in.
    """
    parts = _NAME.fullmatch(name)
    return f"{shelf}/{parts[1]}/{parts[2]}/{name}" if parts and shelf in SHELVES else None


def get_place(shelf: str, name: str) -> str:
    """The same for a name of ours."""
    place = find_place(shelf, name)
    assert place is not None, "a name that no code of ours made"
    return place


def ensure_size(size_bytes: int) -> None:
    """Refuse a file that no backup would hold."""
    if size_bytes > BLOB_BYTES_MAX:
        raise TooLarge(f"A file may have {BLOB_BYTES_MAX} bytes at most")


def refuse(reason: str) -> Unavailable:
    """What is raised where a store does not do its work; the reason is for the operator."""
    _log.warning("store.failed", reason=reason)
    return Unavailable(about="Files cannot be reached", reason=reason)


Reading = Callable[[int, int], AsyncGenerator[bytes]]
"""Gives the bytes from one place up to another, in chunks of at most CHUNK_BYTES_MAX."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file that was found, to be read as often as one likes, in whole or in part.

    One that is deleted meanwhile can be read to its end, unless it lies in a bucket: then the
    reading ends with NotFound.
    """

    size_bytes: int
    _head: bytes = field(repr=False)
    _rest: Reading = field(repr=False)

    async def read(self, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to but without `end`, in chunks; beyond the end are none."""
        assert start >= 0
        stop = self.size_bytes if end is None else min(end, self.size_bytes)
        head = self._head[start:stop]
        if head:
            yield head
        if start + len(head) < stop:
            async for chunk in self._rest(start + len(head), stop):
                yield chunk

    async def read_all(self) -> bytes:
        """The whole of a small file."""
        return b"".join([chunk async for chunk in self.read()])


class Store(Protocol):
    """What every store can do. `shelf` is one of SHELVES."""

    async def insert(self, shelf: str, name: str, source: Path) -> None:
        """Keep a copy of the file `source`, which is left alone.

        It is safe when this returns. A file of that name is replaced at once or not at all.
        """
        ...

    async def find(self, shelf: str, name: str) -> Blob | None:
        """A file by its name, whatever somebody may have sent as a name."""
        ...

    async def fetch(self, shelf: str, name: str, target: Path) -> bool:
        """Copy a file to `target`, for a program to read; whether there is such a file.

        What is at `target` is replaced; nothing is left there when this fails.
        """
        ...

    async def delete(self, shelf: str, name: str) -> None:
        """Take a file away, if it is there."""
        ...

    def list_names(self, shelf: str) -> AsyncGenerator[str]:
        """Every file on a shelf, in the order of their names."""
        ...

    async def close(self) -> None:
        """End what is under way, and let go of threads and connections."""
        ...
