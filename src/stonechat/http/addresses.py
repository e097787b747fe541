"""Addresses: from which network a request comes.

The peer of the connection is the client, unless the operator has named it a trusted proxy:
only then is `X-Forwarded-For` read, from the right, up to the first address that is not itself
a trusted proxy. What stands further left was written by the client, who may write anything, so
taking the first entry would hand everybody a fresh identity for each request. No other header
is read. An address is used to count, never logged and never kept.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any, Final

Scope = Mapping[str, Any]
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

HOPS_MAX: Final = 16
"""So many proxies may stand in a row; entries further left are not looked at."""
ADDRESS_CHARACTERS_MAX: Final = 64
"""No address with scope, brackets and port is longer."""
IPV6_PREFIX_BITS: Final = 64
"""One household or one rented machine is given a /64, and may use all of its addresses."""
_CACHED_MAX: Final = 4096
_UNKNOWN: Final = "unknown"


def parse_proxies(names: Iterable[str]) -> tuple[Network, ...]:
    """The networks of the setting `trusted_proxies`; ValueError says which name is wrong."""
    networks: list[Network] = []
    for name in names:
        try:
            networks.append(ip_network(name.strip()))
        except ValueError as error:
            sentence = (
                f"{name!r} is not a trusted proxy: write an address such as 127.0.0.1, or a "
                "network such as 10.0.0.0/8 whose bits after the prefix are zero"
            )
            raise ValueError(sentence) from error
    return tuple(networks)


class Addresses:
    """Finds the client of a request, and the network that its limits are counted for."""

    __slots__ = ("_networks",)

    def __init__(self, trusted_proxies: Iterable[str]) -> None:
        self._networks = parse_proxies(trusted_proxies)

    def client(self, scope: Scope) -> str:
        """The client's address as text, or "unknown" where the connection has none."""
        peer: tuple[str, int] | None = scope.get("client")
        if peer is None:
            return _UNKNOWN
        if self._networks and self._is_trusted(peer[0]):
            return self._forwarded(scope, peer[0])
        return peer[0]

    def network(self, scope: Scope) -> str:
        """What one client is counted as: an IPv4 address, or an IPv6 network of 64 bits."""
        return _network_of(self.client(scope))

    def _forwarded(self, scope: Scope, peer: str) -> str:
        lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        entries = b",".join(lines).decode("latin-1").rsplit(",", HOPS_MAX)[-HOPS_MAX:]
        client = peer
        for entry in reversed(entries):
            address = _parse_entry(entry.strip())
            if address is None:
                break  # our own proxy did not write this: nothing from here on is worth trust
            client = str(address)
            if not self._contains(address):
                break
        return client

    def _is_trusted(self, text: str) -> bool:
        address = _parse(text)
        return address is not None and self._contains(address)

    def _contains(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


@lru_cache(maxsize=_CACHED_MAX)
def _parse(text: str) -> Address | None:
    """An address; one that is IPv4 written as IPv6 is IPv4, or it would count twice."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


def _parse_entry(entry: str) -> Address | None:
    """An entry of X-Forwarded-For; some proxies write the port as well."""
    if len(entry) > ADDRESS_CHARACTERS_MAX:
        return None
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    return _parse(entry)


@lru_cache(maxsize=_CACHED_MAX)
def _network_of(text: str) -> str:
    address = _parse(text)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), IPV6_PREFIX_BITS), strict=False))
    return text if address is None else str(address)
