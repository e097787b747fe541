"""Avatars: the pictures that a user may choose from."""

import msgspec

from stonechat.dialects.selfcommunity.entities.times import instant
from stonechat.domain.ids import AccountId
from stonechat.domain.members import AvatarView


class Avatar(msgspec.Struct, frozen=True):
    """The vendor's Avatar."""

    id: int
    primary: bool
    avatar: str
    date_uploaded: str
    user: int


def present_avatar(avatar: AvatarView, owner_id: AccountId, base_url: str) -> Avatar:
    """A picture to choose from, on the wire."""
    url = f"{base_url}/pictures/{avatar.file}"
    return Avatar(avatar.id, avatar.is_chosen, url, instant(avatar.kept_ms), owner_id)
