"""Observing: what the operator sees of a request: one log line, one count, one header.

The line is put together by hand from parts that are JSON already, because a general logger
costs five times as much. So nothing that a caller wrote may go into it: the path is the
operation's template, never the one that was asked for, and there is no query, no address and
no name. Everything else that is logged goes through structlog (logs.py).
"""

import os
from time import perf_counter
from typing import Final, Protocol

import falcon.asgi
import msgspec
import structlog

from stonechat.http.logs import LEVELS, Sink, Stamp, describe_exception, request_id_var
from stonechat.http.metrics import Metrics, Series
from stonechat.kernel.clock import Clock
from stonechat.kernel.settings import Settings

REQUEST_ID_DIGITS: Final = 16
REQUEST_IDS_AT_ONCE: Final = 256
"""Random bytes are fetched for so many ids in one system call."""

_FAULT_STATUS: Final = 500
_log: Final = structlog.stdlib.get_logger()


class Watched(Protocol):
    """What is asked for: something with a path template."""

    @property
    def path(self) -> str:
        """The template, such as /api/v1/statuses/{id}."""
        ...


class Watch:
    """One request that is under way."""

    __slots__ = ("method", "request_id", "started_s")

    def __init__(self, method: str, request_id: str) -> None:
        self.method = method
        self.request_id = request_id
        self.started_s = perf_counter()


class Observer:
    """Watches the requests of one process."""

    def __init__(self, clock: Clock, settings: Settings, sink: Sink) -> None:
        self._stamp = Stamp(clock)
        self._write = sink.write
        self._shows_all = LEVELS[settings.log_level] <= LEVELS["info"]
        self._series: dict[tuple[str, str, str], Series] = {}
        self._request_ids: list[str] = []
        self.metrics = Metrics()
        self.metrics.register(
            "counter", "log_lines_dropped", "Log lines that nobody read.", lambda: sink.dropped
        )

    def start(self, request: falcon.asgi.Request) -> Watch:
        """A request was routed: give it an id that all its lines carry."""
        return self.begin(request.method)

    def begin(self, method: str) -> Watch:
        """The same for a request that needs no router."""
        ids = self._request_ids or self._make_ids()
        request_id = ids.pop()
        request_id_var.set(request_id)
        return Watch(method, request_id)

    def finish(
        self,
        watch: Watch,
        response: falcon.asgi.Response,
        operation: Watched,
        dialect_name: str,
        status: int,
    ) -> None:
        """The answer is ready: count it, write its line, and put the id on it."""
        data = response.data
        size_bytes = len(data) if data is not None else int(response.content_length or 0)
        response.set_header("x-request-id", watch.request_id)
        self.record(watch, operation, dialect_name, status, size_bytes)

    def record(
        self, watch: Watch, operation: Watched, dialect_name: str, status: int, size_bytes: int
    ) -> None:
        """Count an answer, and write its line."""
        seconds = perf_counter() - watch.started_s
        key = (dialect_name, watch.method, operation.path)
        series = self._series.get(key) or self._open_series(key)
        series.add(status, seconds, size_bytes)
        if status >= _FAULT_STATUS:
            level = "error"
        elif self._shows_all:
            level = "info"
        else:
            return
        self._write(
            f'{{"time":"{self._stamp.now()}","level":"{level}","event":"request.finished",'
            f'"request_id":"{watch.request_id}",{series.words},'
            f'"status":{status},"ms":{seconds * 1000:.3f},"bytes":{size_bytes}}}\n'
        )

    def fault(self, watch: Watch, path: str, exception: BaseException) -> None:
        """Something went wrong that nobody expected: say where, and not with what."""
        told = describe_exception(exception)
        self.metrics.count_fault(str(told[0]["type"]))
        _log.error("request.failed", method=watch.method, path=path, exception=told)

    def render_metrics(self) -> bytes:
        """All numbers of this process, in Prometheus' text format."""
        return self.metrics.render()

    def _open_series(self, key: tuple[str, str, str]) -> Series:
        dialect, method, path = key
        series = self._series[key] = self.metrics.series(dialect, method, path)
        words = msgspec.json.encode({"dialect": dialect, "method": method, "path": path})
        series.words = words.decode()[1:-1]
        return series

    def _make_ids(self) -> list[str]:
        digits = os.urandom(REQUEST_ID_DIGITS // 2 * REQUEST_IDS_AT_ONCE).hex()
        self._request_ids = [
            digits[start : start + REQUEST_ID_DIGITS]
            for start in range(0, len(digits), REQUEST_ID_DIGITS)
        ]
        return self._request_ids
