"""Looking up names, in threads of our own.

The system's resolver may take half a minute and cannot be told to stop. In the loop's own threads
a few such names would hold up passwords and files; and a thread that the interpreter waits for at
its end would hold up the end of the server. So each look-up has a thread that nobody waits for,
and there is a bound on how many there are.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, NamedTuple, TypeAlias

from stonechat.outgoing.errors import Unreachable

LOOKUPS_AT_ONCE_MAX: Final = 32


class Endpoint(NamedTuple):
    """An IP address, as text, and the port to connect to."""

    address: str
    port: int


Lookup: TypeAlias = Callable[[str, int], Awaitable[list[Endpoint]]]
"""Where a name leads: every address that it has. A name without any raises Unreachable."""

_free: Final = threading.BoundedSemaphore(LOOKUPS_AT_ONCE_MAX)


async def look_up(host: str, port: int) -> list[Endpoint]:
    """Ask the system's resolver once."""
    if not _free.acquire(blocking=False):
        raise Unreachable("too many names are being looked up")
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Endpoint]] = loop.create_future()

    def settle(found: list[Endpoint] | Unreachable) -> None:
        if future.done():
            return
        if isinstance(found, Unreachable):
            future.set_exception(found)
        else:
            future.set_result(found)

    def ask() -> None:
        try:
            found = _ask(host, port)
        finally:
            _free.release()
        # Whoever asked may have given up, and their loop be closed.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=ask, name="lookup", daemon=True).start()
    return await future


def _ask(host: str, port: int) -> list[Endpoint] | Unreachable:
    try:
        # The dot keeps the resolver from trying the name inside our own domains first.
        answers = socket.getaddrinfo(f"{host}.", port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return Unreachable("no such name")
    return [Endpoint(str(answer[4][0]), port) for answer in answers]
