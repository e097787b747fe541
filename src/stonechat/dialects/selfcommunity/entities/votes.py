"""Votes on the wire, and what the viewer did with an object."""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.entities.times import instant
from stonechat.kernel.ids import ms_of_id

_encode: Final = msgspec.json.Encoder().encode


class Following(msgspec.Struct, frozen=True):
    """Whether the viewer follows it."""

    following: bool


class Suspended(msgspec.Struct, frozen=True):
    """Whether the viewer hears nothing of it."""

    suspended: bool


class Hidden(msgspec.Struct, frozen=True):
    """Whether the viewer took it out of their lists."""

    hidden: bool


def vote_bytes(user: bytes, reaction: bytes, vote_id: int) -> bytes:
    """The vendor's Vote."""
    voted_at = _encode(instant(ms_of_id(vote_id)))
    return b'{"user":%b,"reaction":%b,"voted_at":%b}' % (user, reaction, voted_at)
