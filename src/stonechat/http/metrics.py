"""Metrics: what Prometheus reads at /metrics, counted in plain lists.

A request adds to a few cells of a list, and the text is made of them when somebody reads; the
Prometheus client does so for all else. Its `observe` with labels would cost each request more
than all other furniture, and its writer would stop the loop for 70 ms at 300 operations. A
label is always a word of ours (a dialect, a path template), never one of the caller's, so there
are as many series as operations. Each worker process has its own numbers.
"""

import hmac
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final, Literal

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from stonechat.kernel.settings import Settings

METRICS_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
FAULT_TYPES_MAX: Final = 100
"""Kinds of faults that are counted apart; what else goes wrong is counted as "other"."""

_CLASSES: Final = ("0xx", "1xx", "2xx", "3xx", "4xx", "5xx")
_BUCKET_NAMES: Final = (*(str(bound) for bound in BUCKETS_S), "+Inf")
_REQUESTS: Final = "stonechat_http_requests_total"
_SENT: Final = "stonechat_http_response_bytes_total"
_DURATION: Final = "stonechat_http_request_duration_seconds"
_FORWARDING: Final = frozenset(
    {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"}
)
_BEARER: Final = "bearer "

Kind = Literal["counter", "gauge"]
Reading = float | Mapping[str, float]


class Series:
    """The requests of one operation: how many of each class, how long, how large."""

    __slots__ = ("buckets", "bytes_sent", "classes", "labels", "seconds", "words")

    def __init__(self, dialect: str, method: str, path: str) -> None:
        self.labels = f'dialect="{dialect}",method="{method}",path="{path}"'
        self.classes = [0] * len(_CLASSES)
        self.buckets = [0] * (len(BUCKETS_S) + 1)
        self.seconds = 0.0
        self.bytes_sent = 0
        self.words = ""
        """The part of the log line that is the same for every request of the operation."""

    def add(self, status: int, seconds: float, size_bytes: int) -> None:
        """Count one answer."""
        self.classes[status // 100] += 1
        self.buckets[bisect_left(BUCKETS_S, seconds)] += 1
        self.seconds += seconds
        self.bytes_sent += size_bytes


@dataclass(frozen=True, slots=True)
class _Reader:
    """How to read a number that somebody else keeps."""

    kind: Kind
    name: str
    help: str
    label: str
    read: Callable[[], Reading]


class Metrics(Collector):
    """All numbers of this process, and how to read them."""

    def __init__(self) -> None:
        self._series: list[Series] = []
        self._faults: dict[str, int] = {}
        self._readers: dict[str, _Reader] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def series(self, dialect: str, method: str, path: str) -> Series:
        """A new series; the caller keeps it and asks once for each operation."""
        series = Series(dialect, method, path)
        self._series.append(series)
        return series

    def count_fault(self, kind: str) -> None:
        """Count an exception that nobody expected, by its type."""
        if kind not in self._faults and len(self._faults) >= FAULT_TYPES_MAX:
            kind = "other"
        self._faults[kind] = self._faults.get(kind, 0) + 1

    def register(
        self,
        kind: Kind,
        name: str,
        help_text: str,
        read: Callable[[], Reading],
        *,
        label: str = "",
    ) -> None:
        """Show a number that is kept elsewhere; with `label`, a number for each of its values.

        `read` is called each time the metrics are read, on the loop: it must not wait.
        """
        if name in self._readers:
            raise ValueError(name + " is registered already")
        self._readers[name] = _Reader(kind, "stonechat_" + name, help_text, label, read)

    def render(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry) + _render(self._series).encode()

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: the names are not known before something is counted."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """What the client writes: the faults, and the numbers that others keep."""
        faults = CounterMetricFamily(
            "stonechat_faults", "Exceptions that nobody expected.", labels=("type",)
        )
        for kind, count in self._faults.items():
            faults.add_metric((kind,), count)
        yield faults
        for reader in self._readers.values():
            yield _read(reader)


def _render(all_series: Iterable[Series]) -> str:
    """Requests, bytes and durations; labels are words of ours, so nothing is to be escaped."""
    requests = [f"# HELP {_REQUESTS} Requests answered.\n# TYPE {_REQUESTS} counter\n"]
    sent = [f"# HELP {_SENT} Bytes of response bodies.\n# TYPE {_SENT} counter\n"]
    durations = [
        f"# HELP {_DURATION} Time from the routed request to the finished answer.\n",
        f"# TYPE {_DURATION} histogram\n",
    ]
    for series in all_series:
        labels = series.labels
        for status, count in zip(_CLASSES, series.classes, strict=True):
            if count:
                requests.append(f'{_REQUESTS}{{{labels},status="{status}"}} {count}\n')
        sent.append(f"{_SENT}{{{labels}}} {series.bytes_sent}\n")
        below = 0
        for bound, count in zip(_BUCKET_NAMES, series.buckets, strict=True):
            below += count
            durations.append(f'{_DURATION}_bucket{{{labels},le="{bound}"}} {below}\n')
        durations.append(f"{_DURATION}_sum{{{labels}}} {series.seconds!r}\n")
        durations.append(f"{_DURATION}_count{{{labels}}} {below}\n")
    return "".join((*requests, *sent, *durations))


def _read(reader: _Reader) -> Metric:
    family = CounterMetricFamily if reader.kind == "counter" else GaugeMetricFamily
    labels = (reader.label,) if reader.label else ()
    metric = family(reader.name, reader.help, labels=labels)
    reading = reader.read()
    if isinstance(reading, Mapping):
        for value, number in reading.items():
            metric.add_metric((value,), number)
    else:
        metric.add_metric((), reading)
    return metric


def may_read_metrics(
    scope: Mapping[str, Any], authorization_header: str | None, settings: Settings
) -> bool:
    """Whether the caller may see the numbers; who may not is told that nothing is there.

    A program on this machine may, if no proxy stands between: one that does not add any
    forwarding header makes everybody look like this machine, so a proxy must not pass
    /metrics on. Everybody else needs the token.
    """
    if authorization_header and _is_token(authorization_header, settings.metrics_token):
        return True
    client: tuple[str, int] | None = scope.get("client")
    return (
        client is not None
        and _is_loopback(client[0])
        and not any(name in _FORWARDING for name, _ in scope["headers"])
    )


def _is_token(header: str, token: str) -> bool:
    if not token or header[: len(_BEARER)].lower() != _BEARER:
        return False
    sent = header[len(_BEARER) :].strip()
    return hmac.compare_digest(sent.encode("utf-8", "replace"), token.encode())


def _is_loopback(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
