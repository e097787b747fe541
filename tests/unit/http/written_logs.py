"""What a test reads back of the log, and logging as it was before the test."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from stonechat.http.logs import Sink, request_id_var

LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "uvicorn.access")


class Written:
    """A sink into a file of the test, and what stands in it."""

    moment = datetime(2026, 8, 7, 12, 0, 0, 42_000, tzinfo=UTC)

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sink = Sink(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND))

    def text(self) -> str:
        self.sink.flush()
        return self._path.read_text(encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@contextmanager
def kept_logging() -> Iterator[None]:
    """Put everything back that `configure_logging` changes."""
    loggers = [logging.getLogger(), *map(logging.getLogger, LOGGERS)]
    before = [
        (logger, logger.handlers, logger.level, logger.propagate, logger.disabled)
        for logger in loggers
    ]
    token = request_id_var.set("")
    try:
        yield
    finally:
        request_id_var.reset(token)
        for logger, handlers, level, propagate, disabled in before:
            logger.handlers, logger.propagate, logger.disabled = handlers, propagate, disabled
            logger.setLevel(level)
        structlog.reset_defaults()
