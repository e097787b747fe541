"""Notifications on the wire: groups of interactions around objects that were rendered.

What an item carries depends on its type; the object stands under the name of its kind, a comment
under `comment`. A group says besides what all of it is about.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from stonechat.dialects.selfcommunity.entities.media import EmbedEntity, present_embed
from stonechat.dialects.selfcommunity.entities.times import instant, instant_or_none
from stonechat.domain.custom_notices import CustomNotice
from stonechat.domain.interactions import (
    FOLLOW,
    USER_FOLLOW,
    VOTE_UP,
    Interaction,
    InteractionView,
)
from stonechat.domain.notifications import BLOCKED_USER
from stonechat.kernel.ids import ms_of_id

_encode: Final = msgspec.json.Encoder().encode
_JSON: Final = (b"false", b"true")
_DAY_MS: Final = 86_400_000


class UnseenCount(msgspec.Struct, frozen=True):
    """How many interactions were not seen yet."""

    count: int


class BlockedSettings(msgspec.Struct, frozen=True):
    """Since when somebody is blocked, and how long. Nobody's reputation is kept here."""

    blocked_at: str
    days_blocked: int | None
    expire_at: str | None
    reputation_delta: int = 0


class CustomNotification(msgspec.Struct, frozen=True):
    """What an administrator says."""

    id: int
    type: str
    title: str
    description: str
    embed: EmbedEntity | None


class Pieces(NamedTuple):
    """What was rendered for a page. `objects` has the kind of each, and itself."""

    objects: Mapping[int, tuple[str, bytes]]
    users: Mapping[int, bytes]


def group_bytes(group: Sequence[InteractionView], pieces: Pieces, read_id: int) -> bytes:
    """The vendor's group: what follows one another and is about the same."""
    newest = group[0]
    items = b",".join(_item(each, pieces, read_id) for each in group)
    common = b""
    if newest.root is not None:
        common = b',"%b":%b' % _named(pieces.objects[newest.root.id])
    return b'{"is_new":%b,"sid":"%d","aggregated":[%b]%b}' % (
        _JSON[newest.id > read_id],
        newest.id,
        items,
        common,
    )


def _item(view: InteractionView, pieces: Pieces, read_id: int) -> bytes:
    told = view.interaction
    return b'{"is_new":%b,"sid":"%d","type":"%b","active_at":%b%b}' % (
        _JSON[told.id > read_id],
        told.id,
        told.type.encode(),
        _encode(instant(ms_of_id(told.id))),
        _payload(told, pieces) if view.words is None else _words(view.words, told, pieces),
    )


def _payload(told: Interaction, pieces: Pieces) -> bytes:
    if told.type == USER_FOLLOW:
        return b',"follower":%b' % pieces.users[told.from_id]
    if told.type == BLOCKED_USER:
        settings = _encode(_settings(told))
        # The document and the vendor's own client call it by different names.
        return b',"block_settings":%b,"blocked_settings":%b' % (settings, settings)
    payload = b""
    if told.type in (VOTE_UP, FOLLOW):
        payload = b',"user":%b' % pieces.users[told.from_id]
    if told.subject_id is not None:
        payload += b',"%b":%b' % _named(pieces.objects[told.subject_id])
    return payload


def _words(words: CustomNotice, told: Interaction, pieces: Pieces) -> bytes:
    embed = None if words.embed is None else present_embed(words.embed)
    notice = CustomNotification(words.id, words.type, words.title, words.description, embed)
    return b',"custom_notification":%b,"user":%b' % (_encode(notice), pieces.users[told.from_id])


def _named(piece: tuple[str, bytes]) -> tuple[bytes, bytes]:
    return piece[0].encode(), piece[1]


def _settings(told: Interaction) -> BlockedSettings:
    blocked_ms = ms_of_id(told.id)
    until_ms = None if told.days is None else blocked_ms + told.days * _DAY_MS
    return BlockedSettings(instant(blocked_ms), told.days, instant_or_none(until_ms))
