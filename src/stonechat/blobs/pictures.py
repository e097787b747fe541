"""Pictures of profiles on disk: made by the decoder, kept under random names.

A name says nothing but what kind of file it is, and a file never changes, so whoever has one may
keep it for ever. What a sender calls a file is not even looked at. Files lie under
`pictures/ab/cd/`, after the first letters of their names, so that no folder gets long.
"""

import asyncio
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from stonechat.kernel.errors import Unavailable

DECODING_S_MAX: Final = 10.0
DECODERS_AT_ONCE_MAX: Final = 2
DECODERS_WAITING_MAX: Final = 16
FOLDER: Final = "pictures"
FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600

_NAME: Final = re.compile(r"([0-9a-f]{2})([0-9a-f]{2})[0-9a-f]{28}\.(jpg|png)")
_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png"}
_KINDS: Final = {b"\x89PNG": "png", b"\xff\xd8\xff\xe0": "jpg"}
"""How the two kinds of files that the decoder writes begin."""


class Shape(NamedTuple):
    """How large a picture is made, and how large it may come."""

    width: int
    height: int
    pixels_max: int


class _Decoders:
    """A thread for each decoder that may run, and a bounded queue before them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(DECODERS_AT_ONCE_MAX, "decoder")
        self._waiting = 0

    async def insert(self, folder: Path, content: bytes, shape: Shape) -> str | None:
        if self._waiting >= DECODERS_AT_ONCE_MAX + DECODERS_WAITING_MAX:
            raise Unavailable(reason="too many pictures are waiting")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, _insert, folder, content, shape)
        finally:
            self._waiting -= 1


_decoders: Final = _Decoders()


async def insert(data_dir: Path, content: bytes, shape: Shape) -> str | None:
    """Keep what the decoder makes of a picture; its name, or None where it is no picture."""
    return await _decoders.insert(data_dir / FOLDER, content, shape)


def _insert(folder: Path, content: bytes, shape: Shape) -> str | None:
    _make_folders(folder.parent, folder)
    # Written beside its place and then moved there: nobody ever meets half a picture.
    stem = secrets.token_hex(16)
    unfinished = folder / f"{stem}.part"
    handle = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE)
    try:
        with os.fdopen(handle, "rb+") as file:
            if not _decode(content, shape, file.fileno()):
                return None
            kind = _KINDS.get(os.pread(file.fileno(), 4, 0))
            if kind is None:
                return None
            os.fsync(file.fileno())
        place = folder / stem[:2] / stem[2:4]
        _make_folders(place.parent, place)
        unfinished.replace(place / f"{stem}.{kind}")
        _sync_folder(place)
        return f"{stem}.{kind}"
    finally:
        unfinished.unlink(missing_ok=True)


def _make_folders(*folders: Path) -> None:
    """Folders that nobody else looks into; `mkdir` gives its mode to the last one alone."""
    for folder in folders:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def _decode(content: bytes, shape: Shape, target: int) -> bool:
    command = [sys.executable, "-I", "-m", "stonechat.blobs.decoder", *map(str, shape)]
    try:
        # It is given nothing that we know: no settings, no secrets.
        done = subprocess.run(  # noqa: S603 - our own program; numbers are its only arguments
            command,
            input=content,
            stdout=target,
            stderr=subprocess.DEVNULL,
            env={},
            check=False,
            timeout=DECODING_S_MAX,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _path(data_dir: Path, name: str) -> Path | None:
    parts = _NAME.fullmatch(name)
    return None if parts is None else data_dir / FOLDER / parts[1] / parts[2] / name


def content_type(name: str) -> str:
    """What kind of file a name stands for."""
    return _TYPES[name.rpartition(".")[2]]


async def find(data_dir: Path, name: str) -> bytes | None:
    """The content of a file, or None where there is no such file or no such name."""
    path = _path(data_dir, name)
    if path is None:
        return None
    try:
        return await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        return None


async def delete(data_dir: Path, name: str) -> None:
    """Take a file away, if it is there."""
    path = _path(data_dir, name)
    if path is not None:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def list_names(data_dir: Path) -> Iterator[str]:
    """Every picture that is kept."""
    for path in sorted((data_dir / FOLDER).glob("??/??/*")):
        if _path(data_dir, path.name) == path and path.is_file() and not path.is_symlink():
            yield path.name


def is_name(name: str) -> bool:
    """Whether a picture may be called so."""
    return _NAME.fullmatch(name) is not None


def find_copy(data_dir: Path, name: str) -> bytes | None:
    """The content of a picture that is to go into a backup."""
    path = _path(data_dir, name)
    try:
        return None if path is None else path.read_bytes()
    except FileNotFoundError:
        return None


def insert_copy(data_dir: Path, name: str, content: bytes) -> None:
    """Keep a picture out of a backup under the name that it had."""
    path = _path(data_dir, name)
    assert path is not None
    if path.is_file() and path.stat().st_size == len(content):
        return
    _make_folders(data_dir, data_dir / FOLDER, path.parent.parent, path.parent)
    unfinished = path.with_name(f".{name}.{os.getpid()}.part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)
