"""Live: pages that stay open and are told what changes (Server-Sent Events).

A route checks who may see what, and gives the answer of `Live.stream`. Whoever listens to one thing
by one grant gets the same bytes, so a grant names all that the rendering depends on: `public`, the
secret of a link, the session of a person. `render` is called anew for each change, long after
the request: it asks for the right again, gives None where there is none any more, and holds on to
nothing of the call. When it is called, and by what, is the hub's business (realtime/hub.py).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, Protocol

import falcon.asgi

from stonechat.http.addresses import Addresses
from stonechat.http.connections import CONNECTION
from stonechat.http.operations import Answer, Call, EventStream
from stonechat.kernel.settings import Settings

EVENTS: Final = "text/event-stream"
KNOWN_CHARACTERS_MAX: Final = 64
"""No id that we ever sent is longer."""
HEADERS: Final = {
    "cache-control": "no-store",
    "connection": "close",
    # Without this nginx keeps events for itself until it has a page full of them.
    "x-accel-buffering": "no",
}

Render = Callable[[], Awaitable[bytes | None]]


class Connection(Protocol):
    """What the events go out by; it tells the listener when nobody is there any more."""

    def attach(self, listener: "Listener") -> None:
        """From now on this connection listens."""
        ...

    def detach(self) -> None:
        """It does not any more."""
        ...

    def abort(self) -> None:
        """Break off: nobody takes what is sent."""
        ...


class Listener(Protocol):
    """One open page: an iterator over the bytes that it is sent."""

    break_off: Callable[[], None] | None

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def __anext__(self) -> Awaitable[bytes]: ...

    def leave(self) -> None:
        """Send nothing more."""
        ...


class Hub(Protocol):
    """Who knows what is new."""

    def listen(
        self,
        kind: str,
        key: str,
        grant: str,
        render: Render,
        *,
        known: str | None = None,
        network: str | None = None,
    ) -> Listener:
        """A new listener, or Unavailable or RateLimited where there are too many."""
        ...


class Live:
    """The open pages of one process."""

    def __init__(self, hub: Hub, settings: Settings) -> None:
        self._hub = hub
        self._addresses = Addresses(settings.trusted_proxies)
        self._counts_networks = settings.rate_limits

    def stream(self, call: Call[Any], kind: str, key: str, grant: str, render: Render) -> Answer:
        """The answer that stays open; what is shown is sent first, and again when it changes."""
        if call.request.method == "HEAD":
            return Answer(b"", headers=HEADERS, content_type=EVENTS)
        scope = call.request.scope
        known = call.header("last-event-id")
        listener = self._hub.listen(
            kind,
            key,
            grant,
            render,
            known=known if known and len(known) <= KNOWN_CHARACTERS_MAX else None,
            network=self._addresses.network(scope) if self._counts_networks else None,
        )
        connection: Connection | None = scope.get(CONNECTION)
        if connection is not None:
            listener.break_off = connection.abort
            connection.attach(listener)
        pieces = _Pieces(listener, connection, call.request)
        return Answer(EventStream(pieces), headers=HEADERS, content_type=EVENTS)


class _Pieces:
    """A listener as Falcon wants a body: it closes what it has sent."""

    __slots__ = ("_connection", "_listener", "_request")

    def __init__(
        self, listener: Listener, connection: Connection | None, request: falcon.asgi.Request
    ) -> None:
        self._listener = listener
        self._connection = connection
        self._request = request

    def __aiter__(self) -> AsyncIterator[bytes]:
        # Now that the request was served nobody reads what it said, and a browser says 3 KB.
        headers: object = self._request.scope["headers"]
        if isinstance(headers, list):
            headers.clear()
        self._request._asgi_headers.clear()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        # The listener itself: that is one step less for each piece.
        return aiter(self._listener)

    def __anext__(self) -> Awaitable[bytes]:
        return anext(self._listener)

    async def close(self) -> None:
        """The answer is over, however it ended."""
        self._listener.leave()
        if self._connection is not None:
            self._connection.detach()
