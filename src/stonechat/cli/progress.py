"""Progress of long work: a bar at a terminal, a plain line now and then elsewhere.

Both go to standard error. Reports may come from another thread than the command's own.
"""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, TextIO

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much it is in all."""

LINE_EVERY_S: Final = 2.0


@contextmanager
def shown(stream: TextIO | None = None) -> Generator[Progress]:
    """Show what is reported for as long as the block lasts."""
    told = sys.stderr if stream is None else stream
    if not told.isatty():
        yield _Lines(told)
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import, and only needed here
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, console=Console(file=told), transient=True) as bars:
        task = bars.add_task("")

        def report(label: str, done: int, total: int) -> None:
            bars.update(task, description=label, completed=done, total=total)

        yield report


class _Lines:
    """Says where things stand, if that takes long enough to wonder."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._said_s = time.monotonic()

    def __call__(self, label: str, done: int, total: int) -> None:
        now_s = time.monotonic()
        if now_s - self._said_s >= LINE_EVERY_S:
            self._said_s = now_s
            self._stream.write(f"{label}: {done:,} of {total:,}\n")
            self._stream.flush()
