"""`stonechat worker`: runs jobs and nothing else, in a process of its own.

It stands beside servers and other workers on one database. Jobs are leased, so one that dies or
freezes loses nothing: the others take its jobs up. It ends by itself, not with 0, only when
somebody else has its process number.
"""

import asyncio
import signal
import sys
from typing import Final

import structlog
import uvloop

from stonechat.config import read_settings
from stonechat.http.logs import configure_logging
from stonechat.jobs.shift import working
from stonechat.kernel.settings import Settings
from stonechat.services.rooms import open_database, open_rooms

DRAIN_S: Final = 7.0
"""Jobs in hand get so long to end. With what is broken off and the database's end, a stop takes
ten seconds at most, as a server's does."""

_log: Final = structlog.stdlib.get_logger()


def work() -> None:
    """Run jobs until told to stop. Several workers may run, beside servers and without."""
    settings = read_settings()
    sink = configure_logging(settings)
    try:
        uvloop.run(_work(settings))
    finally:
        sink.flush()


async def _work(settings: Settings) -> None:
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    async with open_database(settings, is_patient=True):
        pass
    async with open_rooms(settings) as rooms, working(rooms, drain_s=DRAIN_S) as task:
        _log.info("worker.started")
        if sys.stderr.isatty():
            sys.stderr.write("Stonechat is at work on its jobs (Ctrl-C stops it)\n")
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    _log.info("worker.stopped")
