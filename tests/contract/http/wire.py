"""How the edge's tests speak: raw bytes over a socket, to a server that says what it was asked."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import uvicorn

from stonechat.http.addresses import Addresses
from stonechat.http.edge import SERVER_OPTIONS, Edge, Receive, Scope, Send

TIMEOUT_S = 10.0
KEEP_ALIVE_S = 1
MEGABYTE = 1_000_000
HOST = b"Host: stonechat.example\r\n"
CHUNKED = b"Transfer-Encoding: chunked"
LENGTH = b"Content-Length: 5"
SOFTWARE = (b"uvicorn", b"python", b"falcon", b"httptools", b"stonechat/")


class Reply(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.body)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says what it was asked once it has the body; at /slow a little later."""
    assert scope["type"] == "http"
    size, more_body = 0, True
    while more_body:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more_body = message["more_body"]
    if scope["path"] == "/slow":
        await asyncio.sleep(0.3)
    said = {
        "method": scope["method"],
        "path": scope["path"],
        "size": size,
        "client": Addresses(()).client(scope),
        "names": [name.decode() for name, _ in scope["headers"]],
    }
    body = json.dumps(said).encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


def serving() -> Iterator[int]:
    """The port of a server that echoes, for as long as the generator lives."""
    options: dict[str, Any] = {
        **SERVER_OPTIONS,
        "lifespan": "off",
        "timeout_keep_alive": KEEP_ALIVE_S,
    }
    server = uvicorn.Server(uvicorn.Config(Edge(echo), host="127.0.0.1", port=0, **options))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(TIMEOUT_S)
    assert not thread.is_alive()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        yield connection


def read_replies(connection: socket.socket) -> list[Reply]:
    """Every answer until the server closes."""
    data = bytearray()
    while chunk := connection.recv(65536):
        data += chunk
    replies: list[Reply] = []
    while data:
        reply, data = cut(bytes(data))
        replies.append(reply)
    return replies


def cut(data: bytes) -> tuple[Reply, bytearray]:
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    headers = {line.partition(b": ")[0]: line.partition(b": ")[2] for line in lines}
    size = int(headers[b"content-length"])
    return Reply(int(first.split()[1]), headers, rest[:size]), bytearray(rest[size:])


def ask(port: int, data: bytes) -> Reply:
    """Send bytes as they are; there is one answer to them, and then the connection closes."""
    with connected(port) as connection:
        connection.sendall(data)
        replies = read_replies(connection)
    assert len(replies) == 1
    return replies[0]


def request(line: bytes, *headers: bytes, host: bytes = HOST, body: bytes = b"") -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return line + b" HTTP/1.1\r\n" + host + lines + b"Connection: close\r\n\r\n" + body


def assert_refused(reply: Reply, status: int) -> None:
    assert reply.status == status
    assert list(reply.said) == ["error"]
    assert reply.headers[b"content-type"] == b"application/json; charset=utf-8"
    assert reply.headers[b"connection"] == b"close"
