"""Observing: the line, the id and the count of a request, and nothing that a caller wrote."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import falcon.asgi
import falcon.testing
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from stonechat.http.logs import Sink, configure_logging, request_id_var
from stonechat.http.observing import REQUEST_IDS_AT_ONCE, Observer
from stonechat.kernel.errors import InvalidInput
from stonechat.kernel.settings import Settings
from tests.clocks import HeldClock
from tests.unit.http.written_logs import Written, kept_logging

CANARY = "canary-9f3c"
SETTINGS = Settings(Path(), "")


class Route(NamedTuple):
    path: str = "/api/v1/statuses/{id}"


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    with kept_logging():
        yield Written(tmp_path / "log")


def observer(written: Written, settings: Settings = SETTINGS) -> Observer:
    clock = HeldClock(written.moment)
    return Observer(clock, settings, configure_logging(settings, written.sink, clock))


def request(method: str = "GET") -> falcon.asgi.Request:
    headers = {
        "x-request-id": CANARY,
        "authorization": f"Bearer {CANARY}",
        "user-agent": CANARY,
        "cookie": CANARY,
    }
    scope = falcon.testing.create_scope(
        f"/api/v1/statuses/{CANARY}",
        CANARY,
        method,
        headers=headers,
        remote_addr="203.0.113.77",
    )

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    return falcon.asgi.Request(scope, receive)


def serve(
    seen: Observer, method: str = "GET", status: int = 200, body: bytes | None = CANARY.encode()
) -> str:
    """Watch one request from its start to its end; its id."""
    response = falcon.asgi.Response()
    response.data = body
    watch = seen.start(request(method))
    seen.finish(watch, response, Route(), "mastodon", status)
    header: str | None = response.get_header("x-request-id")
    assert header is not None
    return header


def test_a_request_leaves_one_line(written: Written) -> None:
    request_id = serve(observer(written))
    (line,) = written.lines()
    assert line.pop("ms") >= 0
    assert line == {
        "time": "2026-08-07T12:00:00.042Z",
        "level": "info",
        "event": "request.finished",
        "request_id": request_id,
        "dialect": "mastodon",
        "method": "GET",
        "path": "/api/v1/statuses/{id}",
        "status": 200,
        "bytes": len(CANARY),
    }


def test_nothing_that_the_caller_wrote_is_in_the_line(written: Written) -> None:
    seen = observer(written)
    serve(seen)
    serve(seen, status=404)
    assert CANARY not in written.text()
    assert "203.0.113.77" not in written.text()
    assert CANARY.encode() not in seen.render_metrics()


def test_the_id_of_a_request_is_fresh_and_not_the_callers(written: Written) -> None:
    seen = observer(written)
    ids = {serve(seen) for _ in range(REQUEST_IDS_AT_ONCE * 2 + 1)}
    assert len(ids) == REQUEST_IDS_AT_ONCE * 2 + 1
    assert all(re.fullmatch("[0-9a-f]{16}", request_id) for request_id in ids)


def test_other_lines_of_the_request_carry_its_id(written: Written) -> None:
    seen = observer(written)
    watch = seen.start(request())
    structlog.stdlib.get_logger().info("status.posted", status_id=1)
    assert written.lines()[0]["request_id"] == watch.request_id == request_id_var.get()


@pytest.mark.parametrize(("status", "level"), [(201, "info"), (422, "info"), (503, "error")])
def test_a_fault_of_ours_is_an_error(written: Written, status: int, level: str) -> None:
    serve(observer(written), status=status)
    assert [(line["status"], line["level"]) for line in written.lines()] == [(status, level)]


def test_at_a_higher_level_only_faults_are_written_and_all_is_counted(written: Written) -> None:
    seen = observer(written, replace(SETTINGS, log_level="warning"))
    assert serve(seen) != serve(seen, status=500)
    assert [line["status"] for line in written.lines()] == [500]
    assert b'status="2xx"} 1' in seen.render_metrics()


def test_an_answer_without_a_body_has_no_bytes(written: Written) -> None:
    serve(observer(written), "HEAD", 204, None)
    assert [(line["method"], line["bytes"]) for line in written.lines()] == [("HEAD", 0)]


def test_requests_are_counted_by_operation_and_class(written: Written) -> None:
    seen = observer(written)
    for status in (200, 201, 404, 503):
        serve(seen, status=status)
    serve(seen, "HEAD")
    labels = {"dialect": "mastodon", "path": "/api/v1/statuses/{id}"}
    families = {
        family.name: family
        for family in text_string_to_metric_families(seen.render_metrics().decode())
    }
    counted = {
        (sample.labels.pop("method"), sample.labels.pop("status")): (sample.labels, sample.value)
        for sample in families["stonechat_http_requests"].samples
    }
    assert counted == {
        ("GET", "2xx"): (labels, 2),
        ("GET", "4xx"): (labels, 1),
        ("GET", "5xx"): (labels, 1),
        ("HEAD", "2xx"): (labels, 1),
    }


def test_a_fault_is_told_by_its_type_and_place_and_not_by_its_words(written: Written) -> None:
    seen = observer(written)
    watch = seen.start(request())
    try:
        int(CANARY)
    except ValueError as error:
        seen.fault(watch, Route().path, error)
    (line,) = written.lines()
    (told,) = line["exception"]
    assert (line["event"], line["level"]) == ("request.failed", "error")
    assert (line["path"], line["request_id"]) == (Route().path, watch.request_id)
    assert told["type"] == "builtins.ValueError"
    assert re.fullmatch(r"\S+test_observing:\d+ test_a_fault_is_told\w+", told["frames"][-1])
    assert CANARY not in written.text()
    assert b'stonechat_faults_total{type="builtins.ValueError"} 1.0' in seen.render_metrics()


def test_a_fault_of_our_own_making_is_told_with_its_words(written: Written) -> None:
    seen = observer(written)
    seen.fault(seen.start(request()), Route().path, InvalidInput("Text is too long"))
    (told,) = written.lines()[0]["exception"]
    assert told == {
        "type": "stonechat.kernel.errors.InvalidInput",
        "message": "Text is too long",
        "frames": [],
    }


def test_lines_that_nobody_read_are_counted(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with kept_logging():
        sink = configure_logging(SETTINGS, Sink(writing))
        seen = Observer(HeldClock(), SETTINGS, sink)
        serve(seen)
        sink.flush()
    os.close(writing)
    assert b"stonechat_log_lines_dropped_total 1.0" in seen.render_metrics()


def test_the_line_stays_json_whatever_the_template_holds(written: Written) -> None:
    seen = observer(written)
    route = Route('/odd/{"quoted"}\n')
    seen.finish(seen.start(request()), falcon.asgi.Response(), route, "mastodon", 200)
    assert [line["path"] for line in written.lines()] == [route.path]
    assert json.loads(written.text())["path"] == route.path
