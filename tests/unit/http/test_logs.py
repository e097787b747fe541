"""Logs: one form for everybody, no secret in it, and a sink that loses nothing it took."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from stonechat.http import logs
from stonechat.http.logs import (
    CAUSES_MAX,
    FLUSH_S,
    FRAMES_MAX,
    LEVELS,
    WITHHELD,
    Sink,
    configure_logging,
    describe_exception,
)
from stonechat.kernel.errors import NotFound
from stonechat.kernel.settings import Settings
from tests.clocks import HeldClock
from tests.unit.http.written_logs import Written, kept_logging

CANARY = "canary-9f3c"
SETTINGS = Settings(Path(), "")


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    with kept_logging():
        made = Written(tmp_path / "log")
        configure_logging(SETTINGS, made.sink, HeldClock(made.moment))
        yield made


def log() -> Any:
    return structlog.stdlib.get_logger()


def test_an_event_is_one_line_of_json(written: Written) -> None:
    log().warning("job.failed", job="clean\nup", ms=3, kinds=("a", "b"))
    assert written.lines() == [
        {
            "time": "2026-08-07T12:00:00.042Z",
            "level": "warning",
            "event": "job.failed",
            "job": "clean\nup",
            "ms": 3,
            "kinds": ["a", "b"],
        }
    ]


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_below_the_level_is_not_written(tmp_path: Path, level: str) -> None:
    with kept_logging():
        written = Written(tmp_path / "log")
        configure_logging(replace(SETTINGS, log_level=level), written.sink)
        for name in LEVELS:
            getattr(log(), name)("ours")
            getattr(logging.getLogger("theirs"), name)("theirs")
    expected = [name for name in LEVELS if LEVELS[name] >= LEVELS[level]]
    assert [line["level"] for line in written.lines()] == [n for n in expected for _ in range(2)]


@pytest.mark.parametrize("name", ["token", "password", "email", "content", "text", "ip", "address"])
def test_a_value_that_must_not_be_logged_is_withheld(written: Written, name: str) -> None:
    log().info("account.made", **{name: CANARY}, account_id=1)
    assert written.lines()[0][name] == WITHHELD
    assert CANARY not in written.text()


def test_a_value_of_an_unknown_kind_is_named_and_not_shown(written: Written) -> None:
    class Secretive:
        def __repr__(self) -> str:
            return CANARY

    log().info("thing.seen", thing=Secretive())
    assert written.lines()[0]["thing"] == "<Secretive>"


@pytest.mark.parametrize("how", ["exception", "exc_info"])
def test_an_exception_of_ours_is_told_without_its_words(written: Written, how: str) -> None:
    try:
        int(CANARY)
    except ValueError as error:
        if how == "exception":
            log().exception("job.failed")
        else:
            log().error("job.failed", exc_info=error)
    (line,) = written.lines()
    assert line["level"] == "error"
    assert [told["type"] for told in line["exception"]] == ["builtins.ValueError"]
    assert CANARY not in written.text()


def test_what_libraries_log_has_the_same_form_without_the_values(written: Written) -> None:
    logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" [accepted]', CANARY, CANARY)
    assert written.lines() == [
        {
            "time": "2026-08-07T12:00:00.042Z",
            "level": "info",
            "event": "library.spoke",
            "library": "uvicorn.error",
            "message": '%s - "WebSocket %s" [accepted]',
        }
    ]


def test_an_exception_that_a_library_logs_is_told_without_its_words(written: Written) -> None:
    error = RuntimeError(CANARY)
    error.__cause__ = NotFound()
    logging.getLogger("falcon").error("Unhandled", exc_info=error)
    (line,) = written.lines()
    assert [told["type"] for told in line["exception"]] == [
        "builtins.RuntimeError",
        "stonechat.kernel.errors.NotFound",
    ]
    assert line["exception"][1]["message"] == "Record not found"
    assert CANARY not in written.text()


def test_an_exception_in_place_of_a_message_is_its_type(written: Written) -> None:
    logging.getLogger("uvicorn.error").error(OSError(98, CANARY))
    assert written.lines()[0]["message"] == "OSError"


async def test_what_asyncio_formats_beforehand_is_cut(written: Written) -> None:
    def fail(_argument: str) -> None:
        raise ValueError(CANARY)

    async def forget() -> None:
        raise ValueError(CANARY)

    asyncio.get_running_loop().call_soon(fail, CANARY)
    task = asyncio.create_task(forget())
    await asyncio.sleep(0.01)
    del task
    await asyncio.sleep(0)
    messages = [line["message"] for line in written.lines()]
    assert len(messages) == 2
    assert messages[0].startswith("Exception in callback")
    assert messages[1].startswith("Task exception was never retrieved")
    assert CANARY not in written.text()


def test_a_chain_of_causes_and_a_deep_stack_are_bounded() -> None:
    def fall(depth: int) -> None:
        if depth:
            fall(depth - 1)
        raise ValueError

    def chain(length: int) -> None:
        try:
            if length:
                chain(length - 1)
            else:
                fall(FRAMES_MAX * 2)
        except (KeyError, ValueError) as error:
            raise KeyError from error

    with pytest.raises(KeyError) as caught:
        chain(CAUSES_MAX * 2)
    told = describe_exception(caught.value)
    assert len(told) == CAUSES_MAX
    with pytest.raises(ValueError) as deep:  # noqa: PT011 - it has no words
        fall(FRAMES_MAX * 2)
    (entry,) = describe_exception(deep.value)
    assert isinstance(entry["frames"], list)
    assert len(entry["frames"]) == FRAMES_MAX


def test_a_cause_that_was_hidden_on_purpose_is_not_told() -> None:
    error = NotFound()
    error.__context__ = KeyError(CANARY)
    assert len(describe_exception(error)) == 2
    error.__suppress_context__ = True
    assert len(describe_exception(error)) == 1


def test_a_line_is_written_soon_without_being_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "log"
    sink = Sink(os.open(path, os.O_WRONLY | os.O_CREAT))
    for number in range(3):
        sink.write(f"{number}\n")
        deadline = time.monotonic() + 50 * FLUSH_S
        while f"{number}\n" not in path.read_text() and time.monotonic() < deadline:
            time.sleep(FLUSH_S / 10)
        assert path.read_text().endswith(f"{number}\n")


def test_lines_of_many_threads_are_all_written_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    sink = Sink(os.open(path, os.O_WRONLY | os.O_CREAT))

    def write(thread: int) -> None:
        for number in range(2000):
            sink.write(f"{thread} {number}\n")
            if number % 500 == 0:
                time.sleep(FLUSH_S)

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sink.flush()
    expected = {f"{thread} {number}" for thread in range(4) for number in range(2000)}
    lines = path.read_text().splitlines()
    assert (len(lines), set(lines)) == (8000, expected)


def test_a_reader_who_stalls_stops_nobody_and_costs_a_bounded_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "LINES_MAX", 100)
    monkeypatch.setattr(logs, "FLUSH_WAIT_S", 0.05)
    reading, writing = os.pipe()
    sink = Sink(writing)
    sink.write("a" * 200_000 + "\n")  # more than a pipe holds
    time.sleep(FLUSH_S * 3)
    started = time.monotonic()
    for _ in range(1000):
        sink.write("b\n")
    sink.flush()
    assert time.monotonic() - started < 1
    assert sink.dropped == 900
    os.close(reading)
    time.sleep(FLUSH_S * 3)
    sink.flush()
    os.close(writing)
    assert sink.dropped == 1001


def run(program: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=30, check=True
    )


def test_a_process_that_ends_has_written_everything() -> None:
    ended = run(
        "from pathlib import Path\n"
        "import structlog\n"
        "from stonechat.http.logs import configure_logging\n"
        "from stonechat.kernel.settings import Settings\n"
        "configure_logging(Settings(Path(), ''))\n"
        "structlog.get_logger().info('process.ended')\n"
    )
    assert ended.stdout == b""
    assert json.loads(ended.stderr)["event"] == "process.ended"


def test_uvicorn_writes_no_access_log_of_its_own() -> None:
    # In a process of its own: pytest hangs its handlers on every logger that it finds.
    ended = run(
        "import logging\n"
        "from pathlib import Path\n"
        "import uvicorn\n"
        "from stonechat.http.edge import SERVER_OPTIONS\n"
        "from stonechat.http.logs import configure_logging\n"
        "from stonechat.kernel.settings import Settings\n"
        "configure_logging(Settings(Path(), ''))\n"
        "uvicorn.Config(lambda: None, **SERVER_OPTIONS)\n"
        "access = logging.getLogger('uvicorn.access')\n"
        "access.error('GET /secret')\n"
        "print(access.hasHandlers())\n"
    )
    assert (ended.stdout, ended.stderr) == (b"False\n", b"")


def test_a_forked_process_writes_its_own_lines_and_only_those() -> None:
    ended = run(
        "import os, warnings\n"
        "from stonechat.http.logs import Sink\n"
        "warnings.simplefilter('ignore')\n"
        "sink = Sink()\n"
        "sink.write('parent\\n')\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    import time\n"
        "    sink.write('child\\n')\n"
        "    time.sleep(1)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
    )
    assert sorted(ended.stderr.splitlines()) == [b"child", b"parent"]
