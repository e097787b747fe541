"""The edge, over real sockets: uvicorn with our connections, before a tiny application.

A test that holds a security case carries its number in its name.
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
from stonechat.http.addresses import Addresses
from stonechat.http.connections import PIPELINED_MAX
from stonechat.http.edge import SERVER_OPTIONS, Edge, Message, Receive, Scope, Send
from stonechat.http.refusals import HEADER_BYTES_MAX, HEADERS_MAX, URL_BYTES_MAX

TIMEOUT_S = 10.0
KEEP_ALIVE_S = 1
MEGABYTE = 1_000_000
HOST = b"Host: stonechat.example\r\n"
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


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
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


def test_a_plain_request_passes(port: int) -> None:
    reply = ask(port, request(b"POST /a?b=1", b"Content-Length: 3", body=b"abc"))
    assert reply.status == 200
    assert (reply.said["method"], reply.said["path"], reply.said["size"]) == ("POST", "/a", 3)


@pytest.mark.parametrize(
    "line",
    [
        b"TRACE /a",
        b"CONNECT /a",
        b"CONNECT a.example:443",
        b"__INIT__ /a",
        b"FOO /a",
        b"get /a",
        b"PROPFIND /a",
        b"GETS /a",
    ],
)
def test_s129_a_method_that_is_not_ours_is_405(port: int, line: bytes) -> None:
    reply = ask(port, request(line))
    assert_refused(reply, 405)
    assert reply.headers[b"allow"] == b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


def test_s129_no_header_and_no_parameter_changes_the_method(port: int) -> None:
    override = [b"X-HTTP-Method-Override: DELETE", b"X-Method-Override: DELETE"]
    reply = ask(
        port,
        request(
            b"POST /a?_method=DELETE", *override, b"Content-Length: 14", body=b"_method=DELETE"
        ),
    )
    assert reply.said["method"] == "POST"


@pytest.mark.parametrize(
    "path",
    [
        b"//api",
        b"/api//v1",
        b"/api/v1//",
        b"/api/%2e%2e/admin",
        b"/api/../admin",
        b"/api/./admin",
        b"/api/%2E",
        b"/api/..",
        b"/api/.%2e/admin",
        b"/api/%252e%252e/admin",
        b"/api%2fadmin",
        b"/api%2Fadmin",
        b"/api%255cadmin",
        b"/api%5cadmin",
        b"/api\\admin",
        b"/api/..%5c..%5cadmin",
        b"/api/v1;x=1/statuses",
        b"/api/v1/statuses;x=1",
        b"/api/v1/statuses%3bx=1",
        b"/api/%00",
        b"/api/a%00.json",
        b"/api/%0d%0aX: y".replace(b" ", b""),
        b"/api/%7f",
        b"/api/%c0%ae%c0%ae/admin",
        b"/api/%ff",
        b"/api/%zz",
        b"/api/%",
        b"/api/%u002e",
    ],
)
def test_s131_a_path_that_can_be_read_in_two_ways_is_404(port: int, path: bytes) -> None:
    reply = ask(port, request(b"GET " + path))
    assert_refused(reply, 404)
    assert reply.said == {"error": "Record not found"}


@pytest.mark.parametrize(
    ("path", "decoded"),
    [
        (b"/", "/"),
        (b"/api/v1/statuses/", "/api/v1/statuses/"),
        (b"/API", "/API"),
        (b"/api.", "/api."),
        (b"/.well-known/webfinger", "/.well-known/webfinger"),
        (b"/api/v1/timelines/tag/caf%C3%A9", "/api/v1/timelines/tag/café"),
        (b"/@owner/1", "/@owner/1"),
        (b"/%40owner...", "/@owner..."),
        (b"/tags/a%20b", "/tags/a b"),
    ],
)
def test_s131_a_plain_path_goes_to_the_router_decoded_once(
    port: int, path: bytes, decoded: str
) -> None:
    assert ask(port, request(b"GET " + path)).said["path"] == decoded


@pytest.mark.parametrize("query", [b"?a=//b", b"?a=%2e%2e/%00", b"?redirect=http://a;b", b"?%25"])
def test_s131_a_query_may_hold_anything(port: int, query: bytes) -> None:
    assert ask(port, request(b"GET /a" + query)).said["path"] == "/a"


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"Host:\r\n",
        b"Host: a.example\r\nHost: a.example\r\n",
        b"Host: a.example\r\nhost: b.example\r\n",
        b"Host: a/b?\r\n",
        b"Host: a.example,b.example\r\n",
        b"Host: a@b\r\n",
        b"Host: http://a.example\r\n",
        b"Host: a b\r\n",
        b"Host: a.example:\r\n",
        b"Host: a.example:x\r\n",
        b"Host: a.example:123456\r\n",
        b"Host: ::1\r\n",
        b"Host: [::1\r\n",
        b"Host: -a\r\n",
        b"Host: \xc3\xa9.example\r\n",
        b"Host: a%00b\r\n",
        b"Host: " + b"a" * 262 + b"\r\n",
    ],
)
def test_s134_a_host_that_is_missing_doubled_or_garbage_is_400(port: int, host: bytes) -> None:
    reply = ask(port, request(b"GET /a", host=host))
    assert_refused(reply, 400)
    assert reply.said == {"error": "The Host header is missing or wrong"}


@pytest.mark.parametrize(
    "host",
    [b"evil", b"a.example", b"a.example.", b"a.example:8000", b"127.0.0.1:8000", b"[::1]:8000"],
)
def test_s134_a_well_formed_host_passes_because_no_link_is_made_of_it(
    port: int, host: bytes
) -> None:
    forwarded = [b"X-Forwarded-Host: evil", b"X-Forwarded-Proto: https"]
    for _ in range(2):  # the second time it is the usual one
        line = b"Host: " + host + b"\r\n"
        assert ask(port, request(b"GET /a", *forwarded, host=line)).status == 200


@pytest.mark.parametrize(
    "target", [b"http://evil/a", b"https://stonechat.example/a", b"*", b"evil:80", b"?a"]
)
def test_s134_a_target_that_is_no_path_is_400(port: int, target: bytes) -> None:
    assert_refused(ask(port, request(b"OPTIONS " + target)), 400)


CHUNKED = b"Transfer-Encoding: chunked"
LENGTH = b"Content-Length: 5"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(request(b"POST /a", LENGTH, CHUNKED, body=b"0\r\n\r\n"), id="CL+TE"),
        pytest.param(request(b"POST /a", CHUNKED, LENGTH, body=b"0\r\n\r\n"), id="TE+CL"),
        pytest.param(request(b"POST /a", LENGTH, LENGTH, body=b"abcde"), id="CL+CL"),
        pytest.param(request(b"POST /a", LENGTH, b"Content-Length: 6", body=b"abcde"), id="CL+6"),
        pytest.param(request(b"POST /a", b"Content-Length: 5, 5", body=b"abcde"), id="CL list"),
        pytest.param(request(b"POST /a", b"Content-Length: +5", body=b"abcde"), id="CL plus"),
        pytest.param(request(b"POST /a", b"Content-Length: 1_0", body=b"abcdeabcde"), id="CL _"),
        pytest.param(request(b"POST /a", b"Content-Length: -5", body=b"abcde"), id="CL minus"),
        pytest.param(request(b"POST /a", b"Content-Length: 0x5", body=b"abcde"), id="CL hex"),
        pytest.param(request(b"POST /a", b"Content-Length : 5", body=b"abcde"), id="CL space"),
        pytest.param(request(b"POST /a", b"Content-Length: " + b"9" * 30), id="CL large"),
        pytest.param(request(b"POST /a", CHUNKED, CHUNKED, body=b"0\r\n\r\n"), id="TE+TE"),
        pytest.param(
            request(b"POST /a", b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), id="TE x"
        ),
        pytest.param(
            request(b"POST /a", b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
            id="TE gzip",
        ),
        pytest.param(
            request(b"POST /a", b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
            id="TE identity",
        ),
        pytest.param(
            request(b"POST /a", b"Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n"), id="TE VT"
        ),
        pytest.param(
            b"POST /a HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n\r\n0\r\n\r\n", id="TE in 1.0"
        ),
        pytest.param(b"GET /a HTTP/1.1\nHost: a\nConnection: close\n\n", id="LF only"),
        pytest.param(request(b"GET /a", b"X: a\nY: b"), id="one LF"),
        pytest.param(request(b"GET /a", b"X: a\r\n b"), id="fold"),
        pytest.param(request(b"GET /a", b"X: a\rb"), id="CR in value"),
        pytest.param(request(b"GET /a", b"X Y: b"), id="space in name"),
        pytest.param(request(b"GET /a", b": b"), id="no name"),
        pytest.param(request(b"GET /a", b"X\xff: b"), id="high byte in name"),
        pytest.param(request(b"GET /a b"), id="space in target"),
        pytest.param(request(b"GET /a\xff"), id="high byte in target"),
        pytest.param(request(b"POST /a", CHUNKED, body=b"zz\r\n\r\n"), id="chunk no number"),
        pytest.param(request(b"POST /a", CHUNKED, body=b"-1\r\n\r\n"), id="chunk minus"),
        pytest.param(request(b"POST /a", CHUNKED, body=b"f" * 17 + b"\r\n"), id="chunk large"),
        pytest.param(request(b"POST /a", CHUNKED, body=b"1\r\nab\r\n"), id="chunk too long"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 99, id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2 preface"),
    ],
)
def test_what_two_parsers_could_read_differently_is_400(port: int, data: bytes) -> None:
    assert_refused(ask(port, data), 400)


@pytest.mark.parametrize(
    "data", [b"GET /a\r\n\r\n", b"GET /a HTTP/2.0\r\n" + HOST + b"\r\n"], ids=["0.9", "2.0"]
)
def test_a_version_that_is_not_spoken_is_505(port: int, data: bytes) -> None:
    assert_refused(ask(port, data), 505)


def test_http_1_0_needs_no_host_and_is_closed(port: int) -> None:
    data = b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    assert ask(port, data).headers[b"connection"] == b"close"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(request(b"GET /a", b"X: " + b"a" * 65_536), 431, id="64 KB header"),
        pytest.param(request(b"GET /a", b"a" * 65_536 + b": X"), 431, id="64 KB name"),
        pytest.param(request(b"GET /a", *[b"X: " + b"a" * 1000] * 40), 431, id="40 KB of headers"),
        pytest.param(request(b"GET /a", *[b"X: a"] * 500), 431, id="500 headers"),
        pytest.param(request(b"GET /a", *[b"X: a"] * (HEADERS_MAX - 1)), 431, id="101 headers"),
        pytest.param(request(b"GET /" + b"a" * 65_536), 414, id="64 KB URL"),
        pytest.param(request(b"GET /?a=" + b"a" * 65_536), 414, id="64 KB query"),
        pytest.param(request(b"GET /" + b"a" * URL_BYTES_MAX), 414, id="URL one too long"),
        pytest.param(request(b"GET /a", b"X: a\0b"), 400, id="NUL in a header"),
        pytest.param(request(b"GET /a\0b"), 400, id="NUL in the URL"),
        pytest.param(b"GET /a HTTP/1.1\r\nX: " + b"a" * MEGABYTE, 431, id="endless header"),
        pytest.param(b"GET /a HTTP/1.1\r\n" + b"a" * MEGABYTE, 431, id="endless name"),
        pytest.param(b"GET /" + b"a" * MEGABYTE, 414, id="endless URL"),
    ],
)
def test_s136_a_head_beyond_its_bounds_is_refused(port: int, data: bytes, status: int) -> None:
    assert_refused(ask(port, data), status)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(request(b"GET /" + b"a" * (URL_BYTES_MAX - 1)), id="longest URL"),
        pytest.param(request(b"GET /a", *[b"X: a"] * (HEADERS_MAX - 2)), id="most headers"),
        pytest.param(
            request(b"GET /a", b"X: " + b"a" * (HEADER_BYTES_MAX - 99)), id="largest header"
        ),
    ],
)
def test_s136_a_head_at_its_bounds_passes(port: int, data: bytes) -> None:
    assert ask(port, data).status == 200


def test_s136_a_large_body_is_no_large_head(port: int) -> None:
    length = f"Content-Length: {MEGABYTE}".encode()
    reply = ask(port, request(b"POST /a", length, body=b"a" * MEGABYTE))
    assert reply.said["size"] == MEGABYTE


@pytest.mark.parametrize(
    "header",
    [
        b"X-Forwarded-For: 203.0.113.9",
        b"Forwarded: for=203.0.113.9",
        b"X-Real-IP: 203.0.113.9",
        b"CF-Connecting-IP: 203.0.113.9",
        b"True-Client-IP: 203.0.113.9",
    ],
)
def test_s138_a_forged_address_changes_no_identity(port: int, header: bytes) -> None:
    assert ask(port, request(b"GET /a", header)).said["client"] == "127.0.0.1"


@pytest.mark.parametrize(
    "data",
    [
        request(b"GET /a"),
        request(b"GET //a"),
        request(b"FOO /a"),
        request(b"GET /a", host=b""),
        request(b"GET /a", b"X: " + b"a" * 65_536),
        request(b"POST /a", b"Content-Length: x"),
        b"\0",
    ],
)
def test_s142_no_answer_names_the_software(port: int, data: bytes) -> None:
    reply = ask(port, data)
    assert b"server" not in reply.headers
    assert b"date" in reply.headers
    said = b" ".join([*reply.headers, *reply.headers.values(), reply.body]).lower()
    assert not [name for name in SOFTWARE if name in said]


def test_requests_in_a_row_are_answered_in_their_order(port: int) -> None:
    first = b"GET /slow HTTP/1.1\r\n" + HOST + b"\r\n"
    with connected(port) as connection:
        connection.sendall(first + request(b"GET /a"))
        assert [reply.said["path"] for reply in read_replies(connection)] == ["/slow", "/a"]


def test_a_bad_request_behind_a_good_one_never_stands_in_its_answer(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\n" + HOST + b"\r\nFOO /a HTTP/1.1\r\n\r\n")
        replies = read_replies(connection)
    assert [reply.said.get("path") for reply in replies] == ["/slow"]
    assert replies[0].headers[b"connection"] == b"close"


def test_requests_that_wait_in_a_row_are_bounded(port: int) -> None:
    one = b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n"
    with connected(port) as connection:
        connection.sendall(one * 200)
        replies = read_replies(connection)
    assert [reply.status for reply in replies] == [200] * (PIPELINED_MAX + 1)


def test_a_body_that_breaks_off_in_a_chunk_is_refused_at_once(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(request(b"POST /a", CHUNKED, body=b"1\r\na\r\n"))
        time.sleep(0.1)
        connection.sendall(b"zz\r\n")
        (reply,) = read_replies(connection)
    assert_refused(reply, 400)


def test_a_trailer_is_no_header(port: int) -> None:
    body = b"1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n"
    reply = ask(port, request(b"POST /a", CHUNKED, body=body))
    assert (reply.said["size"], "authorization" in reply.said["names"]) == (1, False)


@pytest.mark.parametrize("endless", [b"1;a=", b"1\r\na\r\n0\r\nX: "], ids=["extension", "trailer"])
def test_what_stands_beside_the_body_is_bounded(port: int, endless: bytes) -> None:
    data = request(b"POST /a", CHUNKED, body=endless + b"a" * MEGABYTE)
    assert_refused(ask(port, data), 400)


def test_an_upgrade_that_nobody_grants_is_answered_and_ends_the_connection(port: int) -> None:
    upgrade = b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    with connected(port) as connection:
        connection.sendall(b"GET /a HTTP/1.1\r\n" + HOST + upgrade + request(b"GET /smuggled"))
        replies = read_replies(connection)
    assert [reply.said["path"] for reply in replies] == ["/a"]
    assert replies[0].headers[b"connection"] == b"close"


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_TIMEOUT_S", 0.3)
    monkeypatch.setattr(connections, "BODY_STALL_TIMEOUT_S", 0.3)


@pytest.mark.usefixtures("_impatient")
def test_a_silent_connection_is_closed_without_a_word(port: int) -> None:
    with connected(port) as connection:
        assert read_replies(connection) == []


@pytest.mark.usefixtures("_impatient")
def test_a_head_that_drips_is_given_up(port: int) -> None:
    with connected(port) as connection:
        drip(connection, b"GET /a HTTP/1.1\r\nHost: a.example\r\n")
        (reply,) = read_replies(connection)
    assert_refused(reply, 408)


@pytest.mark.usefixtures("_impatient")
def test_a_second_head_that_drips_is_given_up(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n")
        time.sleep(0.1)
        drip(connection, b"GET /b HTTP/1.1\r\nHost: a.example\r\n")
        first, second = read_replies(connection)
    assert first.status == 200
    assert_refused(second, 408)


@pytest.mark.usefixtures("_impatient")
def test_a_body_that_stands_still_is_given_up(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(request(b"POST /a", LENGTH, body=b"ab"))
        (reply,) = read_replies(connection)
    assert_refused(reply, 408)


@pytest.mark.usefixtures("_impatient")
def test_a_slow_body_that_moves_is_read_to_its_end(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(request(b"POST /a", LENGTH))
        for part in (b"a", b"b", b"c", b"d", b"e"):
            time.sleep(0.2)
            connection.sendall(part)
        (reply,) = read_replies(connection)
    assert reply.said["size"] == 5


def test_empty_lines_do_not_keep_a_connection(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n")
        started = time.monotonic()
        drip(connection, b"\r\n" * 15)
        assert len(read_replies(connection)) == 1
    assert time.monotonic() - started < KEEP_ALIVE_S + 1


def drip(connection: socket.socket, data: bytes) -> None:
    """Send a byte now and then, for as long as somebody takes them."""
    for byte in data:
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            break
        time.sleep(0.05)


async def call_edge(scope: Scope) -> tuple[list[str], list[Message]]:
    """What an application behind the edge sees of a scope, and what the edge sends itself."""
    seen: list[str] = []
    sent: list[Message] = []

    async def application(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Edge(application)(scope, receive, send)
    return seen, sent


@pytest.mark.parametrize("raw_path", [b"/api//v1/streaming", b"/api/%2e%2e/x"])
async def test_s131_a_web_socket_at_an_odd_path_is_closed(raw_path: bytes) -> None:
    scope: Scope = {
        "type": "websocket",
        "http_version": "1.1",
        "headers": [(b"host", b"a.example")],
        "raw_path": raw_path,
    }
    assert await call_edge(scope) == ([], [{"type": "websocket.close"}])


async def test_what_is_no_request_passes() -> None:
    assert await call_edge({"type": "lifespan"}) == (["lifespan"], [])
