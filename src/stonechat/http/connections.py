"""Connections: uvicorn's HTTP/1.1 parser, with bounds on what a stranger may make it do.

Bounded are the sizes and the number of headers, the requests that wait in a row, and the time
that a head takes to arrive or a body may stand still. The bytes of a body are counted where it
is read. This leans on uvicorn's own attributes, so its minor version is pinned. A refusal must
never be written while an earlier request is being answered: the caller could not tell which of
the two it is for.

An answer may stay open (live.py). Nothing is read of who listens, so a task that waits for them to
go away would be one for each; instead the connection says so to the listener that it was given.
"""

import asyncio
from asyncio import TimerHandle
from socket import SO_SNDBUF, SOL_SOCKET, socket
from typing import Any, Final, Protocol

import httptools
import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from stonechat.http.refusals import (
    BAD_METHOD,
    BAD_TARGET,
    BAD_VERSION,
    HEADER_BYTES_MAX,
    HEADERS_MAX,
    LARGE_HEADERS,
    LONG_URL,
    MALFORMED,
    METHODS,
    TOO_LATE,
    TOO_MANY_AT_ONCE,
    URL_BYTES_MAX,
    Refusal,
)

PIPELINED_MAX: Final = 32
"""Requests of one connection that wait for the answer to an earlier one."""
HEAD_TIMEOUT_S: Final = 10.0
"""From the connection, or the first bytes of a later request, to the end of its headers."""
BODY_STALL_TIMEOUT_S: Final = 30.0
"""A body of which nothing more comes for so long is given up."""
LINGER_S: Final = 2.0
"""A refused client may go on sending for so long, or it would lose our answer to a reset."""
CONNECTION: Final = "stonechat.connection"
"""Where the scope of a request has its connection."""
LIVE_BUFFER_BYTES: Final = 4096
"""So much may wait for a slow listener; what is newer is then held back, in one piece."""
LIVE_KERNEL_BYTES: Final = 16 * 1024
"""And so much in the system, which would otherwise keep megabytes of what was so long ago."""

_READ_BYTES_MAX: Final = 256 * 1024
"""What the loop hands over at once, at most; a head may begin anywhere in it."""
_HEAD_FED_BYTES_MAX: Final = URL_BYTES_MAX + HEADER_BYTES_MAX + _READ_BYTES_MAX

_log: Final = structlog.stdlib.get_logger()


class Leaver(Protocol):
    """Whoever listens by a connection."""

    def leave(self) -> None:
        """Nobody is there any more."""
        ...


class _Refused(Exception):
    """Stops the parser in the middle of a request."""


class EdgeProtocol(HttpToolsProtocol):
    """One connection. What it may cost before a route is found has a bound."""

    # Objects of one class share the names of up to thirty attributes, and uvicorn's own are nearly
    # as many. With ours among them every connection would have a whole dictionary for itself.
    __slots__ = (
        "_body_timer",
        "_chunk",
        "_has_fed",
        "_head_fed",
        "_head_timer",
        "_ignores_rest",
        "_is_in_head",
        "_is_stopping",
        "_listener",
        "_silent_bytes",
    )

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._ignores_rest = False
        self._is_in_head = False
        self._head_fed = 0
        self._chunk = 0
        self._silent_bytes = 0
        self._has_fed = False
        self._head_timer: TimerHandle | None = None
        self._body_timer: TimerHandle | None = None
        self._listener: Leaver | None = None
        self._is_stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as in uvicorn itself
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._give_up_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._cancel_timers()
        super().connection_lost(exc)
        if self._listener is not None:
            self._listener.leave()
        if self.scope:
            # Otherwise it would lie in memory until the collector finds the circle.
            self.scope.pop(CONNECTION, None)

    def shutdown(self) -> None:
        """The server stops: requests in hand may end, and open answers do so at once."""
        super().shutdown()
        self._is_stopping = True
        if self._listener is None:
            return
        if self.transport.get_write_buffer_size():
            # Whoever has not taken it by now would hold up the stop.
            self.transport.abort()
        else:
            self._listener.leave()

    def attach(self, listener: Leaver) -> None:
        """The request in hand gets an answer that stays open, and somebody who ends it."""
        self._listener = listener
        self.transport.set_write_buffer_limits(LIVE_BUFFER_BYTES)
        own_socket: socket | None = self.transport.get_extra_info("socket")
        if own_socket is not None and not self.transport.is_closing():
            own_socket.setsockopt(SOL_SOCKET, SO_SNDBUF, LIVE_KERNEL_BYTES)
        if self._is_stopping or self.transport.is_closing():
            listener.leave()

    def detach(self) -> None:
        """That answer is over, and so is the connection: it is tuned for nothing else."""
        self._listener = None

    def abort(self) -> None:
        """Break off: nobody takes what is sent."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse what came, and see that what is not yet complete stays within its bounds."""
        if self._ignores_rest:
            return
        assert self.parser is not None
        self._chunk = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._upgrade()
            return
        except httptools.HttpParserInvalidMethodError:
            self._refuse(BAD_METHOD if _looks_like_method(data) else MALFORMED)
            return
        except httptools.HttpParserError as error:
            self._refuse(_find_refusal(error))
            return
        if self._is_in_head:
            self._await_head()
        elif self.cycle and self.cycle.more_body:
            self._await_body()

    def on_message_begin(self) -> None:
        """The first byte of a request. Only now is the connection no longer idle."""
        super().on_message_begin()
        self.scope[CONNECTION] = self  # pyright: ignore[reportGeneralTypeIssues] - a key of ours
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self._is_in_head = True
        self._head_fed = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep one header. A trailer, which comes after the body, is not one."""
        if not self._is_in_head:
            return
        headers = self.headers
        if len(headers) >= HEADERS_MAX:
            raise _Refused(LARGE_HEADERS)
        name = name.lower()
        if name == b"expect":
            self.expect_100_continue = value.lower() == b"100-continue"
        elif name == b"transfer-encoding" and value.lower() != b"chunked":
            raise _Refused(MALFORMED)  # such as "gzip, chunked", whose gzip nobody would undo
        headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Hand the request to the application, if its head may pass."""
        if self.timeout_keep_alive_task is not None:
            # The answer to an earlier request has set it since this one began.
            self._unset_keepalive_if_required()
        refusal = self._examine_head()
        if refusal is not None:
            raise _Refused(refusal)
        super().on_headers_complete()
        self._is_in_head = False
        self._silent_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def on_body(self, body: bytes) -> None:
        """A part of the body, as opposed to what stands between the parts."""
        self._silent_bytes = 0
        super().on_body(body)

    def _examine_head(self) -> Refusal | None:
        assert self.parser is not None
        if self.parser.get_method() not in METHODS:
            return BAD_METHOD
        if len(self.url) > URL_BYTES_MAX:
            return LONG_URL
        if self.url[:1] != b"/":
            return BAD_TARGET
        # Nothing is added up as long as all that came is less than what the headers may be.
        if self._head_fed + self._chunk > HEADER_BYTES_MAX:
            header_bytes = sum(len(name) + len(value) for name, value in self.headers)
            if header_bytes > HEADER_BYTES_MAX:
                return LARGE_HEADERS
        if len(self.pipeline) >= PIPELINED_MAX:
            return TOO_MANY_AT_ONCE
        version = self.parser.get_http_version()
        return None if version == "1.1" else _examine_version(version, self.headers)

    def _await_head(self) -> None:
        self._head_fed += self._chunk
        if self._head_fed > _HEAD_FED_BYTES_MAX:
            self._refuse(LONG_URL if len(self.url) > URL_BYTES_MAX else LARGE_HEADERS)
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._give_up_head)

    def _await_body(self) -> None:
        # Extensions of chunks and trailers reach no callback, so they are bounded by what comes
        # without any of the body.
        self._silent_bytes += self._chunk
        self._has_fed = True
        if self._silent_bytes > HEADER_BYTES_MAX + _READ_BYTES_MAX:
            self._refuse(MALFORMED)
        elif self._body_timer is None:
            self._body_timer = self.loop.call_later(BODY_STALL_TIMEOUT_S, self._look_at_body)

    def _give_up_head(self) -> None:
        self._head_timer = None
        if self._is_in_head:
            self._refuse(TOO_LATE)
        else:
            self.transport.close()

    def _look_at_body(self) -> None:
        self._body_timer = None
        cycle = self.cycle
        if not cycle.more_body or cycle.response_complete:
            return
        if self._has_fed or self.flow.read_paused:
            self._has_fed = False
            self._body_timer = self.loop.call_later(BODY_STALL_TIMEOUT_S, self._look_at_body)
        else:
            self._refuse(TOO_LATE)

    def _upgrade(self) -> None:
        if self._should_upgrade():
            self._cancel_timers()
            self.handle_websocket_upgrade()
            return
        # Nobody needs to be given what they ask for: the answer is HTTP/1.1, and what follows
        # the request is in a language that we have not agreed on.
        self._ignores_rest = True
        self.cycle.keep_alive = False

    def _refuse(self, refusal: Refusal) -> None:
        self._ignores_rest = True
        self._cancel_timers()
        _log.info("request.refused", status=int(refusal.status), reason=refusal.reason)
        cycle = self.cycle
        if not cycle or cycle.response_complete:
            self._answer(refusal)
        elif self._is_in_head or not cycle.more_body:
            # Earlier requests are under way. They are answered, and then it is over: an answer
            # to this one now would be taken for the answer to one of them.
            cycle.keep_alive = False
        else:
            self._break_off(refusal)

    def _break_off(self, refusal: Refusal) -> None:
        """The request whose body is arriving cannot be read to its end."""
        cycle = self.cycle
        cycle.disconnected = True
        cycle.message_event.set()
        if cycle.response_started or self.pipeline:
            self.transport.close()
        else:
            self._answer(refusal)

    def _answer(self, refusal: Refusal) -> None:
        if self.transport.is_closing():
            return
        status = refusal.status
        lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
        for name, value in (*self.server_state.default_headers, *refusal.headers()):
            lines.append(name + b": " + value)
        self.transport.write(b"\r\n".join((*lines, b"", refusal.body())))
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(LINGER_S, self.transport.close)
        else:
            self.transport.close()

    def _cancel_timers(self) -> None:
        for timer in (self._head_timer, self._body_timer):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._body_timer = None


def _looks_like_method(data: bytes) -> bool:
    # As opposed to another protocol, such as TLS, at the wrong port.
    first = data.lstrip(b"\r\n")[:1]
    return first.isalpha() or first == b"_"


def _find_refusal(error: httptools.HttpParserError) -> Refusal:
    cause = error.__context__
    return cause.args[0] if isinstance(cause, _Refused) else MALFORMED


def _examine_version(version: str, headers: list[tuple[bytes, bytes]]) -> Refusal | None:
    if version != "1.0":
        return BAD_VERSION
    # HTTP/1.0 has no chunks: whoever stands in front of us may have read another length.
    return MALFORMED if any(name == b"transfer-encoding" for name, _ in headers) else None
