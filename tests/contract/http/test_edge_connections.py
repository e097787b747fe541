"""Connections at the edge: several requests on one, and those that never come to an end."""

import socket
import time

import pytest

from stonechat.http import connections
from stonechat.http.connections import PIPELINED_MAX
from stonechat.http.edge import Edge, Message, Receive, Scope, Send
from tests.contract.http.wire import (
    CHUNKED,
    HOST,
    KEEP_ALIVE_S,
    LENGTH,
    MEGABYTE,
    ask,
    assert_refused,
    connected,
    read_replies,
    request,
)


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
