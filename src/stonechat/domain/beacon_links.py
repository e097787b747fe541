"""Private links to beacons: long secrets in addresses that show a beacon to whoever has them."""

from typing import NamedTuple

from stonechat.domain import limits
from stonechat.domain.beacons import read_address
from stonechat.domain.ids import BeaconId
from stonechat.kernel.errors import InvalidInput, NotFound


class BeaconLink(NamedTuple):
    """A link as its owner sees it."""

    beacon_id: BeaconId
    secret: str
    label: str
    created_ms: int
    expires_ms: int | None

    @property
    def address(self) -> str:
        """What stands behind `/s/`."""
        return f"{self.beacon_id}-{self.secret}"


def ensure_room_for_link(count: int) -> None:
    """InvalidInput where a beacon has as many links as there may be."""
    if count >= limits.BEACON_LINKS_MAX:
        most = limits.BEACON_LINKS_MAX
        raise InvalidInput(f"There may be {most} links to a beacon at most", rule="too_many")


def check_secret(beacon_id: BeaconId, secret: str) -> str:
    """A secret as it may be looked up; NotFound for what cannot be one."""
    if read_address(f"{beacon_id}-{secret}").secret is None:
        raise NotFound
    return secret
