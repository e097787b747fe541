"""Where a search found something: the place, with the hits in `<b>`, and who said it."""

from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.entities.times import instant
from stonechat.domain.ids import StatusId
from stonechat.kernel.ids import ms_of_id

_encode: Final = msgspec.json.Encoder().encode


class MatchedObject(msgspec.Struct, frozen=True):
    """What of an object matched."""

    id: StatusId
    type: str
    added_at: str
    html: str


def present_match(status_id: StatusId, kind: str, html: str, author: bytes) -> bytes:
    """A match on the wire; `author` is a rendered User."""
    matched = MatchedObject(status_id, kind, instant(ms_of_id(status_id)), html)
    return b'{"object":%b,"author":%b}' % (_encode(matched), author)
