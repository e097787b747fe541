"""Shortcuts: what programs ask for again and again, answered before any route is looked for.

Routing, a request object and a response object cost more than a small answer that is ready. A
shortcut takes only requests that say nothing but a path and what they know already; everything
else, a token or a query, goes the usual way (mounting.py), and has to get the same answer there.
Limits, numbers and log lines are the same on both ways: whoever adds something to the one adds it
to the other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from stonechat.http.edge import Receive, Scope, Send
from stonechat.http.observing import Observer
from stonechat.http.operations import Answer, Dialect, Operation
from stonechat.http.rates import RateLimits
from stonechat.kernel.errors import StonechatError, Unavailable

Headers = list[tuple[bytes, bytes]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

_FAULT: Final = 500
_KNOWN: Final = b"if-none-match"
_SLOW: Final = frozenset(
    {
        b"authorization",
        b"stativate-api-key",
        b"content-length",
        b"expect",
        b"transfer-encoding",
    }
)
"""A request with one of these is not as plain as it looks."""


class Ready(NamedTuple):
    """An answer as it goes out. Its headers are whole, but for those that every answer has."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Some operations of a dialect that nobody has to sign in for."""

    dialect: Dialect[Any]
    prefix: str
    find: Callable[[str], Operation[Any] | None]
    """The operation of a path, if it is one of these."""
    read: Callable[[str, bytes], Awaitable[Ready]]
    """Answers a path, for somebody who has the versions of an If-None-Match."""


class Shortcuts:
    """The application, with a shortcut in front of it."""

    __slots__ = ("_application", "_observer", "_prefix", "_rates", "_shortcut")

    def __init__(
        self,
        application: Application,
        shortcut: Shortcut,
        *,
        rates: RateLimits,
        observer: Observer,
    ) -> None:
        self._application = application
        self._shortcut = shortcut
        self._prefix = shortcut.prefix
        self._rates = rates
        self._observer = observer

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer at once, or pass the request on."""
        if (
            scope["type"] == "http"
            and scope["path"].startswith(self._prefix)
            and scope["method"] == "GET"
            and not scope["query_string"]
        ):
            operation = self._shortcut.find(scope["path"])
            if operation is not None:
                # ASGI promises no more than that they can be read once; others read them, too.
                scope["headers"] = headers = [(name, value) for name, value in scope["headers"]]
                known = _read_known(headers)
                if known is not None:
                    return self._answer(operation, scope, known, send)
        return self._application(scope, receive, send)

    async def _answer(
        self, operation: Operation[Any], scope: Scope, known: bytes, send: Send
    ) -> None:
        observer, dialect, allowance = self._observer, self._shortcut.dialect, None
        watch = observer.begin("GET")
        try:
            allowance = self._rates.check(operation.limit, b"", scope)
            status, headers, body = await self._shortcut.read(scope["path"], known)
        except StonechatError as error:
            self._rates.penalise(operation.limit, error, scope)
            answer = await dialect.present_error(error, dialect.room)
            allowance, (status, headers, body) = None, _encode_error(answer, dialect)
        except Exception as fault:  # noqa: BLE001 - the last wall: the fault is ours
            observer.fault(watch, operation.path, fault)
            answer = await dialect.present_error(Unavailable(is_fault=True), dialect.room)
            answer.status = _FAULT
            allowance, (status, headers, body) = None, _encode_error(answer, dialect)
        observer.record(watch, operation, dialect.name, status, len(body))
        headers = [*headers, (b"x-request-id", watch.request_id.encode())]
        if allowance is not None:
            headers += encode_headers(self._rates.headers(allowance))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def encode_headers(headers: dict[str, str]) -> Headers:
    """Headers as they go over the wire."""
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def _read_known(headers: Headers) -> bytes | None:
    """What the reader has already; None where the request says more than that."""
    known = b""
    for name, value in headers:
        if name in _SLOW:
            return None
        if name == _KNOWN:
            if known:
                return None
            known = value
    return known


def _encode_error(answer: Answer, dialect: Dialect[Any]) -> Ready:
    body = answer.encoded()
    headers = {
        **dialect.headers,
        "cache-control": "no-store",
        "content-type": answer.content_type,
        "content-length": str(len(body)),
        **answer.headers,
    }
    return Ready(answer.status, encode_headers(headers), body)
