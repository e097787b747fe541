"""Logs: every line is one JSON object, whoever writes it, and goes to standard error.

`Sink` collects lines and writes them from a thread of its own, so that a reader who stalls
never stops a request. `configure_logging` brings structlog, uvicorn and the standard library to
this one form. What people say, who they are and what opens their account stays out: an
exception is told by its type and its lines of code, a record of a foreign library by its
template without the values. Whoever logs `str(error)` gets it wrong: databases and parsers
quote their input there.
"""

import atexit
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final

import msgspec
import structlog

from stonechat.kernel.clock import Clock, SystemClock, from_ms
from stonechat.kernel.errors import StonechatError
from stonechat.kernel.settings import Settings

FLUSH_S: Final = 0.1
"""A line waits no longer than this before it is written."""
FLUSH_WAIT_S: Final = 1.0
"""A process that ends waits so long for the thread that is writing."""
LINES_MAX: Final = 50_000
"""Lines that wait for a reader who stalls; what comes after is dropped and counted."""
FRAMES_MAX: Final = 20
CAUSES_MAX: Final = 4
TEMPLATE_CHARACTERS_MAX: Final = 200
LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
WITHHELD: Final = "[withheld]"
_SECRET_NAMES: Final = frozenset(
    {"address", "authorization", "content", "email", "ip", "password", "secret", "text", "token"}
)
_STANDARD_ERROR: Final = 2

Event = MutableMapping[str, Any]

request_id_var: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""The request that the running task works for: every line of its making carries the id."""


class Sink:
    """Collects lines and writes them out a little later, from its own thread."""

    def __init__(self, descriptor: int = _STANDARD_ERROR) -> None:
        self._descriptor = descriptor
        self._begin()
        self.dropped = 0
        atexit.register(self.flush)
        # No thread lives on in a forked process, and the waiting lines are the parent's.
        os.register_at_fork(after_in_child=self._begin)

    def write(self, line: str) -> None:
        """Take one line, which ends in a newline."""
        if len(self._lines) >= LINES_MAX:
            self.dropped += 1
            return
        self._lines.append(line)
        if not self._has_lines.is_set():
            self._wake()

    def flush(self) -> None:
        """Write all that was taken so far, unless a stalled reader holds up another thread."""
        if self._writing.acquire(timeout=FLUSH_WAIT_S):
            try:
                self._write_out([self._lines.popleft() for _ in range(len(self._lines))])
            finally:
                self._writing.release()

    def _begin(self) -> None:
        self._lines: deque[str] = deque()
        self._writing = threading.Lock()
        self._has_lines = threading.Event()
        self._thread: threading.Thread | None = None

    def _wake(self) -> None:
        self._has_lines.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="log-sink", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._has_lines.wait()
            time.sleep(FLUSH_S)
            # Before the flush: a line that comes during it wakes this thread once more.
            self._has_lines.clear()
            self.flush()

    def _write_out(self, lines: list[str]) -> None:
        data = "".join(lines).encode("utf-8", "replace")
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            # Nobody reads our standard error any more. Serving goes on without a log.
            self.dropped += len(lines)


class Stamp:
    """Writes instants as text; the part that stays for a second is made once in it."""

    __slots__ = ("_clock", "_second", "_words")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second = -1
        self._words = ""

    def now(self) -> str:
        """Now, to the millisecond."""
        second, milliseconds = divmod(self._clock.now_ms(), 1000)
        if second != self._second:
            self._words = from_ms(second * 1000).strftime("%Y-%m-%dT%H:%M:%S.")
            self._second = second
        return f"{self._words}{milliseconds:03d}Z"


def describe_exception(exception: BaseException) -> list[dict[str, object]]:
    """What may be told of an exception and its causes: types, places, and words of our own."""
    told: list[dict[str, object]] = []
    current: BaseException | None = exception
    while current is not None and len(told) < CAUSES_MAX:
        kind = type(current)
        entry: dict[str, object] = {
            "type": f"{kind.__module__}.{kind.__qualname__}",
            "frames": _frames(current.__traceback__),
        }
        if isinstance(current, StonechatError):
            entry["message"] = current.message
        told.append(entry)
        hidden = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or hidden
    return told


def _frames(traceback: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        module = traceback.tb_frame.f_globals.get("__name__", "?")
        frames.append(f"{module}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames[-FRAMES_MAX:]


def configure_logging(
    settings: Settings, sink: Sink | None = None, clock: Clock | None = None
) -> Sink:
    """Bring every logger of this process to one form and level; the sink that they share."""
    sink = sink or Sink()
    stamp = Stamp(clock or SystemClock())
    level = LEVELS[settings.log_level]
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, _complete(stamp), _render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Pen(sink.write),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Records(sink, stamp)]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
        # Its own level, not the root's: uvicorn traces where a logger has none.
        logger.setLevel(level)
    access = logging.getLogger("uvicorn.access")
    access.handlers = []
    access.propagate = False
    access.disabled = True
    return sink


class _Pen:
    """What structlog writes with: a finished line goes to the sink, whatever its level."""

    __slots__ = ("critical", "debug", "error", "info", "msg", "warning")

    def __init__(self, write: Callable[[str], None]) -> None:
        self.msg = self.debug = self.info = self.warning = self.error = self.critical = write


def _complete(stamp: Stamp) -> Callable[[object, str, Event], Mapping[str, Any]]:
    def complete(_logger: object, _method: str, event: Event) -> Mapping[str, Any]:
        opening = {"time": stamp.now(), "level": event.pop("level"), "event": event.pop("event")}
        request_id = request_id_var.get()
        if request_id:
            opening["request_id"] = request_id
        exception = event.pop("exc_info", None)
        if exception is True:
            exception = sys.exc_info()[1]
        if isinstance(exception, BaseException):
            event["exception"] = describe_exception(exception)
        for name in _SECRET_NAMES.intersection(event):
            event[name] = WITHHELD
        return {**opening, **event}

    return complete


def _render(_logger: object, _method: str, event: Event) -> str:
    return encode_line(event)


def encode_line(event: Mapping[str, Any]) -> str:
    """One event as one line; JSON leaves no newline inside it."""
    return msgspec.json.encode(event, enc_hook=_name_type).decode() + "\n"


def _name_type(value: object) -> str:
    # Not its text: nobody knows what stands in that.
    return f"<{type(value).__name__}>"


class _Records(logging.Handler):
    """Writes what libraries log: the template alone, for its values may be anybody's."""

    def __init__(self, sink: Sink, stamp: Stamp) -> None:
        super().__init__()
        self._sink = sink
        self._stamp = stamp

    def emit(self, record: logging.LogRecord) -> None:
        event: dict[str, object] = {
            "time": self._stamp.now(),
            "level": record.levelname.lower(),
            "event": "library.spoke",
            "library": record.name,
            "message": _template(record),
        }
        request_id = request_id_var.get()
        if request_id:
            event["request_id"] = request_id
        if record.exc_info and record.exc_info[1]:
            event["exception"] = describe_exception(record.exc_info[1])
        self._sink.write(encode_line(event))


def _template(record: logging.LogRecord) -> str:
    if isinstance(record.msg, BaseException):
        return type(record.msg).__name__
    words = str(record.msg).partition("\n")[0]
    if record.name == "asyncio":
        # It formats before it logs: in brackets stand arguments and whole objects.
        words = words.partition("(")[0].partition("<")[0]
    return words[:TEMPLATE_CHARACTERS_MAX]
