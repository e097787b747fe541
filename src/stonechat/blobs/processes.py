"""Processes: one decoder for one file, from its start to its certain end.

This is the server's side of blobs/workbench. A process gets open files and numbers and nothing
else that we know; what it says is read up to a bound, until a moment, and as one type of answer.
Whatever else it does is taken for a broken file, for that is what makes a decoder misbehave.

A newcomer gets wrong that all of this runs in a thread, where `stop` comes from another one.
"""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import msgspec
import structlog

from stonechat.blobs.answers import ANSWER_BYTES_MAX, CONFINED, LIMITED, Answer
from stonechat.blobs.refusals import BROKEN, COSTLY, ensure_taken, refuse
from stonechat.domain import limits
from stonechat.kernel.errors import Unavailable

FILE_MODE: Final = 0o600
GRACE_S: Final = 2.0
"""A process ends itself at its bound; so much later it is ended."""

_COSTLY_ENDS: Final = frozenset({-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL})
_log: Final = structlog.stdlib.get_logger()
_warned: Final[set[bytes]] = set()


class Order(NamedTuple):
    """What is to be made: which bytes, what they are, and where the result goes."""

    kind: str
    name: str
    source: Path
    folder: Path
    thumbnail: Path | None
    thumbnail_name: str


class Decoder:
    """One order: a process, and the two files that it writes."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """End the process, if there is one, and start none."""
        with self._lock:
            self._is_stopped = True
            if self._process is not None:
                self._process.kill()

    def run(self, file: Path, preview: Path) -> Answer:
        """Start a process and wait for it; it writes two new files."""
        order = self._order
        with ExitStack() as opened:

            def hold(path: Path, flags: int) -> int:
                handle = os.open(path, flags, FILE_MODE)
                opened.callback(os.close, handle)
                return handle

            source = hold(order.source, os.O_RDONLY)
            new = os.O_RDWR | os.O_CREAT | os.O_EXCL
            handles = [hold(file, new), hold(preview, new)]
            if order.thumbnail is not None:
                handles.append(hold(order.thumbnail, os.O_RDONLY))
            with self._start(source, handles) as process:
                return _hear(process, order)

    def _start(self, source: int, handles: list[int]) -> subprocess.Popen[bytes]:
        order, numbers = self._order, [str(each) for each in handles]
        words = [order.kind, order.name, *numbers[:2], order.thumbnail_name, (*numbers, "-1")[2]]
        with self._lock:
            if self._is_stopped:
                raise Unavailable(reason="nobody waits for this file any more")
            try:
                # It is given nothing that we know: no settings, no secrets, no other files.
                self._process = subprocess.Popen(  # noqa: S603 - our own program, no word of theirs
                    [sys.executable, "-I", "-m", "stonechat.blobs.workbench", *words],
                    stdin=source,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={},
                    pass_fds=handles,
                )
            except OSError as error:
                raise _blame(error.strerror) from None
            return self._process


def _hear(process: subprocess.Popen[bytes], order: Order) -> Answer:
    """What the process says until it ends; it does end here, by itself or not."""
    deadline_s = time.monotonic() + _wall_s(order.kind)
    try:
        said = _read(process, deadline_s)
        if len(said) > ANSWER_BYTES_MAX:
            raise distrust()
        status = process.wait(max(0.0, deadline_s - time.monotonic()))
    except (TimeoutError, subprocess.TimeoutExpired):
        said, status = CONFINED, -signal.SIGKILL
    finally:
        process.kill()
    walls, answer = said[:1], said[1:]
    if walls not in (CONFINED, LIMITED):
        raise _blame(status)
    _warn_once(walls)
    if status != 0:
        # Its decoder broke, or it took more than it may have. Neither is a fault of ours.
        _log.info("decoder.ended", status=status, format=order.name)
        raise refuse(COSTLY if status in _COSTLY_ENDS else BROKEN)
    return _decode(answer)


def _wall_s(kind: str) -> float:
    is_film = kind == "film"
    most = limits.MEDIA_FILM_WALL_SECONDS_MAX if is_film else limits.MEDIA_IMAGE_WALL_SECONDS_MAX
    return most + GRACE_S


def _read(process: subprocess.Popen[bytes], deadline_s: float) -> bytes:
    assert process.stdout is not None
    pipe, said = process.stdout.fileno(), b""
    poller = select.poll()
    poller.register(pipe, select.POLLIN)
    while len(said) <= ANSWER_BYTES_MAX:
        left_ms = (deadline_s - time.monotonic()) * 1000
        if left_ms <= 0 or not poller.poll(left_ms):
            raise TimeoutError
        chunk = os.read(pipe, ANSWER_BYTES_MAX)
        if not chunk:
            break
        said += chunk
    return said


def _decode(said: bytes) -> Answer:
    try:
        answer = msgspec.json.decode(said, type=Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise distrust() from None
    ensure_taken(answer)
    return answer


def distrust() -> Exception:
    """What is raised over an answer that only a decoder gives that a file has taken over."""
    _log.warning("decoder.strange_answer")
    return refuse(BROKEN)


def _blame(reason: object) -> Unavailable:
    _log.error("decoder.not_started", reason=reason)
    return Unavailable(reason="the decoder did not start")


def _warn_once(walls: bytes) -> None:
    if walls == LIMITED and walls not in _warned:
        _warned.add(walls)
        _log.warning(
            "decoder.unconfined",
            reason="this system has no seccomp filter; files are decoded under limits alone",
        )
