"""Bylines: somebody beside what they said."""

from dataclasses import dataclass

from stonechat.domain.entries import Byline
from stonechat.web.entities.addresses import picture_path, profile_path


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody beside what they said."""

    name: str
    acct: str
    path: str
    avatar: str


def present_person(byline: Byline) -> Person:
    """Their name as they chose it, or the one they were given."""
    return Person(
        byline.display_name or byline.username,
        byline.acct,
        profile_path(byline.acct),
        picture_path(byline.avatar, "avatar.png"),
    )
