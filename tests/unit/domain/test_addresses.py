"""Which addresses are read, in which spelling, and which IP addresses are inner ones."""

# ruff: noqa: RUF001 - digits of all kinds are the subject here

import ipaddress
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stonechat.domain.addresses import (
    ADDRESS_CHARACTERS_MAX,
    find_ip,
    host_of_domain,
    is_public,
    join,
    read_address,
)

INNER = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",  # metadata of a cloud
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",  # metadata of a cloud
    "169.254.0.1",
    "169.254.169.254",  # metadata of most clouds
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",  # metadata of a cloud
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",  # Teredo
    "2001:0:7f00:1::",
    "2001:2::1",  # benchmarks
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00::",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata of a cloud
    "fe80::1",
    "fe80::1%lo",
    "2606:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
]
OUTER = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2001:200::1",
    "2003::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
]


@pytest.mark.parametrize("text", INNER)
def test_s107_inner_addresses(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", OUTER)
def test_addresses_of_the_internet(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.ip_addresses(v=4))
@example(IPv4Address("168.63.129.16"))
def test_s107_four_agrees_with_the_standard_library_where_that_refuses(four: IPv4Address) -> None:
    """S107. Nothing that Python calls not global is public for us."""
    if is_public(four):
        assert four.is_global
        assert not four.is_multicast


@given(st.ip_addresses(v=6))
def test_s107_six_agrees_with_the_standard_library_where_that_refuses(six: IPv6Address) -> None:
    """S107. The same, and nothing carries another address."""
    if is_public(six):
        assert six.is_global
        assert not six.is_multicast
        assert (six.ipv4_mapped, six.sixtofour, six.teredo) == (None, None, None)


@given(st.ip_addresses(v=4))
def test_s107_no_four_hides_in_a_six(four: IPv4Address) -> None:
    """S107. Mapped, compatible, translated, NAT64, 6to4: whatever IPv4 address is inside."""
    number = int(four)
    for six in (
        number,
        0xFFFF << 32 | number,
        0xFFFF << 48 | number,
        0x64FF9B << 96 | number,
        0x64FF9B0001 << 80 | number,
        0x2002 << 112 | number << 80,
        0x20010000 << 96 | number,
    ):
        assert not is_public(IPv6Address(six)), IPv6Address(six)


LOOPBACKS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0177.1",
    "0177.0.0.01",
    "0x7f.1",
    "0x7f000001",
    "0X7F.0.0.0x1",
    "017700000001",
    "127.0.0.1.",
    "①②⑦.0.0.1",
    "１２７.0.0.1",
    "127．0．0．1",
    "②①③0706433",
]


@pytest.mark.parametrize("host", LOOPBACKS)
def test_s107_each_spelling_of_an_address_is_seen_to_be_it(host: str) -> None:
    """S107. Whoever asks what a host is gets the address that a connection would go to."""
    address = read_address(f"http://{host}/")
    assert address is not None
    assert address.host == "127.0.0.1"
    assert find_ip(address.host) == IPv4Address("127.0.0.1")


@given(st.ip_addresses(v=4), st.integers(1, 4), st.lists(st.sampled_from("dox"), min_size=4))
def test_s107_old_spellings(four: IPv4Address, count: int, bases: list[str]) -> None:
    """S107. One to four numbers, each decimal, octal or hexadecimal."""
    octets = four.packed
    numbers = [*octets[: count - 1], int.from_bytes(octets[count - 1 :])]
    formats = {"d": "{}", "o": "0{:o}", "x": "0x{:x}"}
    host = ".".join(
        formats[base].format(number) for base, number in zip(bases, numbers, strict=False)
    )
    address = read_address(f"http://{host}/")
    assert address is not None
    assert address.host == str(four)


@pytest.mark.parametrize(
    "host",
    [
        "0x",
        "0",
        "00.0",
    ],
)
def test_s107_nothing_in_front_of_the_path_is_this_machine(host: str) -> None:
    address = read_address(f"http://{host}/")
    assert address is not None
    assert address.host == "0.0.0.0"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "ｌｏｃａｌｈｏｓｔ",
        "a.localhost",
        "printer",
        "metadata",
        "metadata.google.internal",
        "router.lan",
        "nas.local",
        "box.home.arpa",
        "1.0.0.127.in-addr.arpa",
        "hidden.onion",
        "[fe80::1%lo]",
        "[fe80::1%25lo]",
        "[::1",
        "::1",
        "[]",
        "[v1.a]",
        "",
        ".",
        "..",
        "a..b",
        "256.1",
        "1.2.3.4.5",
        "1.2.3.256",
        "4294967296",
        "08.0.0.1",
        "0xg.1",
        "%31%32%37.0.0.1",
        "127。0。0。1",
        "exa mple.org",
        "exam\tple.org",
        "example.org%00.other.example",
        "a" * 64 + ".example",
    ],
)
def test_s107_hosts_that_are_none_or_inner_by_their_name(host: str) -> None:
    assert read_address(f"http://{host}/") is None


@pytest.mark.parametrize(
    "url",
    [
        "gopher://site.example/",
        "ftp://site.example/",
        "file:///etc/passwd",
        "file://site.example/x",
        "dict://site.example/",
        "ldap://site.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "ws://site.example/",
        "httpx://site.example/",
        "//site.example/",
        "site.example",
        "http:site.example",
        "http:/site.example",
        "http:///site.example",
        "",
        *(f"http://site.example:{port}/" for port in (0, 21, 22, 25, 81, 5432, 6379, 8080, 65616)),
        "http://site.example:-80/",
        "http://site.example:0x50/",
        "http://site.example:80:80/",
        "http://site.example:8⓪/",
    ],
)
def test_s117_schemes_and_ports(url: str) -> None:
    assert read_address(url) is None


@pytest.mark.parametrize("url", ["http://site.example:443/", "https://site.example:80/"])
def test_either_port_goes_with_either_scheme(url: str) -> None:
    address = read_address(url)
    assert address is not None
    assert address.url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://user@site.example/",
        "http://user:secret@site.example/",
        "http://site.example@127.0.0.1/",
        "http://site.example:80@127.0.0.1/",
        "http://@site.example/",
        "http://site.example\\@127.0.0.1/",
        "http://site.example\\.other.example/",
        "http:\\\\site.example/",
        "http://site.example/\r\nHost: other",
        "http://site.example\r\n/",
        "http://site.example/\tx",
        "http://site.example/\0",
        "http://site.example/\x7f",
        "http://site.example /",
        "http:// site.example/",
        " http://site.example/",
        "http://site.example/\ud800",
        "http://site.example/" + "a" * ADDRESS_CHARACTERS_MAX,
        "http://site.example/" + "ä" * (ADDRESS_CHARACTERS_MAX // 6),
    ],
)
def test_s112_what_could_be_read_in_two_ways_is_not_read(url: str) -> None:
    assert read_address(url) is None


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("HTTP://Site.EXAMPLE", "http://site.example/"),
        ("https://site.example:443/a", "https://site.example/a"),
        ("http://site.example:", "http://site.example/"),
        ("http://site.example?q", "http://site.example/?q"),
        ("http://site.example#@127.0.0.1/", "http://site.example/"),
        ("http://site.example/#x", "http://site.example/"),
        ("http://site.example?@127.0.0.1/", "http://site.example/?@127.0.0.1/"),
        ("http://site.example/a b", "http://site.example/a%20b"),
        ("http://site.example/ä?ö=ü", "http://site.example/%C3%A4?%C3%B6=%C3%BC"),
        ("http://site.example/%2e%2E/%zz%", "http://site.example/%2e%2E/%zz%"),
        ('http://site.example/"<>^`{|}', "http://site.example/%22%3C%3E%5E%60%7B%7C%7D"),
        ("http://site.example/a@b:c;d=e", "http://site.example/a@b:c;d=e"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://[2001:DB8:0::1]:443/", "http://[2001:db8::1]:443/"),
    ],
)
def test_s112_what_is_read_is_written_in_one_way(url: str, read: str) -> None:
    address = read_address(url)
    assert address is not None
    assert address.url == read
    assert address.url.isascii()


_PIECES = st.sampled_from(
    [*"aä:/?#@\\[]%.0x1 \t\r\n\0①。", "http://", "https://", "site.example", "127.0.0.1", ":80"]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
@example("http://a.b")
def test_s112_reading_again_changes_nothing(rest: str) -> None:
    """S112. Whatever is read goes out as one line of plain characters, and means the same."""
    for text in (rest, f"http://{rest}", f"http://site.example{rest}"):
        address = read_address(text)
        if address is not None:
            assert read_address(address.url) == address
            assert address.url.isascii()
            assert address.url.isprintable()
            assert " " not in address.url


@pytest.mark.parametrize(
    ("reference", "joined"),
    [
        ("/b", "https://site.example/b"),
        ("b", "https://site.example/a/b"),
        ("?q", "https://site.example/a/x?q"),
        ("//other.example/y", "https://other.example/y"),
        ("http://other.example", "http://other.example/"),
        ("../../../c", "https://site.example/c"),
        ("#f", "https://site.example/a/x?y"),
        ("javascript:alert(1)", None),
        ("//user@other.example/", None),
        ("//[::1/", None),
        ("/\\other.example/", None),
        ("\t//other.example/", None),
        ("https:\n//other.example/", None),
        ("/" + "a" * ADDRESS_CHARACTERS_MAX, None),
    ],
)
def test_s112_references_are_read_as_strictly(reference: str, joined: str | None) -> None:
    here = read_address("https://site.example/a/x?y")
    assert here is not None
    address = join(here, reference)
    assert (None if address is None else address.url) == joined


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("site.example", "site.example"),
        ("site.example:8080", "site.example"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:8000", "::1"),
        ("localhost", "localhost"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_our_own_host(domain: str, host: str) -> None:
    assert host_of_domain(domain) == host
