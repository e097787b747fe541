"""The store on our own disk: `SHELF/ab/cd/NAME` below the data folder.

All work on the disk is done in threads of our own: a disk that stalls holds up neither the loop
nor the threads that hash passwords. A file is written beside its place and moved there when it is
on the disk, so nobody meets half of it; what a power cut leaves half-written ends in `.part`
and is thrown away a day later, when some other process opens the store.
"""

import asyncio
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from stonechat.blobs import files
from stonechat.blobs.store import (
    CHUNK_BYTES_MAX,
    SHELVES,
    Blob,
    ensure_size,
    find_place,
    get_place,
    refuse,
)

THREADS_MAX: Final = 8
PART_KEPT_MS: Final = 86_400_000
_PART: Final = ".part"
_FOLDER: Final = re.compile(r"[0-9a-f]{2}")
_ABSENT: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""No such file; or a link in its place, which is no file of ours."""

T = TypeVar("T")
P = ParamSpec("P")


class DiskStore:
    """Files below a folder that only we may look into."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir
        self._threads = ThreadPoolExecutor(THREADS_MAX, "blobs")
        self._is_closed = False

    async def insert(self, shelf: str, name: str, source: Path) -> None:
        """Keep a copy of the file `source`, which is left alone."""
        await self._run(self._insert, shelf, get_place(shelf, name), source)

    async def find(self, shelf: str, name: str) -> Blob | None:
        """A file by its name, whatever somebody may have sent as a name."""
        place = find_place(shelf, name)
        return None if place is None else await self._run(self._find, place)

    async def fetch(self, shelf: str, name: str, target: Path) -> bool:
        """Copy a file to `target`; whether there is such a file."""
        place = find_place(shelf, name)
        return place is not None and await self._run(self._fetch, place, target)

    async def delete(self, shelf: str, name: str) -> None:
        """Take a file away, if it is there."""
        place = find_place(shelf, name)
        if place is not None:
            await self._run((self._root / place).unlink, missing_ok=True)

    async def list_names(self, shelf: str) -> AsyncGenerator[str]:
        """Every file on a shelf, a folder at a time."""
        assert shelf in SHELVES
        for folder in await self._run(_folders, self._root / shelf):
            for name in await self._run(_names, shelf, folder):
                yield name

    async def tidy(self, now_ms: int) -> None:
        """Throw away what was half-written long ago, by a process that is no more."""
        await self._run(self._tidy, now_ms - PART_KEPT_MS)

    async def close(self) -> None:
        """End what is under way."""
        self._is_closed = True
        await asyncio.to_thread(self._threads.shutdown)

    async def _run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        if self._is_closed:
            raise refuse("it is closed")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, lambda: work(*args, **named))
        except OSError as error:
            raise refuse(error.strerror or type(error).__name__) from error

    def _insert(self, shelf: str, place: str, source: Path) -> None:
        target = self._root / place
        with source.open("rb") as reading:
            ensure_size(os.fstat(reading.fileno()).st_size)
            folders = files.make_folders(self._root, target.parent)
            part = self._root / shelf / f"{secrets.token_hex(16)}{_PART}"
            with files.making(part) as writing:
                shutil.copyfileobj(reading, writing, files.COPY_BYTES)
                writing.flush()
                os.fsync(writing.fileno())
                part.replace(target)
        # A folder may be as new as the file, and its own name stands in the one above it.
        for folder in (*folders, self._root):
            files.sync_folder(folder)

    def _find(self, place: str) -> Blob | None:
        opened = _open(self._root / place)
        if opened is None:
            return None
        head = opened.read(0, CHUNK_BYTES_MAX)

        async def read_on(start: int, end: int) -> AsyncGenerator[bytes]:
            while start < end:
                chunk = await self._run(opened.read, start, min(end, start + CHUNK_BYTES_MAX))
                if not chunk:
                    raise refuse("a file is shorter than it was")
                start += len(chunk)
                yield chunk

        return Blob(opened.size_bytes, head, read_on)

    def _fetch(self, place: str, target: Path) -> bool:
        opened = _open(self._root / place)
        if opened is None:
            return False
        with (
            os.fdopen(opened.handle, "rb", closefd=False) as reading,
            files.making(target) as writing,
        ):
            shutil.copyfileobj(reading, writing, files.COPY_BYTES)
        return True

    def _tidy(self, before_ms: int) -> None:
        for shelf in SHELVES:
            for part in (self._root / shelf).glob(f"*{_PART}"):
                # Another process may be tidying up as well.
                with suppress(FileNotFoundError):
                    if part.lstat().st_mtime_ns // 1_000_000 < before_ms:
                        part.unlink()


class _Opened:
    """An open file, for as long as somebody holds on to it: it can be read after its deletion."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        state = os.fstat(handle)
        self.is_plain = stat.S_ISREG(state.st_mode)
        self.size_bytes = state.st_size

    def read(self, start: int, end: int) -> bytes:
        """The bytes from one place up to another, as far as there are any."""
        return os.pread(self.handle, end - start, start)

    def __del__(self) -> None:
        os.close(self.handle)


def _open(path: Path) -> _Opened | None:
    try:
        opened = _Opened(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise
    return opened if opened.is_plain else None


def _folders(shelf: Path) -> list[Path]:
    """The folders of a shelf that may hold files: one for each first two letters."""
    try:
        return sorted(each for each in shelf.iterdir() if _FOLDER.fullmatch(each.name))
    except FileNotFoundError:
        return []


def _names(shelf: str, folder: Path) -> list[str]:
    found: list[str] = []
    for second in _folders(folder):
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(second) as entries:
            found += [
                entry.name
                for entry in entries
                if find_place(shelf, entry.name)
                == f"{shelf}/{folder.name}/{second.name}/{entry.name}"
                and entry.is_file(follow_symlinks=False)
            ]
    return sorted(found)
