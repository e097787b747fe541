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
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def count_characters(text: str, spoiler: str = "") -> int:
    """Grapheme clusters of a warning and a text, by the rules for links and mentions."""
    return count_graphemes(spoiler + _countable(text))


def count_graphemes(text: str) -> int:
    """What a reader would call the characters of a text."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    # \X looks back over a whole run of flags at each of them, which takes minutes for a
    # megabyte of flags. Pairs are found by one pass, and then count as any other letter.
    return len(_GRAPHEME.findall(_FLAG.sub("x", text)))


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
