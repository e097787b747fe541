"""Addresses: whom a request counts for, and what a stranger cannot change about it."""

import pytest

from stonechat.http.addresses import HOPS_MAX, Addresses, Scope, parse_proxies

PROXIES = ("127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48")


def scope(peer: str | None, *forwarded: str, name: bytes = b"x-forwarded-for") -> Scope:
    return {
        "client": None if peer is None else (peer, 40_000),
        "headers": [(b"host", b"a.example"), *((name, value.encode()) for value in forwarded)],
    }


@pytest.mark.parametrize(
    "name",
    [
        b"x-forwarded-for",
        b"forwarded",
        b"x-real-ip",
        b"cf-connecting-ip",
        b"true-client-ip",
        b"x-client-ip",
    ],
)
def test_s138_without_a_trusted_proxy_no_header_changes_the_client(name: bytes) -> None:
    addresses = Addresses(())
    assert addresses.client(scope("203.0.113.5", "198.51.100.9", name=name)) == "203.0.113.5"
    assert addresses.client(scope("127.0.0.1", "198.51.100.9", name=name)) == "127.0.0.1"


def test_s138_a_peer_that_is_no_trusted_proxy_is_the_client() -> None:
    assert Addresses(PROXIES).client(scope("203.0.113.5", "198.51.100.9")) == "203.0.113.5"


@pytest.mark.parametrize("name", [b"forwarded", b"x-real-ip", b"cf-connecting-ip"])
def test_s138_even_of_a_trusted_proxy_no_other_header_is_read(name: bytes) -> None:
    assert Addresses(PROXIES).client(scope("10.1.1.1", "198.51.100.9", name=name)) == "10.1.1.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["198.51.100.9"], "198.51.100.9"),
        (["203.0.113.66, 198.51.100.9"], "198.51.100.9"),
        (["127.0.0.1, 198.51.100.9"], "198.51.100.9"),
        (["203.0.113.66, 198.51.100.9, 10.2.2.2"], "198.51.100.9"),
        (["203.0.113.66", "198.51.100.9", "10.2.2.2,127.0.0.1"], "198.51.100.9"),
        (["203.0.113.66,198.51.100.9:5123"], "198.51.100.9"),
        (["[2001:db8::7]:443"], "2001:db8::7"),
        (["2001:db8::7"], "2001:db8::7"),
        (["2001:db8::7, 2001:db8:ffff::1"], "2001:db8::7"),
        (["::ffff:198.51.100.9"], "198.51.100.9"),
        (["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        (["198.51.100.9, nonsense"], "10.1.1.1"),
        (["198.51.100.9, "], "10.1.1.1"),
        (["198.51.100.9, unknown, 10.2.2.2"], "10.2.2.2"),
        (["198.51.100.9, " + "1" * 100], "10.1.1.1"),
        ([""], "10.1.1.1"),
        ([], "10.1.1.1"),
    ],
)
def test_s138_the_client_is_the_rightmost_address_that_is_no_trusted_proxy(
    forwarded: list[str], client: str
) -> None:
    assert Addresses(PROXIES).client(scope("10.1.1.1", *forwarded)) == client


def test_a_chain_of_proxies_is_followed_to_its_bound_only() -> None:
    hops = ["10.2.2.2"] * HOPS_MAX
    within = ", ".join(["198.51.100.9", *hops[1:]])
    beyond = ", ".join(["198.51.100.9", *hops])
    assert Addresses(PROXIES).client(scope("10.1.1.1", within)) == "198.51.100.9"
    assert Addresses(PROXIES).client(scope("10.1.1.1", beyond)) == "10.2.2.2"


def test_a_proxy_over_ipv4_written_as_ipv6_is_the_same_proxy() -> None:
    assert Addresses(PROXIES).client(scope("::ffff:10.1.1.1", "198.51.100.9")) == "198.51.100.9"


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("testclient", "testclient"),
    ],
)
def test_a_client_counts_as_an_ipv4_address_or_an_ipv6_network(
    peer: str | None, network: str
) -> None:
    assert Addresses(()).network(scope(peer)) == network


@pytest.mark.parametrize("name", ["", "proxy.example", "10.0.0.1/8", "10.0.0.0/33", "*"])
def test_a_wrong_proxy_is_refused_with_a_sentence_that_says_what_to_write(name: str) -> None:
    with pytest.raises(ValueError, match="write an address such as") as caught:
        parse_proxies(["127.0.0.1", name])
    assert str(caught.value).startswith(repr(name))
