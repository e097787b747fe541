"""`stonechat migrate`, `backup` and `restore`: the database as a whole.

All of them work beside a running server, and before its first start.
"""

import asyncio
import sys
from pathlib import Path

from stonechat.cli.progress import shown
from stonechat.cli.running import ensure_wanted
from stonechat.config import read_settings
from stonechat.http.logs import configure_logging
from stonechat.kernel.clock import SystemClock
from stonechat.services import archives
from stonechat.services.archives import Contents
from stonechat.services.rooms import migrate_database, open_database, open_store


def migrate() -> None:
    """Bring the database's schema up to date."""
    settings = read_settings()
    done = asyncio.run(migrate_database(settings, _say_file))
    if not done:
        sys.stderr.write("The schema is up to date.\n")


def _say_file(name: str, place: int, total: int) -> None:
    sys.stderr.write(f"{name} ({place} of {total})\n")


def backup(file: Path) -> None:
    """Write everything but the settings into one file, beside a running server.

    A file that is there is replaced when the new one is whole.
    """
    settings, target = read_settings(), file.absolute()
    configure_logging(settings)
    with shown() as progress:

        async def work() -> Contents:
            async with (
                open_database(settings, is_patient=True) as database,
                open_store(settings) as blobs,
            ):
                return await archives.back_up(
                    database, SystemClock(), blobs=blobs, target=target, progress=progress
                )

        made = asyncio.run(work())
    sys.stderr.write(f"{made.rows:,} rows and {made.files:,} files are in {file}.\n")


def restore(file: Path, *, yes: bool = False) -> None:
    """Put a backup in place of everything that is here, at once or not at all.

    It may come from the other engine. A running server goes on with what it finds afterwards.
    """
    settings, source = read_settings(), file.absolute()
    configure_logging(settings)
    if sys.stdin.isatty():
        ensure_wanted(f"Put {file} in place of everything in this database?", is_sure=yes)
    with shown() as progress:

        async def work() -> Contents:
            async with (
                open_database(settings, is_patient=True) as database,
                open_store(settings) as blobs,
            ):
                return await archives.restore(
                    database, blobs=blobs, source=source, progress=progress
                )

        found = asyncio.run(work())
    sys.stderr.write(f"{found.rows:,} rows and {found.files:,} files came out of {file}.\n")
