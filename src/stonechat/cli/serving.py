"""`stonechat serve`: prepares the database, tells a new owner their password, and serves.

The sockets are opened first, so a port that is taken is found out before anything is made. With
several workers this process serves nothing itself: uvicorn's supervisor starts a worker anew when
one dies, and each of them ends when this process is no longer there.
"""

import asyncio
import errno
import multiprocessing
import os
import signal
import socket
import sys
import threading
from multiprocessing.connection import wait
from types import FrameType
from typing import Final

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from stonechat.config import override, read_settings
from stonechat.http.edge import SERVER_OPTIONS
from stonechat.http.logs import configure_logging
from stonechat.kernel.errors import Unavailable
from stonechat.kernel.settings import Settings
from stonechat.services.administration import OWNER, found_server
from stonechat.services.rooms import open_rooms

DRAIN_S: Final = 7
"""Requests in hand get so long to end. Ten seconds are all that a stop may take: with them go a
supervisor's half second, the job in hand, and the database's own end."""
BACKLOG: Final = 2048
APPLICATION: Final = "stonechat.app:create"

_log: Final = structlog.stdlib.get_logger()


def serve(*, host: str | None = None, port: int | None = None, workers: int | None = None) -> None:
    """Serve until told to stop.

    Without a word of where, it is where STONECHAT_HOST and STONECHAT_PORT say.
    """
    # Workers read their settings from the environment, and so does everything behind this.
    override(host=host, port=port, workers=workers)
    sockets = _listen(read_settings())
    try:
        override(port=sockets[0].getsockname()[1])
        _serve(read_settings(), sockets)
    finally:
        for each in sockets:
            each.close()


def _serve(settings: Settings, sockets: list[socket.socket]) -> None:
    sink = configure_logging(settings)
    asyncio.run(_prepare(settings))
    _announce(settings)
    signal.signal(signal.SIGTERM, _end)
    try:
        if settings.workers > 1:
            _supervise(settings, sockets)
        else:
            _serve_alone(settings, sockets)
    finally:
        sink.flush()


def _listen(settings: Settings) -> list[socket.socket]:
    """Sockets for every address of the host, which is listened on from this moment."""
    sockets: list[socket.socket] = []
    reason = "it is the name of no machine"
    try:
        for family, host in _places(settings):
            # Port 0 stands for any; the second address takes the port that the first one got.
            port = sockets[0].getsockname()[1] if sockets else settings.port
            try:
                sockets.append(socket.create_server((host, port), family=family, backlog=BACKLOG))
            except OSError as error:
                # `localhost` has two addresses, even where the machine has but one of the kinds.
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    raise
                reason = os.strerror(error.errno)
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and not isinstance(error, socket.gaierror):
            reason = os.strerror(error.errno or errno.EINVAL)
        sockets.clear()
    if not sockets:
        raise Unavailable(
            f"The server cannot listen on {settings.host} port {settings.port}: {reason}."
            " Choose others with --host and --port, or stop what is there."
        )
    return sockets


def _places(settings: Settings) -> list[tuple[int, str]]:
    found = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return list(dict.fromkeys((family, str(place[0])) for family, _, _, _, place in found))


async def _prepare(settings: Settings) -> None:
    """Bring the schema up to date, and make the owner of a new server."""
    async with open_rooms(settings, is_patient=True) as rooms:
        password = await found_server(rooms.env)
    if password is not None:
        sys.stderr.write(
            f"\nThis is a new server. Sign in as {OWNER} with the password {password}\n"
            f"It is shown this once; `stonechat account password {OWNER}` makes another one.\n\n"
        )
        sys.stderr.flush()


def _announce(settings: Settings) -> None:
    place = f"{settings.host}:{settings.port}"
    if sys.stderr.isatty():
        sys.stderr.write(
            f"Stonechat is at {settings.base_url} (listening on {place}; Ctrl-C stops it)\n"
        )
    _log.info("server.starting", place=place, url=settings.base_url, workers=settings.workers)


class _Config(uvicorn.Config):
    """How uvicorn serves us. A worker begins with this object, pickled."""

    def configure_logging(self) -> None:
        """Uvicorn calls this first of all in a process; the application sees to logging itself."""
        super().configure_logging()
        parent = multiprocessing.parent_process()
        if parent is not None:
            signal.signal(signal.SIGTERM, _end)
            threading.Thread(target=_outlive_nobody, args=(parent.sentinel,), daemon=True).start()


def _outlive_nobody(sentinel: int) -> None:
    """End with the supervisor: a worker without one would keep the port for itself."""
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def _end(_signal: int, _frame: FrameType | None) -> None:
    """End with 0: uvicorn hands SIGTERM on to this once it has stopped.

    One that comes before uvicorn listens for it ends the process as well. Passed over, it would
    be lost, and the supervisor would wait for this worker for ever.
    """
    raise SystemExit(0)


def _config(settings: Settings) -> _Config:
    return _Config(
        APPLICATION,
        factory=True,
        workers=settings.workers,
        loop="uvloop",
        ws="none",
        lifespan="on",
        backlog=BACKLOG,
        timeout_graceful_shutdown=DRAIN_S,
        **SERVER_OPTIONS,
    )


def _serve_alone(settings: Settings, sockets: list[socket.socket]) -> None:
    server = uvicorn.Server(_config(settings))
    try:
        server.run(sockets)
    except SystemExit as ending:
        if ending.code:
            _refuse()
        return
    except KeyboardInterrupt:
        # Ctrl-C, after which everything was ended in order.
        return
    if not server.started:
        _refuse()


def _supervise(settings: Settings, sockets: list[socket.socket]) -> None:
    supervisor = Multiprocess(_config(settings), sockets)
    supervisor.run()
    # Only a worker that could not start ends the supervisor without a signal.
    if any(each.exitcode == STARTUP_FAILURE for each in supervisor.processes):
        _refuse()


def _refuse() -> None:
    raise Unavailable("The server did not start: the last lines of the log say why.")
