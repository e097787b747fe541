"""Surroundings: the files, the disk and the bucket that a site lies on."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from stonechat.blobs.store import SHELVES, new_name
from stonechat.domain.findings import FAULT, HINT, OK, Finding, judge_mode
from stonechat.kernel.errors import Unavailable
from stonechat.kernel.settings import Settings
from stonechat.services.rooms import open_store, sqlite_path

FREE_BYTES_MIN: Final = 512 << 20
"""With less than this the next large upload or clean-up may not find room."""
PROBED: Final = "uploads"
"""The shelf on which a file of no worth is tried: no backup holds it, should it stay there."""
_SUFFIXES: Final = ("", "-wal", "-shm")
_MEGABYTE: Final = 1 << 20


def examine_surroundings(settings: Settings, secrets: tuple[Path, ...]) -> Iterator[Finding]:
    """What is wrong with modes and space; `secrets` are files that only we may read besides."""
    if not settings.data_dir.is_dir():
        sentence = f"{settings.data_dir} is not there yet; the first start makes it."
        yield Finding(OK, "files", sentence)
        return
    shelves = [settings.data_dir / shelf for shelf in SHELVES]
    files = [settings.data_dir, *shelves, *_database(settings), *secrets]
    found = [
        fault
        for path in files
        if path.exists() and (fault := judge_mode(str(path), path.stat().st_mode)) is not None
    ]
    yield from found
    if not found:
        yield Finding(OK, "files", "Nobody else may read them.")
    yield _judge_space(settings)


async def examine_store(settings: Settings) -> Finding | None:
    """Whether a bucket takes, gives and deletes; None where files lie on our own disk."""
    if not settings.media_store:
        return None
    name = new_name("probe")
    content = name.encode()
    try:
        async with open_store(settings) as blobs:
            with TemporaryDirectory(prefix="stonechat-") as folder:
                source = Path(folder) / "probe"
                source.write_bytes(content)
                await blobs.insert(PROBED, name, source)
            found = await blobs.find(PROBED, name)
            is_same = found is not None and await found.read_all() == content
            await blobs.delete(PROBED, name)
            is_gone = await blobs.find(PROBED, name) is None
    except Unavailable as error:
        sentence = (
            f"Files cannot be kept: {error.details['reason']}. Look at STONECHAT_MEDIA_STORE, its"
            " key and its secret."
        )
        return Finding(FAULT, "store", sentence)
    if not is_same or not is_gone:
        return Finding(FAULT, "store", "The bucket does not give back what it was given.")
    return Finding(OK, "store", "The bucket takes, gives and deletes.")


def _database(settings: Settings) -> list[Path]:
    path = sqlite_path(settings)
    if path is None:
        return []
    return [path.with_name(path.name + suffix) for suffix in _SUFFIXES]


def _judge_space(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_dir).free
    used = sum(path.stat().st_size for path in _database(settings) if path.exists())
    there = f"{free // _MEGABYTE:,} MB are free on the disk of {settings.data_dir}"
    if free < FREE_BYTES_MIN:
        return Finding(FAULT, "disk", f"Only {there}: make room, or writing will soon fail.")
    if free < 2 * used:
        return Finding(
            HINT, "disk", f"{there}, less than twice the database: a restore may not fit."
        )
    return Finding(OK, "disk", f"{there}.")
