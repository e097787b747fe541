"""Titles: what is said of a post where there is room for a line and nothing else.

A title stands in tabs, in previews on other sites and in feeds, where nothing can be folded away.
So of what its author warns of, it tells the warning alone. It is never empty.
"""

import re
from typing import Final

from stonechat.domain.entries import EntryView
from stonechat.domain.media import shown_attachments
from stonechat.web.entities.media import count_media

TITLE_CHARACTERS_MAX: Final = 70
SUMMARY_CHARACTERS_MAX: Final = 300
_SPACE: Final = re.compile(r"\s+")


def shorten(text: str, characters_max: int) -> str:
    """The beginning of a text on one line, cut between words where that is near enough."""
    line = _SPACE.sub(" ", text).strip()
    if len(line) <= characters_max:
        return line
    cut = line[: characters_max - 1]
    head, _, tail = cut.rpartition(" ")
    return (head if len(tail) < characters_max // 3 else cut).rstrip() + "…"


def warning_of(entry: EntryView) -> str:
    """What is told before it is shown: its author's warning, or that moderators hid it."""
    return entry.warning


def tell(entry: EntryView) -> str:
    """A post in words alone: its warning, else its text, else what its media show."""
    warning = warning_of(entry)
    if warning:
        return f"Content warning: {warning}"
    if entry.facets.title:
        return f"{entry.facets.title}: {entry.text}" if entry.text else entry.facets.title
    if entry.text:
        return entry.text
    if shown_attachments(entry.media):
        return _tell_media(entry)
    if entry.quoted is not None:
        return f"A quote of @{entry.quoted.author.acct}"
    return "A post without words"


def _tell_media(entry: EntryView) -> str:
    media = shown_attachments(entry.media)
    if entry.is_sensitive:
        return f"Sensitive media: {count_media(media)}"
    described = "; ".join(each.description for each in media if each.description)
    return described or count_media(media).capitalize()
