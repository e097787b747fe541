"""Pictures of profiles: what the decoder makes of an upload, ready for the store.

What a sender calls a file is not even looked at, and nothing of what was sent is kept but its
pixels. Where files lie is the store's (blobs/store.py).
"""

import asyncio
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from stonechat.blobs import files
from stonechat.blobs.spool import working_folder
from stonechat.blobs.store import Store, new_name
from stonechat.kernel.errors import Unavailable

SHELF: Final = "pictures"
DECODING_S_MAX: Final = 10.0
DECODERS_AT_ONCE_MAX: Final = 2
DECODERS_WAITING_MAX: Final = 16

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

    @contextmanager
    def place(self) -> Generator[None]:
        """A place in the queue; Unavailable where there is none left."""
        if self._waiting >= DECODERS_AT_ONCE_MAX + DECODERS_WAITING_MAX:
            raise Unavailable(reason="too many pictures are waiting")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def make(self, content: bytes, shape: Shape, target: Path) -> str | None:
        """What `_make` gives, once a thread is free."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _make, content, shape, target)


_decoders: Final = _Decoders()


async def insert(store: Store, data_dir: Path, content: bytes, shape: Shape) -> str | None:
    """Keep what the decoder makes of a picture; its name, or None where it is no picture."""
    with _decoders.place():
        async with working_folder(data_dir) as folder:
            target = folder / "picture"
            kind = await _decoders.make(content, shape, target)
            if kind is None:
                return None
            name = new_name(kind)
            await store.insert(SHELF, name, target)
            return name


def _make(content: bytes, shape: Shape, target: Path) -> str | None:
    """Write a picture, and tell which of our two kinds it is."""
    with files.making(target) as file:
        if not _decode(content, shape, file.fileno()):
            return None
    with target.open("rb") as made:
        return _KINDS.get(made.read(4))


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


def find_content_type(name: str) -> str | None:
    """What kind of file a name stands for; None where it is not one that we make."""
    return _TYPES.get(name.rpartition(".")[2])
