"""The edge, over real sockets: a uvicorn with our protocol in front of a tiny application.

Names of tests carry the number of the security case that they hold.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import uvicorn

from stonechat.http import connections
from stonechat.http.connections import PIPELINED_MAX
from stonechat.http.edge import SERVER_OPTIONS, Edge, Message, Receive, Scope, Send, is_odd_path
from stonechat.http.refusals import HEADER_BYTES_MAX, HEADERS_MAX, URL_BYTES_MAX

TIMEOUT_S = 10.0
HOST = b"Host: stonechat.example\r\n"


class Reply(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def error(self) -> str:
        return json.loads(self.body)["error"]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says what it was asked; at /slow it answers when its body is complete, at /early before."""
    assert scope["type"] == "http"
    size, path = 0, scope["path"]
    while path != "/early":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        if not message["more_body"]:
            break
    if path == "/slow":
        await asyncio.sleep(0.3)
    said = {
        "method": scope["method"],
        "path": path,
        "size": size,
        "client": scope["client"][0],
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
    }
    await answer(send, json.dumps(said).encode())


async def answer(send: Send, body: bytes) -> None:
    start: Message = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-length", str(len(body)).encode())],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    options: dict[str, Any] = {**SERVER_OPTIONS, "lifespan": "off"}
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


def read_all(connection: socket.socket) -> bytes:
    received = bytearray()
    while chunk := connection.recv(65536):
        received += chunk
    return bytes(received)


def parse(data: bytes) -> tuple[Reply, bytes]:
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    headers = {line.partition(b": ")[0]: line.partition(b": ")[2] for line in lines}
    size = int(headers[b"content-length"])
    return Reply(int(first.split()[1]), headers, rest[:size]), rest[size:]


def replies(data: bytes) -> list[Reply]:
    found: list[Reply] = []
    while data:
        reply, data = parse(data)
        found.append(reply)
    return found


def ask(port: int, data: bytes) -> Reply:
    """Send bytes as they are, and read until the server closes: one answer and no more."""
    with connected(port) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR) if False else None
        found = replies(read_all(connection))
    assert len(found) == 1
    return found[0]


def request(line: bytes, *headers: bytes, host: bytes = HOST) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return line + b" HTTP/1.1\r\n" + host + b"Connection: close\r\n" + lines + b"\r\n"


def test_it(port):
    print(ask(port, request(b"GET /a?b=1")))
    for m in [b"TRACE", b"CONNECT", b"__INIT__", b"FOO", b"PROPFIND", b"get", b"PRI"]:
        print(m, ask(port, request(m+b" /a")))
    print(ask(port, b"CONNECT a.b:443 HTTP/1.1\r\nHost: x\r\n\r\n"))
    print(ask(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
    print(ask(port, b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"))
    print(ask(port, b"GET /\r\n\r\n"))
    print(ask(port, b"GET / HTTP/3.0\r\nHost: a\r\n\r\n"))
    print(ask(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x"*200))
    P=b"POST /a"
    cases = {
      "CL+TE": request(P,b"Content-Length: 5",b"Transfer-Encoding: chunked")+b"0\r\n\r\n",
      "TE+CL": request(P,b"Transfer-Encoding: chunked",b"Content-Length: 5")+b"0\r\n\r\n",
      "CLCL": request(P,b"Content-Length: 5",b"Content-Length: 5")+b"abcde",
      "CL,CL": request(P,b"Content-Length: 5, 5")+b"abcde",
      "CL+1": request(P,b"Content-Length: +5")+b"abcde",
      "CL1_0": request(P,b"Content-Length: 1_0")+b"abcdeabcde",
      "CL-1": request(P,b"Content-Length: -1")+b"abcdeabcde",
      "CL 5 ": request(P,b"Content-Length : 5")+b"abcde",
      "TE x": request(P,b"Transfer-Encoding: xchunked")+b"0\r\n\r\n",
      "TE c,i": request(P,b"Transfer-Encoding: chunked, identity")+b"0\r\n\r\n",
      "TETE": request(P,b"Transfer-Encoding: chunked",b"Transfer-Encoding: identity")+b"0\r\n\r\n",
      "TETE2": request(P,b"Transfer-Encoding: chunked",b"Transfer-Encoding: chunked")+b"0\r\n\r\n",
      "TE gzip, chunked": request(P,b"Transfer-Encoding: gzip, chunked")+b"0\r\n\r\n",
      "TE tab": request(P,b"Transfer-Encoding:\x0bchunked")+b"0\r\n\r\n",
      "TE1.0": b"POST /a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "LF": b"GET /a HTTP/1.1\nHost: a\nConnection: close\n\n",
      "LF2": b"GET /a HTTP/1.1\r\nHost: a\nConnection: close\r\n\r\n",
      "fold": request(b"GET /a",b"X: a\r\n b"),
      "nul": request(b"GET /a",b"X: a\0b"),
      "cr": request(b"GET /a",b"X: a\rb"),
      "nulurl": request(b"GET /a\0b"),
      "hiurl": request(b"GET /a\xffb"),
      "space": request(b"GET /a b"),
      "noname": request(b"GET /a",b": b"),
      "spacename": request(b"GET /a",b"X Y: b"),
      "hiname": request(b"GET /a",b"X\xff: b"),
      "chunk bad": request(P,b"Transfer-Encoding: chunked")+b"zz\r\n\r\n",
      "chunk neg": request(P,b"Transfer-Encoding: chunked")+b"-1\r\n\r\n",
      "chunk 0x": request(P,b"Transfer-Encoding: chunked")+b"0x1\r\na\r\n0\r\n\r\n",
      "chunk big": request(P,b"Transfer-Encoding: chunked")+b"fffffffffffffffff\r\na\r\n0\r\n\r\n",
      "trailer": request(P,b"Transfer-Encoding: chunked")+b"1\r\na\r\n0\r\nHost: evil\r\n\r\n",
      "abs": request(b"GET http://evil/a"),
      "opt": request(b"OPTIONS *"),
      "empty host": request(b"GET /a",host=b"Host:\r\n"),
      "frag": request(b"GET /a#b"),
    }
    for k,v in cases.items():
        r=ask(port,v); print(k, r.status, r.body)
