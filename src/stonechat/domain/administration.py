"""Administration: which states an account may be put into by whoever runs the server.

A disabled account cannot be used, but what it said stays. A suspended one is hidden as well. Both
come back by `enable`; a deleted one never does, and its name stays taken.
"""

from typing import Final, NamedTuple

from stonechat.domain.ids import BeaconId
from stonechat.domain.viewers import ROLES
from stonechat.kernel.errors import InvalidInput


class Passage(NamedTuple):
    """From which states an action leads, and to which one."""

    origins: tuple[str, ...]
    target: str


PASSAGES: Final = {
    "approve": Passage(("pending",), "active"),
    "disable": Passage(("active",), "disabled"),
    "enable": Passage(("disabled", "suspended"), "active"),
    "suspend": Passage(("active", "disabled"), "suspended"),
}


class AccountSummary(NamedTuple):
    """An account as a list of accounts shows it to the operator."""

    id: int
    username: str
    role: str
    state: str
    email: str | None
    statuses: int
    followers: int
    created_ms: int


class TokenSummary(NamedTuple):
    """A token as its account's list of tokens shows it; its secret nobody knows any more."""

    id: int
    kind: str
    scopes: str
    app: str | None
    created_ms: int
    label: str = ""
    hint: str = ""
    """How the secret of a key begins."""
    beacon_id: BeaconId | None = None
    expires_ms: int | None = None
    used_ms: int | None = None


def next_state(action: str, username: str, state: str) -> str:
    """The state that an action leads to; InvalidInput where it leads nowhere from here."""
    passage = PASSAGES[action]
    if state != passage.target and state not in passage.origins:
        raise InvalidInput(f"{username} is {state}: {action} is not for such an account.")
    return passage.target


def check_role(role: str) -> str:
    """The role as given, or InvalidInput."""
    if role not in ROLES:
        raise InvalidInput(f"The role is {role!r}: write one of {', '.join(ROLES)}.")
    return role
