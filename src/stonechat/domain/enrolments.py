"""Enrolments: accounts that an administrator, or another system in their name, makes for others.

Another system may know no address of somebody. A login needs one nevertheless, so it gets one that
no mail ever reaches; it is never shown, and nobody can guess it and have it first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from stonechat.domain.ids import LabelId

NO_MAIL: Final = "@members.invalid"
ROLES: Final = ("moderator", "admin")
"""What an account may be made at once, besides a plain member."""


@dataclass(frozen=True, slots=True)
class Enrol:
    """The order to make an account for somebody else. What is None is not known of them."""

    username: str
    email: str | None = None
    password: str | None = None
    real_name: str | None = None
    role: str = "user"
    labels: Sequence[LabelId] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Files by their kind: `avatar`, `header`."""


def stand_in_email(secret: str) -> str:
    """The address of somebody who has given none, over a secret that is used for nothing else."""
    return f"{secret}{NO_MAIL}"


def visible_email(email: str) -> str | None:
    """An address as it is shown."""
    return None if email.endswith(NO_MAIL) else email
