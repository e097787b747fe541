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
    rf"[^\p{{L}}\p{{M}}\p{{Nd}}_{TAG_JOINERS}]|[\p{{DI}}--\u200C]", regex.VERSION1
)
_LETTER: Final = regex.compile(r"\p{L}")
_PLAIN_LETTERS: Final = {
    code: base
    for code in range(0xE0, 0x180)
    if (base := unicodedata.normalize("NFD", chr(code))[0]).isascii()
} | str.maketrans("ðđħıłŋøŧĸ", "ddhilnotk")
_MARKS_ON_PLAIN_LETTERS: Final = regex.compile(r"(?<=[a-z])\p{M}+")
# Outside Arabic and the scripts of India, which stand in this range, ZWNJ does nothing but make
# a second tag that looks like the first.
_IDLE_ZWNJ: Final = regex.compile(r"(?<![\u0600-\u1DFF])(?:\u200C\p{M}*)+")


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
    """The order matters: what is dropped can bring letters and marks together."""
    name = unicodedata.normalize("NFKC", spelling).lower()
    name = _DROPPED.sub("", unicodedata.normalize("NFKC", name))
    name = unicodedata.normalize("NFC", name).translate(_PLAIN_LETTERS)
    name = _IDLE_ZWNJ.sub("", _MARKS_ON_PLAIN_LETTERS.sub("", name))
    return unicodedata.normalize("NFC", name).strip(TAG_JOINERS)
