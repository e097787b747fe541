"""The edge: what every request passes before any route is looked at.

`Edge` wraps the application and refuses hosts and paths that two readers could read in two
ways; what is wrong with the bytes themselves is found earlier (connections.py). The path of the
scope is decoded once already: whoever decodes it again opens the door that is closed here.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from string import ascii_letters, digits
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import structlog

from stonechat.http.connections import EdgeProtocol
from stonechat.http.refusals import BAD_HOST, ODD_PATH, ODD_STATUS_PATH, Refusal

HOST_BYTES_MAX: Final = 261
"""A DNS name of 255 characters, a colon and a port."""
KEEP_ALIVE_S: Final = 65
"""Longer than a reverse proxy keeps an idle connection (60 s is usual), so that it is never we
who close one that the proxy is about to use."""

_HOST: Final = re.compile(
    rb"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
)
_PLAIN: Final = (ascii_letters + digits + "/_-@").encode()
"""A path of these alone, without an empty segment, can be read in one way only."""
_BODILESS: Final = b"/v1/"
_FORBIDDEN: Final = re.compile(rb"[/\\;%\x00-\x1f\x7f]|\A\.\.?\Z")
"""What no segment of a path may hold once it is decoded."""

_log: Final = structlog.stdlib.get_logger()

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Edge:
    """The application behind a guard for hosts and paths."""

    __slots__ = ("_application", "_usual_host")

    def __init__(self, application: Application) -> None:
        self._application = application
        # None is no header: an empty one is a host like any other, and a bad one.
        self._usual_host: bytes | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            return self._application(scope, receive, send)
        # Any well-formed host may pass, for nothing reads it: links are made of `base_url`.
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if hosts != [self._usual_host] and not self._may_pass(hosts, scope["http_version"]):
            return _send_refusal(BAD_HOST, scope, send)
        path: bytes = scope["raw_path"]
        if (path.translate(None, _PLAIN) or b"//" in path) and is_odd_path(path):
            refusal = ODD_STATUS_PATH if path.startswith(_BODILESS) else ODD_PATH
            return _send_refusal(refusal, scope, send)
        return self._application(scope, receive, send)

    def _may_pass(self, hosts: list[bytes], http_version: str) -> bool:
        if not hosts:
            return http_version == "1.0"
        host = hosts[0]
        if len(hosts) > 1 or len(host) > HOST_BYTES_MAX or not _HOST.fullmatch(host):
            return False
        self._usual_host = host
        return True


def is_odd_path(raw_path: bytes) -> bool:
    """Whether a path could mean another one to somebody who reads it differently."""
    segments = raw_path.split(b"/")[1:]
    if b"" in segments[:-1]:
        return True
    for segment in segments:
        decoded = unquote_to_bytes(segment)
        if _FORBIDDEN.search(decoded):
            return True
        try:
            decoded.decode()
        except UnicodeDecodeError:
            return True
    return False


async def _send_refusal(refusal: Refusal, scope: Scope, send: Send) -> None:
    _log.info("request.refused", status=int(refusal.status), reason=refusal.reason)
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    await send(
        {
            "type": "http.response.start",
            "status": int(refusal.status),
            "headers": refusal.headers(),
        }
    )
    await send({"type": "http.response.body", "body": refusal.body()})


SERVER_OPTIONS: Final[dict[str, Any]] = {
    "http": EdgeProtocol,
    "interface": "asgi3",
    "server_header": False,
    "proxy_headers": False,
    "access_log": False,
    "log_config": None,
    "timeout_keep_alive": KEEP_ALIVE_S,
}
"""How uvicorn is to be started. Its own proxy headers would trust every program on this machine,
and its access log would write down addresses and queries."""
