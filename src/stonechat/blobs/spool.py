"""The spool: files on their way, below the data folder, for as long as somebody works on them.

Whoever receives or makes a file asks for a folder of their own (`working_folder`), which is gone
when the work is done, however it ended. A folder is locked by whoever works in it, and the lock
ends with its process: `sweep` takes away what a killed one left behind, and nothing else. No name
in the spool comes from a sender.
"""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, ParamSpec, TypeVar

from stonechat.blobs import files
from stonechat.blobs.store import refuse
from stonechat.kernel.secrets import new_secret

FOLDER: Final = "spool"
THREADS_MAX: Final = 4
WRITE_BYTES: Final = 256 * 1024
"""What is kept in memory of a file that is being received."""

T = TypeVar("T")
P = ParamSpec("P")

_threads: Final = ThreadPoolExecutor(THREADS_MAX, "spool")


async def _run(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(_threads, lambda: work(*args, **named))
    except OSError as error:
        raise refuse(error.strerror or type(error).__name__) from error


@asynccontextmanager
async def working_folder(data_dir: Path) -> AsyncGenerator[Path]:
    """An empty folder to work in, which is taken away at the end with all that is in it."""
    folder, lock = await _run(_open, data_dir / FOLDER)
    try:
        yield folder
    finally:
        # Even where the work was cancelled: nobody else would take it away before the next start.
        await asyncio.shield(_run(_remove, folder, lock))


async def sweep(data_dir: Path) -> int:
    """Take away the folders of processes that are no more; how many there were."""
    return await _run(_sweep, data_dir / FOLDER)


def _open(spool: Path) -> tuple[Path, int]:
    files.make_folders(spool.parent, spool)
    while True:
        folder = spool / new_secret()
        folder.mkdir(mode=files.FOLDER_MODE)
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            if _lock(lock) and os.fstat(lock).st_nlink:
                return folder, lock
            # Another process, which was just starting, has taken it for a dead one's.
            os.close(lock)


def _lock(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove(folder: Path, lock: int) -> None:
    try:
        shutil.rmtree(folder)
    finally:
        os.close(lock)


def _sweep(spool: Path) -> int:
    swept = 0
    for folder in spool.iterdir() if spool.is_dir() else ():
        with suppress(FileNotFoundError, NotADirectoryError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            if _lock(lock):
                _remove(folder, lock)
                swept += 1
            else:
                os.close(lock)
    return swept


class Growing:
    """A file in a working folder that is being received; it never is in memory whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        self._file: BinaryIO | None = None
        self._waiting = bytearray()

    async def write(self, chunk: bytes) -> None:
        """Add some bytes."""
        self.size_bytes += len(chunk)
        self._waiting += chunk
        if len(self._waiting) >= WRITE_BYTES:
            await self._flush()

    async def finish(self) -> None:
        """The file is whole, and can be read."""
        await self._flush()
        self.close()

    def close(self) -> None:
        """Write no more of it, whole or not; twice is once."""
        if self._file is not None:
            self._file.close()
            self._file = None

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, bytearray()
        await _run(self._append, waiting)

    def _append(self, waiting: bytearray) -> None:
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            handle = os.open(self.path, flags, files.FILE_MODE)
            # Unbuffered: what is written has left this process, and closing cannot fail.
            self._file = os.fdopen(handle, "ab", buffering=0)
        view = memoryview(waiting)
        while view:
            view = view[self._file.write(view) :]
