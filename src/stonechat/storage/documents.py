"""Documents: what of a status stands in its own row as JSON. Mentions, tags, media, poll, card.

A page of statuses is read far more often than any of these changes, so each is kept where it is
shown, ready to be turned into a view. What must be counted or looked for (votes, who is
mentioned, which tag) stands in a table of its own besides.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from stonechat.domain.views import CardView, MediaView, MentionView, PollView


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def mentions_text(mentions: Sequence[MentionView]) -> str:
    """`[[account id, username, domain], …]`."""
    return _dump([[each.id, each.username, each.domain] for each in mentions])


def mentions_of(text: str) -> tuple[MentionView, ...]:
    """The mentions that a text stands for."""
    return () if text == "[]" else tuple(MentionView(*each) for each in json.loads(text))


def tags_text(tags: Sequence[str]) -> str:
    """`["name", …]`."""
    return _dump(tags)


def tags_of(text: str) -> tuple[str, ...]:
    """The names that a text stands for."""
    return () if text == "[]" else tuple(json.loads(text))


def media_text(media: Sequence[MediaView]) -> str:
    """`[[id, account id, type, file, preview, description, focus, meta, blurhash], …]`."""
    return _dump([_media_row(each) for each in media])


def _media_row(media: MediaView) -> list[object]:
    return [
        media.id,
        media.account_id,
        media.type,
        media.file,
        media.preview,
        media.description,
        media.focus,
        media.meta,
        media.blurhash,
    ]


def media_of(text: str) -> tuple[MediaView, ...]:
    """The media that a text stands for."""
    return () if text == "[]" else tuple(_media(*each) for each in json.loads(text))


def _media(*row: Any) -> MediaView:
    focus: Sequence[float] | None = row[6]
    return MediaView(*row[:6], None if focus is None else (focus[0], focus[1]), *row[7:])


def poll_text(poll: PollView | None) -> str | None:
    """A poll by the names of its fields, or nothing."""
    return None if poll is None else _dump(asdict(poll))


def poll_of(text: str | None) -> PollView | None:
    """The poll that a text stands for."""
    if text is None:
        return None
    fields: Mapping[str, Any] = json.loads(text)
    lists = {"options": tuple(fields["options"]), "votes": tuple(fields["votes"])}
    return PollView(**{**fields, **lists})


def card_text(card: CardView | None) -> str | None:
    """A card by the names of its fields, or nothing."""
    return None if card is None else _dump(asdict(card))


def card_of(text: str | None) -> CardView | None:
    """The card that a text stands for."""
    return None if text is None else CardView(**json.loads(text))
