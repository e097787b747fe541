"""Refusals: how a request is turned away before any dialect is known.

The body is `{"error": …}`, which every API client can read, and nothing in it names our
software or repeats what was sent. What a dialect refuses is not here: it has its own words.
The connection is closed after each of these, for what follows on it is not worth trust.
"""

from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec

from stonechat.kernel.errors import MethodNotAllowed, NotFound

URL_BYTES_MAX: Final = 16 * 1024
HEADER_BYTES_MAX: Final = 32 * 1024
HEADERS_MAX: Final = 100
METHODS: Final = frozenset({b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT"})


class Refusal(NamedTuple):
    """Why a request goes no further: a status, the words for the caller, and our own."""

    status: HTTPStatus
    message: str
    reason: str

    def body(self) -> bytes:
        """The answer's body; none where there are no words."""
        return msgspec.json.encode({"error": self.message}) if self.message else b""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The answer's headers."""
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(self.body())).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        ]
        if self.status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append((b"allow", b", ".join(sorted(METHODS))))
        return headers


_BAD: Final = "The request could not be read"
MALFORMED: Final = Refusal(HTTPStatus.BAD_REQUEST, _BAD, "malformed")
BAD_TARGET: Final = Refusal(HTTPStatus.BAD_REQUEST, _BAD, "target")
BAD_HOST: Final = Refusal(HTTPStatus.BAD_REQUEST, "The Host header is missing or wrong", "host")
TOO_MANY_AT_ONCE: Final = Refusal(HTTPStatus.BAD_REQUEST, _BAD, "pipeline")
ODD_PATH: Final = Refusal(HTTPStatus.NOT_FOUND, NotFound.default, "path")
ODD_STATUS_PATH: Final = Refusal(HTTPStatus.NOT_FOUND, "", "path")
"""The same where the dialect has no body for what is not there."""
BAD_METHOD: Final = Refusal(HTTPStatus.METHOD_NOT_ALLOWED, MethodNotAllowed.default, "method")
TOO_LATE: Final = Refusal(
    HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive", "timeout"
)
LONG_URL: Final = Refusal(
    HTTPStatus.REQUEST_URI_TOO_LONG, f"The URL is longer than {URL_BYTES_MAX} bytes", "url"
)
LARGE_HEADERS: Final = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"The headers are larger than {HEADER_BYTES_MAX} bytes, or more than {HEADERS_MAX}",
    "headers",
)
BAD_VERSION: Final = Refusal(
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "This version of HTTP is not spoken here", "version"
)
