"""Cleaning: what is kept of the texts and names that clients send.

Letters are never judged here, in whatever script. What goes are characters that no writer means
and no reader sees: control characters, noncharacters, tag characters outside an emoji flag.
NUL and lone surrogates are refused instead, because nobody types them: they come from a broken
client or an attack, and a database would refuse the first and UTF-8 the second.
"""

import re
from typing import Final

from stonechat.kernel.errors import InvalidInput

_BROKEN: Final = "\0\ud800-\udfff"
_LINE_ENDS: Final = ("\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029")
_UNSEEN: Final = (
    "\x01-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u206a-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
)
# Whoever has none of these has nothing to clean; the last range holds much that is fine.
_SUSPECT: Final = re.compile(f"[{_BROKEN}{_UNSEEN}\U0001fffe-\U0010ffff]")
_REFUSED: Final = re.compile(f"[{_BROKEN}]")
_STRIPPED: Final = re.compile(
    f"[{_UNSEEN}"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]+"
)
# The flags of England, Scotland, Wales and other regions are spelt with tag characters, which
# anywhere else hide text from people and show it to machines.
_REGION_FLAG: Final = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)"
)
_TAG_CHARACTERS: Final = re.compile("[\U000e0000-\U000e007f]+")
# In a name, overrides and embeddings turn round what stands behind it on the page, and blank
# letters make a name that nobody can see, or one that looks like another's.
_STRIPPED_FROM_NAMES: Final = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u2069\u2800\u3164\uffa0]"
)


def clean_text(value: str, *, field: str) -> str:
    """A text of any number of lines as it is kept, or InvalidInput that names the field."""
    if not _SUSPECT.search(value):
        return value.strip()
    if _REFUSED.search(value):
        name = field.replace("_", " ").capitalize()
        message = f"Validation failed: {name} contains characters that cannot be kept"
        raise InvalidInput(message, field=field)
    for line_end in _LINE_ENDS:
        value = value.replace(line_end, "\n")
    parts = _REGION_FLAG.split(_STRIPPED.sub("", value))
    # Every second part is a flag; only what stands around the flags is cleaned.
    parts[::2] = [_TAG_CHARACTERS.sub("", part) for part in parts[::2]]
    return "".join(parts).strip()


def clean_name(value: str, *, field: str) -> str:
    """A name as it is kept: one line, single spaces, nothing that acts on its surroundings."""
    if not value.isascii():
        value = _STRIPPED_FROM_NAMES.sub("", value)
    return " ".join(clean_text(value, field=field).split())
