"""What is asked of another server, what it may cost, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stonechat.domain.addresses import WebAddress

SECONDS_MAX: Final = 10.0
BODY_BYTES_MAX: Final = 1024 * 1024
HOPS_MAX: Final = 5
HEADERS_MAX: Final = 100
HEADER_BYTES_MAX: Final = 8190
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an answer may cost us. The time is for all of it: names, connections, hops, body."""

    seconds_max: float = SECONDS_MAX
    body_bytes_max: int = BODY_BYTES_MAX
    """Of the body as it is read, decoded; and as it comes over the wire."""
    hops_max: int = HOPS_MAX
    is_cut: bool = False
    """Whether the beginning of a body that is too long will do."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to an address that was admitted."""

    method: str
    address: WebAddress
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from `address`. Names of headers are in lower case; each has one value."""

    address: WebAddress
    status: int
    headers: Mapping[str, str]
    body: bytes
