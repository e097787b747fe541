"""Counting: how long a status is in the eyes of its writer.

The unit is what a reader calls one character (a grapheme cluster), so a family of emoji is one.
A link counts the same whatever its length, and a mention counts without its domain, so that
nobody is punished for where their friends live. The warning counts too.
"""

import re
from typing import Final

import regex

from stonechat.domain.limits import URL_CHARACTERS_RESERVED
from stonechat.domain.text.entities import Link, Mention, extract

_LINK: Final = "x" * URL_CHARACTERS_RESERVED
_GRAPHEME: Final = regex.compile(r"\X")
# Letters and signs that are a grapheme cluster each, whatever stands beside them. Many more
# are; these are the ones that whole texts are made of.
_ALONE: Final = re.compile(
    "[\0-\x0c\x0e-\u02ff\u0370-\u0482\u0531-\u058f\u05d0-\u05ff\u0620-\u064a\u1e00-\u200a"
    "\u2010-\u205f\u2070-\u20cf\u2100-\u2c7f\u3000-\u3029\u3030-\u3098\u309b-\ua48f\uac00-\ud7a3"
    "\uf900-\ufb1d\ufb1f-\ufdff\ufe70-\ufefe\uff01-\uff9d\U0001f300-\U0001f3fa\U0001f400-\U0001faff\U00020000-\U0003ffff]*+"
)
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def count_characters(text: str, spoiler: str = "") -> int:
    """Grapheme clusters of a warning and a text, by the rules for links and mentions."""
    return count_graphemes(spoiler + _countable(text))


def count_graphemes(text: str) -> int:
    """What a reader would call the characters of a text."""
    if _ALONE.fullmatch(text):
        return len(text)
    # \X looks back over a whole run of flags at each of them, which takes minutes for a
    # megabyte of flags. Pairs are found by one pass, and then count as any other letter.
    # Splitting at every character is the quickest way to count them.
    return len(_GRAPHEME.split(_FLAG.sub("x", text))) - 1


def _countable(text: str) -> str:
    parts: list[str] = []
    position = 0
    for entity in extract(text):
        if isinstance(entity, Link):
            parts += (text[position : entity.start], _LINK)
            position = entity.end
        elif isinstance(entity, Mention):
            parts.append(text[position : entity.start + 1 + len(entity.username)])
            position = entity.end
    return "".join((*parts, text[position:])) if parts else text
