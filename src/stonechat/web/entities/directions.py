"""Directions: whether a text runs from left to right or from right to left.

A browser's own guess (`dir="auto"`) goes by the first letter, and an answer begins with the name of
whom it answers: nearly always Latin letters, whatever follows. So names and addresses do not count.
"""

import re
from typing import Final
from unicodedata import bidirectional

LETTERS_LOOKED_AT_MAX: Final = 500
_NAMES: Final = re.compile(r"(?:@|https?://)\S+")
_DIRECTIONS: Final = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def direction_of(text: str) -> str:
    """`ltr`, `rtl`, or `auto` where no letter says so."""
    for letter in _NAMES.sub("", text[:LETTERS_LOOKED_AT_MAX]):
        direction = _DIRECTIONS.get(bidirectional(letter))
        if direction is not None:
            return direction
    return "auto"
