"""Characters: which ones may stand in text from outside, whatever field it is for.

Controls, noncharacters and stray tag characters show nothing, travel badly and hide things, so
they are taken out without a word; a person who pastes from a PDF should not get an error for
them. NUL is refused instead: nobody pastes it, and PostgreSQL cannot keep it. Line breaks and
tabs stay, and so do the joiners that emoji and many scripts need.
"""

import re
from typing import Final

_CONTROLS: Final = "\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_NONCHARACTERS: Final = "\ufdd0-\ufdef\ufffe\uffff"
_NONCHARACTERS_ABOVE: Final = "".join(
    chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17)
)
_TAGS: Final = "\U000e0000-\U000e007f"
# The flags of England, Scotland and Wales are a black flag that tags spell out.
_FLAG: Final = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"

# One range in place of every plane's two noncharacters makes this search ten times as fast. It
# finds a few innocent characters too, which `_unwanted` then leaves alone.
_suspect: Final = re.compile(f"[{_CONTROLS}{_NONCHARACTERS}\U0001fffe-\U0010ffff]")
_unwanted: Final = re.compile(
    f"({_FLAG})|[{_CONTROLS}{_NONCHARACTERS}{_NONCHARACTERS_ABOVE}{_TAGS}]"
)


def clean(text: str) -> str:
    """The text without the characters that no text needs."""
    if text.isprintable() or not _suspect.search(text):
        return text
    return _unwanted.sub(r"\1", text)
