"""Surroundings: the files and the disk that a site lies on."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from stonechat.blobs import pictures
from stonechat.domain.findings import FAULT, HINT, OK, Finding, judge_mode
from stonechat.kernel.settings import Settings
from stonechat.services.rooms import sqlite_path

FREE_BYTES_MIN: Final = 512 << 20
"""With less than this the next large upload or clean-up may not find room."""
_SUFFIXES: Final = ("", "-wal", "-shm")
_MEGABYTE: Final = 1 << 20


def examine_surroundings(settings: Settings, secrets: tuple[Path, ...]) -> Iterator[Finding]:
    """What is wrong with modes and space; `secrets` are files that only we may read besides."""
    if not settings.data_dir.is_dir():
        sentence = f"{settings.data_dir} is not there yet; the first start makes it."
        yield Finding(OK, "files", sentence)
        return
    files = [settings.data_dir, settings.data_dir / pictures.FOLDER, *_database(settings), *secrets]
    found = [
        fault
        for path in files
        if path.exists() and (fault := judge_mode(str(path), path.stat().st_mode)) is not None
    ]
    yield from found
    if not found:
        yield Finding(OK, "files", "Nobody else may read them.")
    yield _judge_space(settings)


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
