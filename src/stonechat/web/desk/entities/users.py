"""People with a role on a beacon."""

from dataclasses import dataclass
from typing import Final

from stonechat.domain.beacon_roles import BeaconUser
from stonechat.web.entities.addresses import profile_path
from stonechat.web.entities.times import Moment, present_moment

_WAYS: Final = {
    "made": "made it",
    "invited": "was invited",
    "link": "came by a link",
    "followed": "follows it",
}


@dataclass(frozen=True, slots=True)
class UserLine:
    """One of them."""

    username: str
    name: str
    path: str
    role: str
    way: str
    """How they came; for the owner's eyes."""
    since: Moment


def present_user(user: BeaconUser) -> UserLine:
    """One line of the list."""
    return UserLine(
        username=user.username,
        name=user.display_name or user.username,
        path=profile_path(user.username),
        role=user.role,
        way=_WAYS.get(user.via, ""),
        since=present_moment(user.since_ms),
    )
