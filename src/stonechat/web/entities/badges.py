"""Badges: a name and a value as a small picture in the manner that shields made usual.

A picture cannot ask how wide its text will be, so widths are reckoned here, by a table for Latin
letters and by Unicode's own classes for the rest: a family of emoji is as wide as one. The text is
then told to be exactly so wide, whatever font shows it. What somebody wrote goes into the picture
escaped, and nowhere but into text and names: an attribute that draws is never theirs.
"""

import unicodedata
from typing import Final, NamedTuple

from markupsafe import escape

from stonechat.web.entities.palette import text_on

STYLES: Final = ("flat", "flat-square", "for-the-badge")
LABEL_GROUND: Final = "#4a4a4a"
_FONT: Final = "Verdana,Geneva,DejaVu Sans,sans-serif"
_FONT_UNITS: Final = 2048
# Advance widths of Verdana, from the space to the tilde.
_LATIN: Final = (
    *(720, 806, 940, 1676, 1302, 2204, 1488, 550, 930, 930, 1302, 1676, 745, 930, 745, 930),
    *(1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 930, 930, 1676, 1676, 1676, 1117),
    *(2048, 1400, 1404, 1430, 1578, 1295, 1177, 1588, 1539, 862, 931, 1419, 1140, 1726, 1532, 1612),
    *(1235, 1612, 1423, 1400, 1262, 1499, 1400, 2025, 1403, 1260, 1403, 930, 930, 930, 1676, 1302),
    *(1302, 1230, 1276, 1067, 1276, 1220, 720, 1276, 1296, 562, 705, 1212, 562, 1992, 1296, 1243),
    *(1276, 1276, 874, 1067, 807, 1296, 1212, 1676, 1212, 1212, 1076, 1300, 930, 1300, 1676),
)
_WIDE: Final = 2240
"""Han, kana, hangul and emoji: a square, and a little air."""
_OTHER: Final = 1340
_OTHER_CAPITAL: Final = 1480
_BOLD: Final = 1.12
_JOINER: Final = "\u200d"
_EMOJI_MARK: Final = "\ufe0f"
_LATIN_CODES: Final = range(0x20, 0x7F)
_SKINS: Final = range(0x1F3FB, 0x1F400)
_FLAG_HALVES: Final = range(0x1F1E6, 0x1F200)
_PICTURES: Final = range(0x1F000, 0x1FB00)
_UNSEEN: Final = frozenset({"Mn", "Me", "Cf", "Cc"})


class _Look(NamedTuple):
    height: int
    padding: float
    size: float
    spacing: float
    radius: int


_LOOKS: Final = {
    "flat": _Look(20, 5, 11, 0, 3),
    "flat-square": _Look(20, 5, 11, 0, 0),
    "for-the-badge": _Look(28, 9, 10, 1.25, 0),
}


def measure(text: str, size: float, *, is_bold: bool = False) -> float:
    """How wide a text is in pixels, about, where letters are `size` high."""
    units, before = 0, ""
    for character in text:
        units += _advance(character, before)
        before = character
    return units * size / _FONT_UNITS * (_BOLD if is_bold else 1)


def _advance(character: str, before: str) -> int:
    """What one more character adds, after the one before it."""
    code = ord(character)
    if code in _LATIN_CODES:
        return _LATIN[code - _LATIN_CODES.start]
    if character == _EMOJI_MARK and before:
        # What stood there as a letter is shown as a picture.
        return max(0, _WIDE - _advance(before, ""))
    if before == _JOINER or (before and code in _SKINS):
        return 0
    return _advance_alone(character, code)


def _advance_alone(character: str, code: int) -> int:
    if unicodedata.category(character) in _UNSEEN:
        return 0
    if code in _FLAG_HALVES:
        return _WIDE // 2
    if code in _PICTURES or unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    return _OTHER_CAPITAL if character.isupper() else _OTHER


def draw_badge(label: str, message: str, color: str, style: str = "flat") -> bytes:
    """The badge as SVG. `color` is `#rrggbb`, `style` one of STYLES."""
    look = _LOOKS[style]
    if style == "for-the-badge":
        label, message = label.upper(), message.upper()
    parts = [_measure_part(label, look, is_bold=False)] if label else []
    parts.append(_measure_part(message, look, is_bold=look.spacing > 0))
    widths = [round(part + 2 * look.padding) for part in parts]
    left = widths[0] if label else 0
    total = sum(widths)
    name = escape(f"{label}: {message}" if label else message)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{look.height}"'
        f' viewBox="0 0 {total} {look.height}" role="img" aria-label="{name}">'
        f"<title>{name}</title>"
    )
    drawn = [
        opening,
        _ground(look, left, total, color),
        f'<g text-anchor="middle" font-family="{_FONT}" font-size="{look.size:g}">',
    ]
    if label:
        drawn.append(_text(look, label, left / 2, parts[0], "#ffffff"))
    middle = left + (total - left) / 2
    drawn += (_text(look, message, middle, parts[-1], text_on(color), is_last=True), "</g></svg>\n")
    return "".join(drawn).encode()


def _measure_part(text: str, look: _Look, *, is_bold: bool) -> float:
    spaces = sum(_advance(each, "") > 0 for each in text) * look.spacing
    return measure(text, look.size, is_bold=is_bold) + spaces


def _ground(look: _Look, left: int, total: int, color: str) -> str:
    height = look.height
    clip = (
        f'<clipPath id="c"><rect width="{total}" height="{height}" rx="{look.radius}"/></clipPath>'
    )
    return (
        f'{clip}<g clip-path="url(#c)"><rect width="{left}" height="{height}"'
        f' fill="{LABEL_GROUND}"/>'
        f'<rect x="{left}" width="{total - left}" height="{height}" fill="{color}"/></g>'
    )


def _text(
    look: _Look, text: str, middle: float, width: float, color: str, *, is_last: bool = False
) -> str:
    weight = ' font-weight="bold"' if is_last and look.spacing else ""
    spacing = f' letter-spacing="{look.spacing:g}"' if look.spacing else ""
    baseline = look.height / 2 + look.size * 0.36
    return (
        f'<text x="{middle:.1f}" y="{baseline:.1f}" textLength="{max(width, 1):.1f}"'
        f' fill="{color}"{weight}{spacing}>{escape(text)}</text>'
    )
