"""The edge, over real sockets: uvicorn with our connections, before a tiny application.

A test that holds a security case carries its number in its name.
"""

from contextlib import contextmanager

import pytest

from stonechat.http.refusals import HEADER_BYTES_MAX, HEADERS_MAX, URL_BYTES_MAX
from tests.contract.http.wire import (
    CHUNKED,
    HOST,
    LENGTH,
    MEGABYTE,
    SOFTWARE,
    ask,
    assert_refused,
    request,
    serving,
)


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


@pytest.mark.parametrize("path", [b"/v1/status/%00", b"/v1/status/%ff", b"/v1/..%2fadmin"])
def test_s131_where_nothing_has_no_body_neither_has_an_odd_path(port: int, path: bytes) -> None:
    reply = ask(port, request(b"GET " + path))
    assert (reply.status, reply.body) == (404, b"")


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


@pytest.mark.parametrize("host", [b"", b"Host:\r\n"])
def test_s134_the_very_first_host_may_not_be_empty_either(host: bytes) -> None:
    """S134: before any host was seen, an empty one was taken for the usual one."""
    serving_anew = contextmanager(serving)
    with serving_anew() as port:
        assert_refused(ask(port, request(b"GET /a", host=host)), 400)


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
