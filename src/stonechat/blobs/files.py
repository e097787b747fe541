"""Files: private ones on our own disk, made and seen to be there after a power cut.

Modes are given when a file or folder is made, never afterwards: there is no moment in which
others may look. What the files hold is for their callers.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
COPY_BYTES: Final = 1024 * 1024


@contextmanager
def making(path: Path) -> Generator[BinaryIO]:
    """A file for us alone, in place of what is there; it is taken away if the block fails.

    A link that is there is not followed.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, FILE_MODE), "wb") as file:
        try:
            yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def make_folders(root: Path, place: Path) -> list[Path]:
    """The folders from below `root` down to `place`, made where they lack; deepest first."""
    folders = [place, *place.parents]
    folders = folders[: folders.index(root)]
    # `mkdir` gives its mode to the last folder alone, so each is made by itself.
    root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    for folder in reversed(folders):
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    return folders


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
