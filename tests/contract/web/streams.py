"""An open page: one request to the application that goes on until it is left."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import falcon.testing

from tests.contract.api import Api

PATIENCE_S = 5.0


class Stream:
    """What was sent so far, and what comes next."""

    def __init__(self) -> None:
        self.status = 0
        self.sent = b""
        self._headers: dict[str, str] = {}
        self._events: asyncio.Queue[tuple[str, str] | None] = asyncio.Queue()

    def header(self, name: str) -> str | None:
        return self._headers.get(name)

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            pairs = ((name.decode(), value.decode()) for name, value in message["headers"])
            self._headers = dict(pairs)
            return
        body = message.get("body", b"")
        self.sent += body
        lines = dict(line.split(": ", 1) for line in body.decode().splitlines() if ": " in line)
        if "data" in lines:
            self._events.put_nowait((lines.get("event", "message"), lines["data"]))
        if not message.get("more_body"):
            self._events.put_nowait(None)

    async def next(self) -> Any:
        """The next event: what it tells, `gone`, or None where that was the end."""
        async with asyncio.timeout(PATIENCE_S):
            event = await self._events.get()
        return None if event is None else json.loads(event[1]) or event[0]

    async def hears_nothing(self, seconds: float = 0.8) -> bool:
        """Whether nothing comes for longer than the server takes to look."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._events.get()
                return False
        return True


@asynccontextmanager
async def listening(api: Api, path: str, cookie: str | None = None) -> AsyncIterator[Stream]:
    """A page that is open for the length of a block."""
    headers = {"cookie": cookie} if cookie else {}
    stream = Stream()
    scope = falcon.testing.create_scope(path=path, headers=headers)
    scope["headers"] = list(scope["headers"])
    task = asyncio.create_task(api.app(scope, stream.receive, stream.send))  # pyright: ignore[reportArgumentType]
    try:
        yield stream
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
