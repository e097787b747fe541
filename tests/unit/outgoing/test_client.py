"""The client against servers that lie, stall, and send too much."""

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stonechat import __version__
from stonechat.domain.addresses import WebAddress
from stonechat.outgoing.client import Web, find_redirect
from stonechat.outgoing.errors import (
    Garbled,
    Overdue,
    Oversized,
    Refused,
    Unreachable,
)
from stonechat.outgoing.messages import BODY_BYTES_MAX, HEADERS_MAX, HOPS_MAX, SECONDS_MAX, Bounds
from tests.outside import Outside, Site, answer, redirect

SHORT = Bounds(seconds_max=0.3)
CUT = Bounds(is_cut=True)
URL = "http://site.example/"


@pytest_asyncio.fixture
async def outside() -> Outside:
    return Outside()


@pytest_asyncio.fixture
async def site(outside: Outside) -> AsyncIterator[Site]:
    async with outside.site("site.example") as opened:
        yield opened


@pytest.fixture
def web(outside: Outside) -> Web:
    return outside.web("http://stonechat.test")


def test_the_bounds_that_hold_where_nobody_says_otherwise() -> None:
    """S113. Ten seconds and one megabyte for everything."""
    assert (SECONDS_MAX, BODY_BYTES_MAX, HOPS_MAX) == (10.0, 1 << 20, 5)


async def test_what_goes_over_the_wire(site: Site, web: Web) -> None:
    """S118. Who we are, and nothing of anybody else: no cookie, no referrer, no language."""
    site.pages["/a?b=c"] = answer("hello", "Set-Cookie: id=1; Path=/", "X-Twice: 1", "X-Twice: 2")
    for _ in range(2):
        came = await web.get(f"{URL}a?b=c#d", accept="text/html")
        assert (came.status, came.body, came.headers["x-twice"]) == (200, b"hello", "1")
        assert came.address.url == f"{URL}a?b=c"
    wanted = [
        b"GET /a?b=c HTTP/1.1",
        b"Host: site.example",
        b"Accept: text/html",
        b"Accept-Encoding: gzip",
        f"User-Agent: Stonechat/{__version__} (+http://stonechat.test/)".encode(),
        b"Connection: close",
    ]
    for request in site.requests:
        assert sorted(request.rstrip().split(b"\r\n")) == sorted(wanted)


async def test_s118_the_environment_has_no_say(
    site: Site, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S118. No proxy and no password of the account that the server runs under."""
    site.pages["/"] = answer("hello")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert (await web.get(URL)).body == b"hello"


async def test_posting(site: Site, web: Web) -> None:
    site.pages["/hook"] = answer("taken", status="201 Created")
    came = await web.post(
        f"{URL}hook", b'{"a":1}', headers={"Content-Type": "application/json", "Ttl": "5"}
    )
    assert (came.status, came.body) == (201, b"taken")
    head, _, body = site.requests[0].partition(b"\r\n\r\n")
    assert body == b'{"a":1}'
    assert {b"Content-Type: application/json", b"Ttl: 5", b"Content-Length: 7"} <= {
        *head.split(b"\r\n")
    }


async def test_s109_what_is_posted_is_not_passed_on(site: Site, outside: Outside, web: Web) -> None:
    async with outside.site("other.example") as other:
        site.pages["/hook"] = redirect("http://other.example/", "307 Temporary Redirect")
        came = await web.post(f"{URL}hook", b"x", headers={})
        assert (came.status, find_redirect(came)) == (307, "http://other.example/")
        assert other.requests == []


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"]
)
async def test_redirects_are_followed(site: Site, outside: Outside, web: Web, status: str) -> None:
    async with outside.site("other.example") as other:
        site.pages["/"] = redirect("/next", status)
        site.pages["/next"] = redirect("//other.example/end#part", status)
        other.pages["/end"] = answer("end")
        came = await web.get(URL)
        assert (came.body, came.address.url) == (b"end", "http://other.example/end")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/",
        "http://127.2/",
        "http://2130706434/x",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/",
        "http://stonechat.test/api/v1/statuses/1",
        "http://inner.example/",
        "http://site.example:8080/",
        "http://site.example:22/",
        "http://user:secret@site.example/",
        "file:///etc/passwd",
        "gopher://site.example/",
        "ftp://site.example/",
        "//127.0.0.2/",
        "/\\127.0.0.2/",
        "http://127.0.0.2\\@site.example/",
        "/a\tb",
    ],
)
async def test_s109_s117_each_hop_goes_through_the_whole_guard(
    site: Site, outside: Outside, web: Web, target: str
) -> None:
    """S109. A public address that leads inside, to our own site, to odd ports and schemes."""
    async with outside.site("inner.example") as inner:
        endpoint = outside.names["inner.example"][0]
        outside.names["inner.example"] = [endpoint, endpoint._replace(address="10.0.0.1")]
        site.pages["/"] = redirect(target)
        with pytest.raises(Refused):
            await web.get(URL)
        assert inner.requests == []
    assert site.paths == ["/"]


async def test_s109_hops_are_counted(site: Site, web: Web) -> None:
    """S109. Five redirects are followed, eleven are not."""
    for hop in range(11):
        site.pages[f"/{hop}"] = redirect(f"/{hop + 1}")
    site.pages["/11"] = answer("end")
    assert (await web.get(f"{URL}{11 - HOPS_MAX}")).body == b"end"
    site.requests.clear()
    with pytest.raises(Refused):
        await web.get(f"{URL}0")
    assert len(site.requests) == HOPS_MAX + 1


async def test_s116_a_circle_ends(site: Site, outside: Outside, web: Web) -> None:
    """S116. Two hosts that lead to each other."""
    async with outside.site("other.example") as other:
        site.pages["/"] = redirect("http://other.example/")
        other.pages["/"] = redirect("http://site.example/")
        with pytest.raises(Refused):
            await web.get(URL)
        assert len(site.requests) + len(other.requests) == HOPS_MAX + 1


async def test_whoever_asks_may_stop_at_a_hop(site: Site, web: Web) -> None:
    site.pages["/"] = redirect("/next")
    asked: list[str] = []

    async def may_follow(address: WebAddress) -> bool:
        asked.append(address.url)
        return False

    came = await web.get(URL, may_follow=may_follow)
    assert (came.status, asked, site.paths) == (302, [f"{URL}next"], ["/"])


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("a b", b"/a%20b"),
        ("ä/ö?ü", b"/%C3%A4/%C3%B6?%C3%BC"),
        ("../../a/./b//c", b"/../../a/./b//c"),
        ("%2e%2e/%0d%0aHost:%20x", b"/%2e%2e/%0d%0aHost:%20x"),
        ("a%zz%", b"/a%zz%"),
        ('<">^`{|}', b"/%3C%22%3E%5E%60%7B%7C%7D"),
        ("x#\ny", None),
        ("x\r\nHost: other", None),
        ("x\ry", None),
        ("x\ty", None),
        ("x\\y", None),
        ("x\0y", None),
    ],
)
async def test_s112_the_other_side_sees_one_clean_request(
    site: Site, web: Web, path: str, sent: bytes | None
) -> None:
    """S112. The request line, as it arrives; or nothing arrives at all."""
    if sent is None:
        with pytest.raises(Refused):
            await web.get(URL + path)
        assert site.requests == []
        return
    await web.get(URL + path)
    (request,) = site.requests
    assert request.split(b"\r\n")[0] == b"GET " + sent + b" HTTP/1.1"
    assert request.count(b"\r\n") == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "a\r\nHost: other"),
        ("X-A", "a\nb"),
        ("X-A", "a\0"),
        ("X-A", "ä"),
        ("X-A\r\nHost", "other"),
        ("X A", "a"),
        ("X:A", "a"),
        ("", "a"),
    ],
)
async def test_s112_headers_are_one_line_each(site: Site, web: Web, name: str, value: str) -> None:
    with pytest.raises(Refused):
        await web.post(URL, b"x", headers={name: value})
    assert site.requests == []


async def _drip(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _drip_headers(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _say_nothing(head: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _go_on_being_about_to_begin(head: bytes, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("page", [_drip, _drip_headers, _say_nothing, _go_on_being_about_to_begin])
async def test_s113_slow_answers_end_at_the_deadline(site: Site, web: Web, page: object) -> None:
    """S113. A byte at a time, before the headers, in them, and after them."""
    site.pages["/"] = page  # type: ignore[assignment]
    began = asyncio.get_running_loop().time()
    with pytest.raises(Overdue):
        await web.get(URL, bounds=SHORT)
    assert asyncio.get_running_loop().time() - began < 2


async def test_s113_the_deadline_is_for_all_hops_together(site: Site, web: Web) -> None:
    """S113. Each hop is quick enough by itself."""

    async def slow(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.12)
        writer.write(redirect("/"))

    site.pages["/"] = slow
    with pytest.raises(Overdue):
        await web.get(URL, bounds=SHORT)
    assert len(site.requests) <= 3


class Flood:
    """A body that goes on for as long as somebody reads it, up to ten gigabytes."""

    def __init__(self, *headers: str, begin: bytes = b"<title>T</title>") -> None:
        self.head = "\r\n".join(("HTTP/1.1 200 OK", *headers, "", "")).encode()
        self.begin = begin
        self.sent = 0

    async def __call__(self, _: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(self.head + self.begin)
        chunk = b"x" * 65536
        while self.sent < 10 * 2**30:
            writer.write(chunk)
            await writer.drain()
            self.sent += len(chunk)


@pytest.mark.parametrize("headers", [(), (f"Content-Length: {10 * 2**30}",)])
async def test_s113_endless_bodies(site: Site, web: Web, headers: tuple[str, ...]) -> None:
    """S113. Ten gigabytes, said so or not: a megabyte of it is read, and the rest never sent."""
    flood = site.pages["/"] = Flood(*headers)
    came = await web.get(URL, bounds=CUT)
    assert len(came.body) == BODY_BYTES_MAX
    assert came.body.startswith(b"<title>T</title>")
    with pytest.raises(Oversized):
        await web.get(URL)
    # What the two systems hold in their buffers is all that was sent besides.
    assert flood.sent < 20 * BODY_BYTES_MAX


async def test_s113_chunks_without_end(site: Site, web: Web) -> None:
    async def page(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\nx\r\n" * 1000)
            await writer.drain()

    site.pages["/"] = page
    came = await web.get(URL, bounds=Bounds(is_cut=True, body_bytes_max=50_000))
    assert came.body == b"x" * 50_000


async def _headers(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        writer.write(f"X-{number}: x\r\n".encode())
        if not number % 1000:
            await writer.drain()
    writer.write(b"\r\n")


async def _long_header(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(1600):
        writer.write(b"x" * 65536)
        await writer.drain()


async def _long_status(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 " + b"x" * 1_000_000 + b"\r\n\r\n")


@pytest.mark.parametrize("page", [_headers, _long_header, _long_status])
async def test_s113_headers_without_end(site: Site, web: Web, page: object) -> None:
    """S113. A hundred thousand headers, one of 100 MB, a status that does not end."""
    site.pages["/"] = page  # type: ignore[assignment]
    with pytest.raises(Unreachable):
        await web.get(URL)


async def test_as_many_headers_as_honest_servers_send(site: Site, web: Web) -> None:
    site.pages["/"] = answer("x", *(f"X-{number}: x" for number in range(HEADERS_MAX - 10)))
    assert (await web.get(URL)).headers["x-7"] == "x"


async def test_s114_gzip(site: Site, web: Web) -> None:
    text = b"<title>hello</title>" * 1000
    for name in ("gzip", "GZIP", "x-gzip"):
        site.pages["/"] = answer(gzip.compress(text), f"Content-Encoding: {name}")
        assert (await web.get(URL)).body == text


async def test_s114_a_bomb_is_cut_at_the_decoded_limit(site: Site, web: Web) -> None:
    """S114. A thousand bytes in each byte: no more than the limit is ever decoded."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(200)) + packer.flush()
    assert len(bomb) < BODY_BYTES_MAX / 4
    site.pages["/"] = answer(bomb, "Content-Encoding: gzip")
    assert (await web.get(URL, bounds=CUT)).body == bytes(BODY_BYTES_MAX)
    with pytest.raises(Oversized):
        await web.get(URL)


async def test_s114_much_that_stands_for_nothing(site: Site, web: Web) -> None:
    """S114. Empty blocks without end decode to nothing: what is sent has a bound, too."""
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    start = packer.flush(zlib.Z_FULL_FLUSH)
    site.pages["/"] = answer(start + b"\x00\x00\x00\xff\xff" * 400_000, "Content-Encoding: gzip")
    with pytest.raises(Oversized):
        await web.get(URL)
    assert (await web.get(URL, bounds=CUT)).body == b""


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "compress", "gzip, gzip", "rubbish"])
async def test_s114_codings_that_were_not_asked_for(site: Site, web: Web, coding: str) -> None:
    site.pages["/"] = answer(b"\x1f\x8b" + bytes(100), f"Content-Encoding: {coding}")
    with pytest.raises(Garbled):
        await web.get(URL, bounds=CUT)


async def test_s114_gzip_that_is_none(site: Site, web: Web) -> None:
    site.pages["/"] = answer(b"no gzip at all", "Content-Encoding: gzip")
    with pytest.raises(Garbled):
        await web.get(URL)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"-ERR unknown command\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_nobody(site: Site, web: Web, sent: bytes) -> None:
    site.pages["/"] = sent
    with pytest.raises(Unreachable):
        await web.get(URL)
    # Nobody is asked twice, not even who hung up.
    assert len(site.requests) == 1


async def test_nobody_listens(outside: Outside, web: Web) -> None:
    async with outside.site("gone.example"):
        endpoints = outside.names["gone.example"]
    outside.names["gone.example"] = endpoints
    with pytest.raises(Unreachable):
        await web.get("http://gone.example/")
    with pytest.raises(Unreachable):
        await web.get("http://nowhere.example/")


@pytest.fixture(scope="session")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody but itself has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site.example")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("site.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, *plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_a_certificate_has_to_be_trusted(
    outside: Outside, web: Web, self_signed: ssl.SSLContext
) -> None:
    """Nothing is said to a server that cannot prove who it is."""
    async with outside.site("site.example", tls=self_signed) as site:
        site.pages["/"] = answer("x")
        with pytest.raises(Unreachable):
            await web.get("https://site.example/")
        assert site.requests == []


async def test_s109_from_https_nobody_is_led_to_http(
    outside: Outside, web: Web, self_signed: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S109. The other way round is the usual one."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trusting)
    async with (
        outside.site("safe.example", tls=self_signed) as safe,
        outside.site("plain.example") as plain,
    ):
        plain.pages["/"] = redirect("https://safe.example/end")
        safe.pages["/end"] = answer("end")
        safe.pages["/down"] = redirect("http://plain.example/")
        assert (await web.get("http://plain.example/")).body == b"end"
        with pytest.raises(Refused):
            await web.get("https://safe.example/down")
        assert plain.paths == ["/"]


async def test_every_answer_is_an_answer(site: Site, web: Web) -> None:
    for status in ("204 No Content", "304 Not Modified", "404 Not Found", "500 Oh", "999 Odd"):
        site.pages["/"] = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
        assert (await web.get(URL)).status == int(status[:3])
    site.pages["/"] = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"
    assert (await web.get(URL)).status == 302
