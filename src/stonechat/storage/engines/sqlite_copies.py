"""SQLite's file as a whole: a backup taken while it is used, and a check for damage.

Both run in a thread, with connections of their own. A backup is written beside its target and
renamed at the end, so that the target is never half a database; copying the file by hand
would miss what is still in the WAL.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from stonechat.kernel.errors import Unavailable
from stonechat.storage.engines.sqlite_connection import FILE_MODE, executor, open_reader

PAGES_PER_STEP: Final = 2048
DAMAGES_LISTED_MAX: Final = 100
_STRAYS: Final = 'SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT ?1'

Progress = Callable[[int, int], None]
"""Told after each step, in the thread: pages done, pages in all."""


def back_up(source: Path, target: Path, progress: Progress | None) -> None:
    """Copy the database into `target`, replacing it at once or not at all."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, FILE_MODE))
        _copy(source, part, progress)
        _sync(part)
        part.replace(target)
        _sync(target.parent)
    except (apsw.Error, OSError) as error:
        sentence = f"The backup {target} cannot be written: {error}"
        raise Unavailable(sentence) from error
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, target: Path, progress: Progress | None) -> None:
    reading = open_reader(source)
    writing = apsw.Connection(str(target))
    try:
        # The snapshot is held from here on: otherwise every commit of somebody else would
        # make the copy begin again.
        execute = executor(reading)
        execute("BEGIN")
        execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
        with writing.backup("main", reading, "main") as copy:
            while not copy.done:
                copy.step(PAGES_PER_STEP)
                if progress is not None:
                    progress(copy.page_count - copy.remaining, copy.page_count)
        execute("COMMIT")
    finally:
        writing.close()
        reading.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def find_damage(path: Path) -> list[str]:
    """What SQLite's own checks find, one sentence each; empty when the file is sound."""
    try:
        connection = open_reader(path)
        try:
            execute = executor(connection)
            rows = execute(f"PRAGMA integrity_check({DAMAGES_LISTED_MAX})").fetchall()
            strays = execute(_STRAYS, (DAMAGES_LISTED_MAX,)).fetchall()
        finally:
            connection.close()
    except apsw.Error as error:
        return [f"The file cannot be read as a database: {error}"]
    damages = [str(row[0]) for row in rows if row[0] != "ok"]
    return damages + [f"{row[0]} row {row[1]} points at a missing {row[2]}" for row in strays]
