"""Metrics: what Prometheus reads, and who may read it."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from stonechat.http.metrics import BUCKETS_S, FAULT_TYPES_MAX, Metrics, may_read_metrics
from stonechat.kernel.settings import Settings

OPEN = Settings(Path(), "")
GUARDED = Settings(Path(), "", metrics_token="a long and secret word")


def read(metrics: Metrics) -> dict[str, Metric]:
    families = list(text_string_to_metric_families(metrics.render().decode()))
    names = [family.name for family in families]
    assert len(set(names)) == len(names)
    return {family.name: family for family in families}


def values(family: Metric) -> list[tuple[str, Mapping[str, str], float]]:
    return [(sample.name, sample.labels, sample.value) for sample in family.samples]


def test_durations_fall_into_buckets_that_add_up() -> None:
    metrics = Metrics()
    series = metrics.series("mastodon", "GET", "/health")
    for seconds in (0.0001, 0.0005, 0.0006, 0.2, 99.0):
        series.add(200, seconds, 10)
    family = read(metrics)["stonechat_http_request_duration_seconds"]
    assert family.type == "histogram"
    buckets = {sample.labels["le"]: sample.value for sample in family.samples[:-2]}
    assert list(buckets) == [*map(str, BUCKETS_S), "+Inf"]
    assert (buckets["0.0005"], buckets["0.001"], buckets["0.1"]) == (2, 3, 3)
    assert (buckets["0.25"], buckets["10.0"], buckets["+Inf"]) == (4, 4, 5)
    total, count = family.samples[-2:]
    assert (total.name[-4:], count.name[-6:], count.value) == ("_sum", "_count", 5)
    assert total.value == pytest.approx(99.2012)
    labels = {"dialect": "mastodon", "method": "GET", "path": "/health"}
    assert total.labels == count.labels == labels
    assert values(read(metrics)["stonechat_http_response_bytes"]) == [
        ("stonechat_http_response_bytes_total", labels, 50)
    ]


def test_numbers_that_others_keep_are_read_when_somebody_asks() -> None:
    metrics = Metrics()
    hits = [0]
    waiting = {"mail": 2.0, "push": 0.0}
    metrics.register("counter", "fragment_hits", "Fragments found.", lambda: hits[0])
    metrics.register("gauge", "jobs_waiting", "Jobs that wait.", lambda: waiting, label="kind")
    hits[0] = 7
    families = read(metrics)
    assert families["stonechat_fragment_hits"].type == "counter"
    assert values(families["stonechat_fragment_hits"]) == [("stonechat_fragment_hits_total", {}, 7)]
    assert values(families["stonechat_jobs_waiting"]) == [
        ("stonechat_jobs_waiting", {"kind": "mail"}, 2),
        ("stonechat_jobs_waiting", {"kind": "push"}, 0),
    ]


def test_a_name_is_registered_once() -> None:
    metrics = Metrics()
    metrics.register("gauge", "jobs_waiting", "Jobs that wait.", lambda: 0)
    with pytest.raises(ValueError, match="jobs_waiting is registered already"):
        metrics.register("counter", "jobs_waiting", "Jobs that wait.", lambda: 0)


def test_kinds_of_faults_are_bounded() -> None:
    metrics = Metrics()
    for number in range(FAULT_TYPES_MAX + 5):
        metrics.count_fault(f"made.Up{number}")
    metrics.count_fault("made.Up0")
    counted = {
        labels["type"]: count for _, labels, count in values(read(metrics)["stonechat_faults"])
    }
    assert len(counted) == FAULT_TYPES_MAX + 1
    assert (counted["made.Up0"], counted["other"]) == (2, 5)


def test_the_process_tells_its_memory_and_its_time() -> None:
    families = read(Metrics())
    assert values(families["process_resident_memory_bytes"])[0][2] > 1_000_000
    assert values(families["process_cpu_seconds"])[0][2] > 0


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("settings", [OPEN, GUARDED])
def test_a_program_on_this_machine_may_read(peer: str, settings: Settings) -> None:
    scope = {"client": (peer, 1), "headers": [(b"host", b"localhost")]}
    assert may_read_metrics(scope, None, settings)


@pytest.mark.parametrize(
    "name", [b"x-forwarded-for", b"forwarded", b"x-real-ip", b"x-forwarded-host", b"via"]
)
def test_who_comes_through_a_proxy_on_this_machine_may_not_read(name: bytes) -> None:
    scope = {"client": ("127.0.0.1", 1), "headers": [(name, b"127.0.0.1")]}
    assert not may_read_metrics(scope, None, OPEN)


@pytest.mark.parametrize("client", [("203.0.113.5", 1), ("10.0.0.1", 1), ("testclient", 1), None])
def test_a_stranger_may_not_read(client: tuple[str, int] | None) -> None:
    scope = {"client": client, "headers": [(b"host", b"127.0.0.1")]}
    assert not may_read_metrics(scope, None, OPEN)
    assert not may_read_metrics(scope, None, GUARDED)


@pytest.mark.parametrize(
    ("header", "may"),
    [
        ("Bearer a long and secret word", True),
        ("bearer  a long and secret word ", True),
        ("Bearer a long and secret wor", False),
        ("Bearer A long and secret word", False),
        ("Bearer a long and secret word!", False),
        ("Bearer \xe9\udc80", False),
        ("Bearer ", False),
        ("Basic a long and secret word", False),
        ("a long and secret word", False),
        ("", False),
    ],
)
def test_who_has_the_token_may_read_from_anywhere(header: str, *, may: bool) -> None:
    scope = {"client": ("203.0.113.5", 1), "headers": [(b"x-forwarded-for", b"1.2.3.4")]}
    assert may_read_metrics(scope, header, GUARDED) is may


def test_no_token_is_no_key() -> None:
    scope = {"client": ("203.0.113.5", 1), "headers": []}
    for header in ("Bearer ", "Bearer", "", "Bearer  "):
        assert not may_read_metrics(scope, header, OPEN)
