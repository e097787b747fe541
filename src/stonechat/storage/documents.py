"""Documents: what of a status stands in its own row as JSON: mentions, tags, media, facets.

A page of statuses is read far more often than any of these changes, so each is kept where it is
shown, ready to be turned into a view. What must be counted or looked for (votes, who is
mentioned, which tag) stands in a table of its own besides.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from stonechat.domain.contributions import NO_FACETS, Facets, Reactions
from stonechat.domain.ids import AccountId, CategoryId
from stonechat.domain.views import CardView, MediaView, MentionView, PollView

_encode: Final = msgspec.json.Encoder().encode
_decode_mentions: Final = msgspec.json.Decoder(tuple[tuple[int, str, str | None], ...]).decode
_decode_tags: Final = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_media: Final = msgspec.json.Decoder(tuple[MediaView, ...]).decode
_decode_poll: Final = msgspec.json.Decoder(PollView).decode
_decode_card: Final = msgspec.json.Decoder(CardView).decode
_decode_facets: Final = msgspec.json.Decoder(Facets).decode
_decode_ids: Final = msgspec.json.Decoder(tuple[int, ...]).decode
_decode_pairs: Final = msgspec.json.Decoder(tuple[tuple[int, int], ...]).decode


def _text(value: object) -> str:
    return _encode(value).decode()


def mentions_text(mentions: Sequence[MentionView]) -> str:
    """`[[account id, username, domain], …]`."""
    return _text([(each.id, each.username, each.domain) for each in mentions])


def mentions_of(text: str) -> tuple[MentionView, ...]:
    """The mentions that a text stands for."""
    if text == "[]":
        return ()
    return tuple(
        MentionView(AccountId(account_id), username, domain)
        for account_id, username, domain in _decode_mentions(text)
    )


def tags_text(tags: Sequence[str]) -> str:
    """`["name", …]`."""
    return _text(tags)


def tags_of(text: str) -> tuple[str, ...]:
    """The names that a text stands for."""
    return () if text == "[]" else _decode_tags(text)


def media_text(media: Sequence[MediaView]) -> str:
    """A list of media, each by the names of its fields."""
    return _text(media)


def media_of(text: str) -> tuple[MediaView, ...]:
    """The media that a text stands for."""
    return () if text == "[]" else _decode_media(text)


def poll_text(poll: PollView | None) -> str | None:
    """A poll by the names of its fields, or nothing."""
    return None if poll is None else _text(poll)


def poll_of(text: str | None) -> PollView | None:
    """The poll that a text stands for."""
    return None if text is None else _decode_poll(text)


def card_text(card: CardView | None) -> str | None:
    """A card by the names of its fields, or nothing."""
    return None if card is None else _text(card)


def card_of(text: str | None) -> CardView | None:
    """The card that a text stands for."""
    return None if text is None else _decode_card(text)


def facets_text(facets: Facets) -> str | None:
    """Facets by the names of their fields, or nothing."""
    return None if facets == NO_FACETS else _text(facets)


def facets_of(text: str | None) -> Facets:
    """The facets that a text stands for."""
    return NO_FACETS if text is None else _decode_facets(text)


def categories_text(categories: Sequence[CategoryId]) -> str:
    """`[id, …]`."""
    return _text(categories) if categories else "[]"


def categories_of(text: str) -> tuple[CategoryId, ...]:
    """The ids that a text stands for."""
    return () if text == "[]" else tuple(CategoryId(each) for each in _decode_ids(text))


def reactions_text(reactions: Reactions) -> str:
    """`[[reaction, how many], …]`."""
    return _text(reactions)


def reactions_of(text: str) -> Reactions:
    """The counts that a text stands for."""
    return () if text == "[]" else _decode_pairs(text)
