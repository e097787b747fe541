"""Bans: an account that moderators disabled, for some days or until further notice.

Nobody bans themselves or somebody of their own rank or above. Nobody does anything to the owner.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import ROLES, Viewer
from stonechat.kernel.errors import NotAllowed

LIFT_BAN_JOB: Final = "lift_ban"
DAY_MS: Final = 86_400_000
STATES: Final = {"a": "active", "b": "disabled", "d": "suspended", "u": "deleted"}
"""The states of accounts by the vendor's letters."""
ORDERS: Final = ("id", "username", "real_name", "date_joined", "blocked_at", "expire_at")


class Ban(NamedTuple):
    """A ban as it is kept."""

    account_id: AccountId
    moderator_id: AccountId
    began_ms: int
    days: int | None = None
    ends_ms: int | None = None


class Standing(NamedTuple):
    """What moderators want to know of somebody."""

    ban: Ban | None = None
    flags_given: int = 0
    flags_received: int = 0


class Candidate(NamedTuple):
    """An account as far as a list of accounts compares it."""

    id: AccountId
    username: str
    display_name: str
    created_ms: int
    days: int | None
    began_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class BanSearch:
    """Whom a moderator looks for. What is None or empty does not narrow anything."""

    words: str = ""
    state: str | None = None
    days: int | None = None
    order: str = "id"
    is_rising: bool = False

    @property
    def compares(self) -> bool:
        """Whether candidates have to be looked at before they are counted."""
        return bool(self.words) or self.days is not None or self.order != "id" or self.is_rising


def ensure_outranks(viewer: Viewer, account_id: AccountId, role: str) -> None:
    """NotAllowed for whoever does not stand above an account."""
    is_above = ROLES.index(viewer.role) > ROLES.index(role)
    if viewer.account_id == account_id or not is_above:
        raise NotAllowed
