"""The outside network: sites on loopback, and a register of names that leads to them.

A name that no test has opened leads nowhere, so no test ever asks a real server. A site is a few
lines over asyncio's own server, so that it can also lie, stall and send what no HTTP library would.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import IPv4Address

from stonechat.domain.addresses import IPAddress, host_of_domain, is_public
from stonechat.outgoing.client import Web
from stonechat.outgoing.errors import Unreachable
from stonechat.outgoing.guard import Guard
from stonechat.outgoing.lookups import Endpoint

LOOPBACK = IPv4Address("127.0.0.1")

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def answer(
    body: bytes | str = b"", *headers: str, status: str = "200 OK", kind: str = "text/html"
) -> bytes:
    """A whole answer as it goes over the wire."""
    content = body.encode() if isinstance(body, str) else body
    lines = (
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(content)}",
        *headers,
        "",
        "",
    )
    return "\r\n".join(lines).encode() + content


def redirect(target: str, status: str = "302 Found") -> bytes:
    """An answer that leads elsewhere."""
    return answer(b"", f"Location: {target}", status=status)


class Site:
    """What a host answers, by path, and what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes | Handler] = {}
        self.requests: list[bytes] = []
        self.served: list[asyncio.Task[None]] = []

    @property
    def paths(self) -> list[str]:
        """What was asked for, in that order."""
        return [request.split(b" ")[1].decode() for request in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which is good for one request."""
        task = asyncio.current_task()
        assert task is not None
        self.served.append(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self.requests.append(head + await reader.readexactly(int(length or 0)))
            page = self.pages.get(self.paths[-1], answer(b"", status="404 Not Found"))
            if isinstance(page, bytes):
                writer.write(page)
            else:
                await page(head, writer)
            await writer.drain()
        writer.close()


class Outside:
    """Names and sites, as far as there are any."""

    def __init__(self) -> None:
        self.names: dict[str, list[Endpoint]] = {}
        self.asked: list[str] = []

    async def look_up(self, host: str, port: int) -> list[Endpoint]:
        """Where a name leads."""
        del port
        self.asked.append(host)
        if host not in self.names:
            raise Unreachable("no such name")
        return self.names[host]

    def web(self, base_url: str) -> Web:
        """A client that finds these sites, and is otherwise the real one."""
        return Web(
            Guard(
                host_of_domain(base_url.partition("://")[2]),
                look_up=self.look_up,
                is_allowed=_is_allowed,
            ),
            base_url,
        )

    @asynccontextmanager
    async def site(self, *hosts: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
        """A site under these names, for as long as the block lasts."""
        site = Site()
        server = await asyncio.start_server(site.serve, str(LOOPBACK), 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        for host in hosts:
            self.names[host] = [Endpoint(str(LOOPBACK), port)]
        try:
            yield site
        finally:
            for host in hosts:
                del self.names[host]
            for task in site.served:
                task.cancel()
            await asyncio.gather(*site.served, return_exceptions=True)
            server.close()
            await server.wait_closed()


def _is_allowed(address: IPAddress) -> bool:
    return is_public(address) or address == LOOPBACK
