"""Roles on beacons: who owns, updates or follows one, and what each of them wants to hear.

A role stays until its bearer leaves or the owner takes it, whatever becomes of the link or the
invitation that it came by. A newcomer takes a promoted follower for an invited one: `via` tells
how somebody came, not how they got what they have by now.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.beacons import SUBSCRIBER, UPDATER, Beacon, read_value
from stonechat.domain.ids import AccountId
from stonechat.kernel.errors import InvalidInput

GIVEN: Final = (UPDATER, SUBSCRIBER)
"""The roles that an owner may give; their own stays theirs."""
TO: Final = "to"
FROM: Final = "from"
FILTER_KINDS: Final = (TO, FROM)


class BeaconUser(NamedTuple):
    """Somebody with a role, as a list of users shows them."""

    account_id: AccountId
    username: str
    display_name: str
    role: str
    via: str
    """How they came: `made`, `invited`, `link`, `followed`. It is the owner's to know."""
    since_ms: int


class BeaconFilter(NamedTuple):
    """Lets a change through: `to` a value, or `from` one to another."""

    kind: str
    value: str


class BeaconSettings(NamedTuple):
    """What somebody with a role is told of: every change, or those that a filter lets through."""

    notifies: bool
    filters: tuple[BeaconFilter, ...]


def check_given_role(role: str) -> str:
    """A role that can be given, or InvalidInput."""
    if role not in GIVEN:
        raise InvalidInput(f"The role has to be one of {', '.join(GIVEN)}", field="role")
    return role


def ensure_room_for_user(beacon: Beacon) -> None:
    """InvalidInput where a beacon has as many people as there may be."""
    if beacon.subscribers >= limits.BEACON_ROLES_MAX:
        most = limits.BEACON_ROLES_MAX
        raise InvalidInput(f"No more than {most} people can follow it", rule="too_many")


def ensure_room_for_role(roles: int) -> None:
    """InvalidInput where somebody has as many roles on beacons of others as there may be."""
    if roles >= limits.BEACON_ROLES_PER_ACCOUNT_MAX:
        most = limits.BEACON_ROLES_PER_ACCOUNT_MAX
        raise InvalidInput(f"Nobody can follow more than {most} beacons", rule="too_many")


def read_filters(filters: Sequence[tuple[str, str]]) -> tuple[BeaconFilter, ...]:
    """Pairs of kind and value as they are kept, each once; or InvalidInput."""
    if len(filters) > limits.BEACON_FILTERS_MAX:
        most = limits.BEACON_FILTERS_MAX
        raise InvalidInput(f"There may be {most} filters at most", field="filters", rule="size")
    return tuple(dict.fromkeys(_read_filter(kind, value) for kind, value in filters))


def _read_filter(kind: str, value: str) -> BeaconFilter:
    if kind not in FILTER_KINDS:
        words = ", ".join(FILTER_KINDS)
        raise InvalidInput(f"The filters have to be of the kinds {words}", field="filters")
    return BeaconFilter(kind, read_value(value, field="filters"))
