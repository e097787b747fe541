"""Flags: somebody says that a contribution or a comment should not be there, and why.

A reason is a number on the wire; what authors are told of it stands in domain/notifications.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId
from stonechat.kernel.errors import InvalidInput
from stonechat.kernel.ids import ms_of_id

REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {0: "Spam", 1: "Aggressive", 2: "Vulgar", 3: "Poor", 4: "Off topic"}
)
"""Why something is flagged, as people read it."""


class Flag(NamedTuple):
    """A flag as it is kept."""

    account_id: AccountId
    reason: int
    id: int

    @property
    def made_ms(self) -> int:
        """When it was given."""
        return ms_of_id(self.id)


def check_reason(reason: int | None, field: str) -> int:
    """A reason as given, or InvalidInput where it is none."""
    if reason is None:
        raise InvalidInput(
            "Validation failed: The reason must be given", field=field, rule="required"
        )
    if reason not in REASONS:
        words = f"must be one of {', '.join(map(str, REASONS))}"
        raise InvalidInput(f"Validation failed: The reason {words}", field=field, rule="inclusion")
    return reason
