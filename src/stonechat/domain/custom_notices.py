"""Custom notices: what administrators tell people in words of their own.

It is told as a notice like any other, to one person or to everybody who follows the one who says
it. A notice is about its words as others are about a status.
"""

from dataclasses import dataclass
from typing import Final

from stonechat.domain.ids import AccountId, CustomNoticeId, EmbedId
from stonechat.domain.media_links import Embed

TITLE_CHARACTERS_MAX: Final = 255
DESCRIPTION_CHARACTERS_MAX: Final = 2_000
TYPE_CHARACTERS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class GiveNotice:
    """The order to tell one account something, or all followers. `type` is for clients to read."""

    title: str
    description: str = ""
    type: str = ""
    embed_id: EmbedId | None = None
    to_id: AccountId | None = None


@dataclass(frozen=True, slots=True)
class CustomNotice:
    """The words as they are kept."""

    id: CustomNoticeId
    title: str
    description: str
    type: str
    embed: Embed | None
