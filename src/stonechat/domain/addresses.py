"""Addresses of the web: how they are read, and which of them a server may go to by itself.

A text is read once, by `read_address`, and from then on only what came out is used: a reader of
addresses that disagrees with the one that connects is how guards are passed by. Here is only what
can be told without looking up a name. Where a name leads, outgoing/ asks, and then asks
`is_public` about every single answer.

One would get wrong that `is_public` names what is allowed for IPv6 and what is not for IPv4:
IPv6 addresses that carry another address (mapped, compatible, NAT64, 6to4, Teredo) lie outside of
what is handed out to networks, or in the list of exceptions from it.
"""

import ipaddress
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import quote, urljoin

from stonechat.domain.text.hosts import canonical_host

ADDRESS_CHARACTERS_MAX: Final = 4096
PORTS: Final = {"http": 80, "https": 443}

IPAddress: TypeAlias = IPv4Address | IPv6Address

# `urlsplit` drops tabs and line ends without a word, and browsers read `\` as `/`.
_NEVER: Final = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")
_PARTS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?:#.*)?",
    re.IGNORECASE,
)
_AUTHORITY: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:@\[\]]+))(?::(?P<port>[0-9]{0,5}))?"
)
# Everything that RFC 3986 lets stand in a path or a query, and what is encoded already.
_PLAIN: Final = "%/:@!$&'()*+,;=~-._"
_NUMBER: Final = re.compile("[0-9]+|0x[0-9a-f]*")
_BYTES_OF_FOUR: Final = 4
_INNER_NAMES: Final = (
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
)
"""Top-level names that mean something on this machine or in its own network, if anything."""

_CLOSED_FOUR: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; 0.0.0.0 connects to this machine
            "10.0.0.0/8",
            "100.64.0.0/10",  # behind a provider's own translation; metadata of one cloud
            "127.0.0.0/8",
            "168.63.129.16/32",  # what a cloud answers its machines at, on an address of its own
            "169.254.0.0/16",  # link-local; metadata of most clouds
            "172.16.0.0/12",
            "192.0.0.0/24",  # protocols; metadata of one cloud
            "192.0.2.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
_OPEN_SIX: Final = IPv6Network("2000::/3")
_CLOSED_SIX: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols: Teredo, benchmarks and others
            "2001:db8::/32",
            "2002::/16",  # 6to4: an IPv4 address follows
            "3fff::/20",
        ),
    )
)


class WebAddress(NamedTuple):
    """An address that was read: `host` in its one spelling, `target` as it goes over the wire."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """The whole address, without a fragment and without the usual port."""
        return f"{self.origin}{self.target}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: two pages with one origin belong to one site."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def read_address(text: str) -> WebAddress | None:
    """An address that a server may think of going to; None for every other text.

    http or https on their usual ports, no user name, a full name or an IP address as host.
    """
    parts = _PARTS.fullmatch(text) if len(text) <= ADDRESS_CHARACTERS_MAX else None
    if parts is None or _NEVER.search(text):
        return None
    authority = _AUTHORITY.fullmatch(parts["authority"])
    if authority is None:
        return None
    scheme = parts["scheme"].lower()
    port = int(authority["port"] or PORTS[scheme])
    host = _read_six(authority["six"]) if authority["six"] else _read_name(authority["name"])
    if host is None or port not in PORTS.values():
        return None
    target = quote(parts["path"] or "/", safe=_PLAIN)
    if parts["query"]:
        target += "?" + quote(parts["query"][1:], safe=_PLAIN + "?")
    address = WebAddress(scheme, host, port, target)
    return address if len(address.url) <= ADDRESS_CHARACTERS_MAX else None


def join(here: WebAddress, reference: str) -> WebAddress | None:
    """Where a reference on a page leads: a whole address, or a part of one."""
    if len(reference) > ADDRESS_CHARACTERS_MAX or _NEVER.search(reference):
        return None
    try:
        return read_address(urljoin(here.url, reference))
    except ValueError:
        return None


def find_ip(host: str) -> IPAddress | None:
    """The IP address that a host is; None where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to a machine on the internet, and to no inner network."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_FOUR)
    # One with a scope is meant for a network card of this machine.
    return (
        address.scope_id is None
        and address in _OPEN_SIX
        and not any(address in network for network in _CLOSED_SIX)
    )


def host_of_domain(domain: str) -> str:
    """The host of a domain of our own, which may have a port behind it, in its one spelling."""
    authority = _AUTHORITY.fullmatch(domain)
    assert authority is not None, domain
    if authority["six"]:
        return str(IPv6Address(authority["six"]))
    return canonical_host(authority["name"]) or authority["name"]


def _read_six(text: str) -> str | None:
    try:
        return str(IPv6Address(text))
    except ValueError:
        return None


def _read_name(text: str) -> str | None:
    host = canonical_host(text)
    if host is None:
        # A dot at the end says that the name is a full one, which it is for us in any case.
        host = canonical_host(text.removesuffix("."))
    if host is None:
        return None
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        four = _read_four(labels)
        return None if four is None else str(four)
    if len(labels) == 1 or labels[-1] in _INNER_NAMES:
        return None
    return host


def _read_four(labels: list[str]) -> IPv4Address | None:
    """An IPv4 address in any of its spellings: 127.1, 0177.0.0.1, 0x7f000001, 2130706433."""
    if len(labels) > _BYTES_OF_FOUR:
        return None
    numbers = [_read_number(label) for label in labels]
    value = 0
    for place, number in enumerate(numbers):
        # The last number stands for all the bytes that are left.
        size = _BYTES_OF_FOUR - place if place == len(numbers) - 1 else 1
        if number is None or number >= 256**size:
            return None
        value = value * 256**size + number
    return IPv4Address(value)


def _read_number(label: str) -> int | None:
    if not _NUMBER.fullmatch(label):
        return None
    try:
        if label.startswith("0x"):
            return int(label[2:] or "0", 16)
        return int(label, 8 if label.startswith("0") else 10)
    except ValueError:
        return None
