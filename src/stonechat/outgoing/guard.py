"""The guard: which address may be gone to, asked before a connection is made and not after.

An address is read first (domain/addresses), then its name is looked up once, and every answer has
to be allowed: a name with one inner address is refused as a whole. What the guard gives is what is
connected to. Nobody looks the name up again, so an answer that changes in between changes nothing.
"""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Final, TypeAlias

from stonechat.domain.addresses import (
    IPAddress,
    WebAddress,
    find_ip,
    host_of_domain,
    is_public,
    join,
    read_address,
)
from stonechat.outgoing.errors import Refused, Unreachable
from stonechat.outgoing.lookups import Endpoint, Lookup, look_up

ENDPOINTS_MAX: Final = 32
"""Of one name; there are no honest names with more."""

IsAllowed: TypeAlias = Callable[[IPAddress], bool]


class Guard:
    """Says yes to what is outside. Tests give it a town of their own to look up names in."""

    def __init__(
        self, own_domain: str, *, look_up: Lookup = look_up, is_allowed: IsAllowed = is_public
    ) -> None:
        self._own_host = host_of_domain(own_domain)
        self._look_up = look_up
        self._is_allowed = is_allowed

    def admit(self, url: str) -> WebAddress:
        """An address from outside, or Refused."""
        return self._admit(read_address(url))

    def admit_hop(self, here: WebAddress, reference: str) -> WebAddress:
        """Where a redirect leads, or Refused: from https nobody leads us to http."""
        address = self._admit(join(here, reference))
        if here.scheme == "https" and address.scheme != "https":
            raise Refused("a redirect leaves https")
        return address

    def _admit(self, address: WebAddress | None) -> WebAddress:
        if address is None:
            raise Refused("no address of the web")
        if address.host == self._own_host:
            raise Refused("our own address")
        ip = find_ip(address.host)
        if ip is not None and not self._is_allowed(ip):
            raise Refused("an inner address")
        return address

    async def find_endpoints(self, host: str, port: int) -> list[Endpoint]:
        """Where to connect to for a host that was admitted; Refused if any of it is inner."""
        found = await self._look_up(host, port)
        if not found:
            raise Unreachable("no such name")
        if len(found) > ENDPOINTS_MAX:
            raise Refused("too many addresses")
        if not all(self._is_allowed(_ip(endpoint)) for endpoint in found):
            raise Refused("an inner address")
        return found


def _ip(endpoint: Endpoint) -> IPAddress:
    try:
        return ip_address(endpoint.address)
    except ValueError:
        raise Refused("an answer that is no address") from None
