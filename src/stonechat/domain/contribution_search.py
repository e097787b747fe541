"""Search for words in contributions: what is looked for, and where it was found.

Every character means itself. Capitals and accents make no difference (domain/names.fold), so the
place of a hit is looked for letter by letter: a folded text may be longer than what it stands for.
"""

from typing import Final, NamedTuple

from stonechat.domain.names import fold
from stonechat.domain.text.markup import escape

EXCERPT_CHARACTERS: Final = 200
BEFORE_CHARACTERS: Final = 60
"""So much of an excerpt stands before the first hit."""


class Hit(NamedTuple):
    """A part of a text that is what was looked for."""

    start: int
    end: int


def find_hits(text: str, wanted: str, most: int = 20) -> list[Hit]:
    """Where a text says what is wanted, which was folded; the first ones."""
    folded: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        bare = letter.lower() if letter.isascii() else fold(letter)
        folded.append(bare)
        places.extend([place] * len(bare))
    whole, hits, at = "".join(folded), list[Hit](), 0
    while len(hits) < most and (at := whole.find(wanted, at)) >= 0:
        last = at + len(wanted) - 1
        hits.append(Hit(places[at], places[last] + 1))
        at = last + 1
    return hits


def mark(text: str, hits: list[Hit]) -> str:
    """An excerpt around the first hit, as HTML with every hit in `<b>`."""
    first = hits[0]
    start = max(0, first.start - BEFORE_CHARACTERS)
    end = max(first.end, min(len(text), start + EXCERPT_CHARACTERS))
    parts, at = ["…" if start else ""], start
    for hit in hits:
        if hit.start < at or hit.end > end:
            break
        parts += [escape(text[at : hit.start]), "<b>", escape(text[hit.start : hit.end]), "</b>"]
        at = hit.end
    parts += [escape(text[at:end]), "…" if end < len(text) else ""]
    return "".join(parts)
