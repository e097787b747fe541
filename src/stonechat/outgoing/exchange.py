"""One request and its answer, by aiohttp. The only module that knows it; imported when needed.

Each exchange has a session and a connection of its own. So nothing is carried from one site to
another one, or from one request to the next: no cookies, no kept connections, no kept names.
What a session would do by itself is switched off: following redirects, decoding (its output has no
bound), reading proxies out of the environment.
"""

import socket
import zlib
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from stonechat.outgoing.errors import Garbled, Oversized, Unreachable
from stonechat.outgoing.guard import Guard
from stonechat.outgoing.messages import (
    HEADER_BYTES_MAX,
    HEADERS_MAX,
    REDIRECTS,
    Answer,
    Bounds,
    Request,
)

READ_BYTES: Final = 64 * 1024
_GZIP: Final = frozenset({"gzip", "x-gzip"})
_GZIP_WINDOW: Final = zlib.MAX_WBITS | 16
# The one deadline is asyncio's, around everything.
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=None)


async def exchange(guard: Guard, request: Request, bounds: Bounds) -> Answer:
    """Send a request, and read its answer within the bounds. The body of a redirect is not read."""
    try:
        async with (
            _make_session(guard) as session,
            session.request(
                request.method,
                # What was admitted goes out as it is, without being read once more.
                URL(request.address.url, encoded=True),
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
            ) as response,
        ):
            try:
                return Answer(
                    request.address,
                    response.status,
                    {name.lower(): value for name, value in reversed([*response.headers.items()])},
                    b"" if response.status in REDIRECTS else await _read(response, bounds),
                )
            finally:
                response.close()
    except (aiohttp.ClientError, OSError) as fault:
        if isinstance(fault, TimeoutError):
            raise
        raise Unreachable(type(fault).__name__) from fault


def _make_session(guard: Guard) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            resolver=_Resolver(guard), use_dns_cache=False, force_close=True
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=_NO_TIMEOUT,
        auto_decompress=False,
        trust_env=False,
        middlewares=(_once,),
        read_bufsize=READ_BYTES,
        max_line_size=HEADER_BYTES_MAX,
        max_field_size=HEADER_BYTES_MAX,
        max_headers=HEADERS_MAX,
    )


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep a session from asking again by itself when a server hangs up."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as fault:
        raise Unreachable(type(fault).__name__) from fault


class _Resolver(AbstractResolver):
    """Gives the connector what the guard found. IP addresses do not come here: see Guard.admit."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        del family
        return [
            ResolveResult(
                hostname=host,
                host=endpoint.address,
                port=endpoint.port,
                family=socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for endpoint in await self._guard.find_endpoints(host, port)
        ]

    async def close(self) -> None:
        """There is nothing to close."""


async def _read(response: aiohttp.ClientResponse, bounds: Bounds) -> bytes:
    decoder = _Decoder(response.headers.get("content-encoding", ""))
    left, sent = bounds.body_bytes_max, 0
    if not bounds.is_cut and (response.content_length or 0) > left:
        raise Oversized("the body")
    body = bytearray()
    async for chunk in response.content.iter_any():
        sent += len(chunk)
        # One byte more than there is room for tells that there was more.
        body += decoder.decode(chunk, left + 1 - len(body))
        if len(body) > left or sent > left:
            if not bounds.is_cut:
                raise Oversized("the body")
            break
    return bytes(body[:left])


class _Decoder:
    """Undoes the one coding that we ask for, no further than somebody wants to read."""

    def __init__(self, coding: str) -> None:
        name = coding.strip().lower()
        if name not in ("", "identity", *_GZIP):
            raise Garbled("a coding that was not asked for")
        self._gzip = zlib.decompressobj(_GZIP_WINDOW) if name in _GZIP else None

    def decode(self, chunk: bytes, bytes_max: int) -> bytes:
        """What a chunk stands for, cut off at `bytes_max`, after which there may be no more."""
        if self._gzip is None:
            return chunk
        try:
            return self._gzip.decompress(chunk, bytes_max)
        except zlib.error:
            raise Garbled("broken gzip") from None
