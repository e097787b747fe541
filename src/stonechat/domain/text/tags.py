"""Hashtags: one name for all the spellings that people take for the same tag.

The name is what tags are compared, counted, followed and addressed by; the spelling is only
shown. A name may keep letters of any script: folding to plain letters happens for Latin alone,
since elsewhere a mark makes another word.
"""

import unicodedata
from typing import Final
from urllib.parse import quote

import regex

from stonechat.domain.limits import TAG_CHARACTERS_MAX

# A middle dot and ZWNJ hold words together inside a tag; they neither begin nor end one.
TAG_JOINERS: Final = "\u00b7\u30fb\u200c"

_DROPPED: Final = regex.compile(
    # Without its joining neighbours of the scripts that need it, ZWNJ only makes a second tag
    # that looks like the first. Arabic and the scripts of India stand in this range.
    rf"(?<![\u0600-\u1DFF])\u200C|[^\p{{L}}\p{{M}}\p{{Nd}}_{TAG_JOINERS}]"
    rf"|[\p{{DI}}--\u200C]",
    regex.VERSION1,
)
_LETTER: Final = regex.compile(r"\p{L}")
_PLAIN_LETTERS: Final = {
    code: base
    for code in range(0xC0, 0x180)
    if (base := unicodedata.normalize("NFD", chr(code))[0]).isascii()
} | str.maketrans("ÐðĐđĦħıŁłŊŋØøŦŧĸ", "DdDdHhiLlNnOoTtk")


def normalise_tag(spelling: str) -> str | None:
    """The name of a tag, or None where the text names none."""
    if len(spelling) > TAG_CHARACTERS_MAX:
        return None
    name = spelling.lower()
    if name.isascii() and name.isidentifier() and name.islower():
        return name
    name = _fold(spelling)
    return name if len(name) <= TAG_CHARACTERS_MAX and _LETTER.search(name) else None


def tag_url(base_url: str, name: str) -> str:
    """Where a tag is seen. Clients compare this with the links in a status, byte by byte."""
    return f"{base_url}/tags/{name if name.isascii() else quote(name, safe='')}"


def _fold(spelling: str) -> str:
    name = _DROPPED.sub("", unicodedata.normalize("NFKC", spelling))
    name = name.translate(_PLAIN_LETTERS).lower()
    # Lower-casing can leave letters that compose, and what composes can be folded.
    name = unicodedata.normalize("NFKC", name).translate(_PLAIN_LETTERS)
    return name.strip(TAG_JOINERS)
