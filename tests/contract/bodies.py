"""Bodies of uploads as they come over the wire, piece by piece; some of them stop on their way."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import falcon.testing

from stonechat.http.edge import Message
from tests.contract.api import Api, Person
from tests.pictures import plain

V2 = "/api/v2/media"
FORM = {"Content-Type": "multipart/form-data; boundary=XX"}


def part(
    name: str, content: bytes = b"", *, filename: str | None = None, headers: str = ""
) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'--XX\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{headers}\r\n'
    return head.encode() + content + b"\r\n"


END = b"--XX--\r\n"
FILE = part("file", plain(), filename="x.png")


def spooled(api: Api) -> list[Path]:
    """Everything that lies in the spool, folders and files."""
    return sorted((api.env.settings.data_dir / "spool").rglob("*"))


Receive = Callable[[], Awaitable[dict[str, Any]]]


async def feed(
    api: Api,
    who: Person,
    receive: Receive,
    how: tuple[str, str] = ("POST", V2),
    /,
    **headers: str,
) -> tuple[int, bytes]:
    """Status and body of the answer to a body that comes as it is received."""
    sent = {"Authorization": f"Bearer {who.token}", **FORM, **headers}
    method, path = how
    scope = falcon.testing.create_scope(path=path, method=method, headers=sent)
    told: list[Message] = []

    async def send(message: Message) -> None:
        told.append(message)

    await api.app(scope, receive, send)
    return told[0]["status"], b"".join(message.get("body", b"") for message in told)


def pieces(*chunks: bytes, then: dict[str, Any] | None = None) -> Receive:
    """Gives these chunks, and then the end, or whatever comes instead of it."""
    messages = [{"type": "http.request", "body": each, "more_body": True} for each in chunks]
    messages.append(then or {"type": "http.request", "body": b"", "more_body": False})
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    return receive


CHUNKED = {"Transfer-Encoding": "chunked"}


class Halted:
    """A body that stops after its beginning until it is let go."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = list(chunks)
        self.is_halted = asyncio.Event()
        self.go_on = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if len(self._chunks) == 1:
            self.is_halted.set()
            await self.go_on.wait()
        body = self._chunks.pop(0) if self._chunks else b""
        return {"type": "http.request", "body": body, "more_body": bool(self._chunks)}
