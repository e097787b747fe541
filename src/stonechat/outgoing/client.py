"""The client: fetches from and posts to addresses that strangers write.

Redirects are followed by hand, so that each hop goes through the whole guard. What we send says
who we are and nothing of whom we do it for: no cookies, no referrer, no language.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

from stonechat import __version__
from stonechat.domain.addresses import WebAddress
from stonechat.outgoing.errors import Overdue, Refused
from stonechat.outgoing.guard import Guard
from stonechat.outgoing.messages import REDIRECTS, Answer, Bounds, Request

EXCHANGES_AT_ONCE_MAX: Final = 16
_HEADER_NAME: Final = re.compile("[A-Za-z0-9-]+")
_HEADER_VALUE: Final = re.compile("[\x20-\x7e]*")
_DEFAULT: Final = Bounds()

MayFollow: TypeAlias = Callable[[WebAddress], Awaitable[bool]]


class Web:
    """Everything beyond our own walls."""

    def __init__(self, guard: Guard, base_url: str) -> None:
        self._guard = guard
        self._agent = f"Stonechat/{__version__} (+{base_url}/)"
        self._turns = asyncio.Semaphore(EXCHANGES_AT_ONCE_MAX)

    async def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        bounds: Bounds = _DEFAULT,
        may_follow: MayFollow | None = None,
    ) -> Answer:
        """Fetch an address, and what it redirects to. `status` may be any; it is not looked at.

        `may_follow` is asked about each hop, which the guard has admitted, before it is made; where
        it says no, the redirect itself is the answer.
        """
        headers = {"Accept": accept, "Accept-Encoding": "gzip"}
        async with _within(bounds.seconds_max):
            address = self._guard.admit(url)
            for _ in range(bounds.hops_max + 1):
                answer = await self._exchange(Request("GET", address, headers), bounds)
                reference = find_redirect(answer)
                if reference is None:
                    return answer
                address = self._guard.admit_hop(address, reference)
                if may_follow is not None and not await may_follow(address):
                    return answer
        raise Refused("too many redirects")

    async def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str], bounds: Bounds = _DEFAULT
    ) -> Answer:
        """Post to an address. A redirect is not followed: what is posted is for nobody else."""
        async with _within(bounds.seconds_max):
            request = Request("POST", self._guard.admit(url), headers, body)
            return await self._exchange(request, bounds)

    async def _exchange(self, request: Request, bounds: Bounds) -> Answer:
        headers = {**request.headers, "User-Agent": self._agent}
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise Refused("a header that is none")
        # It takes half a second to import: not where everybody waits for it.
        exchange = await asyncio.to_thread(_import_exchange)
        async with self._turns:
            return await exchange(
                self._guard,
                Request(request.method, request.address, headers, request.body),
                bounds,
            )


def _import_exchange() -> Callable[[Guard, Request, Bounds], Awaitable[Answer]]:
    # Most servers never fetch anything, and should not pay for what could.
    from stonechat.outgoing.exchange import exchange  # noqa: PLC0415

    return exchange


def find_redirect(answer: Answer) -> str | None:
    """Where an answer sends us on to, as it is written there; None where it does not."""
    return answer.headers.get("location") if answer.status in REDIRECTS else None


@asynccontextmanager
async def _within(seconds_max: float) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(seconds_max):
            yield
    except TimeoutError:
        raise Overdue("it takes too long") from None
