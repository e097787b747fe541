"""Listeners: open pages, and those of them that see the same.

A listener holds one piece at most: what it has not yet taken is replaced by what is newer, so a
slow client costs no more than a quick one, and sees the newest state next. Nobody queues here: a
queue would be a way to send what somebody may no longer see.
"""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final, NamedTuple

HEARTBEAT: Final = b":\n\n"
GONE: Final = b"event: gone\ndata: {}\n\n"
"""The last event of who may see no more of it, or of what is no longer there."""
MARK_DIGITS: Final = 24

Render = Callable[[], Awaitable[bytes | None]]


class Place(NamedTuple):
    """What is listened to."""

    kind: str
    key: str


class Group:
    """Listeners of one thing by one grant: what is rendered for one of them is for all."""

    __slots__ = (
        "fresh",
        "grant",
        "listeners",
        "mark",
        "piece",
        "place",
        "render",
        "size",
        "version",
    )

    def __init__(self, place: Place, grant: str, render: Render) -> None:
        self.place = place
        self.grant = grant
        self.render = render
        self.version: object = None
        """What `piece` shows; None before anything was rendered."""
        self.piece = b""
        self.mark: str = ""
        """The id of that piece. It says nothing but whether two pieces are the same."""
        self.listeners: set[Listener] = set()
        self.fresh: list[Listener] = []
        """Who has not been told anything yet; the hub admits them when it looks."""
        self.size = 0

    def show(self, version: object, payload: bytes) -> bool:
        """Keep what is to be shown from now on; False where that was shown before."""
        mark = sha256(payload).hexdigest()[:MARK_DIGITS]
        self.version = version
        if mark == self.mark:
            return False
        self.mark = mark
        lines = b"\ndata: ".join(payload.splitlines() or [b""])
        self.piece = b"id: %b\ndata: %b\n\n" % (mark.encode(), lines)
        return True

    def admit(self, count: int) -> list["Listener"]:
        """Take up the first so many of the fresh ones; those who are still there."""
        admitted = [each for each in self.fresh[:count] if not each.is_over]
        del self.fresh[:count]
        self.listeners.update(admitted)
        return admitted


class Listener:
    """One open page: an iterator over the bytes that it is sent, until it leaves."""

    __slots__ = (
        "_greeting",
        "_has_missed",
        "_on_leave",
        "_pending",
        "_waiter",
        "break_off",
        "group",
        "is_over",
        "known",
        "network",
        "slot",
    )

    def __init__(
        self,
        group: Group,
        on_leave: "Callable[[Listener], None]",
        greeting: bytes,
        *,
        slot: int,
        network: str | None,
    ) -> None:
        self.group = group
        self.slot = slot
        """Its turn among those who hear a heartbeat."""
        self.network = network
        self.known: str | None = None
        """The mark of what it has seen already."""
        self.break_off: Callable[[], None] | None = None
        """What to do where nobody takes what is sent."""
        self.is_over = False
        self._on_leave = on_leave
        self._greeting = greeting
        self._pending: bytes | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._has_missed = False

    def __aiter__(self) -> "Listener":
        return self

    async def __anext__(self) -> bytes:
        self._has_missed = False
        if self._greeting:
            greeting, self._greeting = self._greeting, b""
            return greeting
        while self._pending is None:
            if self.is_over:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        piece, self._pending = self._pending, None
        return piece

    def push(self, piece: bytes) -> None:
        """Send this next, instead of what has not been taken."""
        if not self.is_over:
            self._pending = piece
            self._wake()

    def beat(self) -> bool:
        """Send a sign of life; False where nothing was taken since the one before the last."""
        if self._waiter is not None and self._pending is None:
            self.push(HEARTBEAT)
            return True
        has_missed, self._has_missed = self._has_missed, True
        return not has_missed

    def end(self, last: bytes) -> None:
        """Send this as the last piece."""
        self.push(last)
        self._stop()

    def leave(self) -> None:
        """Send nothing more."""
        self._pending = None
        self._stop()

    def _stop(self) -> None:
        if not self.is_over:
            self.is_over = True
            self._on_leave(self)
            self._wake()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
