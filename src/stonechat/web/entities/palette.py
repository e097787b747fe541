"""The palette: which colour each of the twelve numbers is, on pages and in badges.

Whoever wrote down the numbers did not say which colours they are; these are ours. Text on each of
them has the contrast that WCAG 2 asks for at level AA, by day and by night (a test counts it), and
a colour never stands alone: its name or a word says the same. http/static/beacons.css has these
very colours as classes, because pages may have no styles of their own.
"""

from typing import Final, NamedTuple


class Hue(NamedTuple):
    """One colour: its name, ground and text by day, ground and text by night."""

    name: str
    day: str
    day_text: str
    night: str
    night_text: str


_WHITE: Final = "#ffffff"
_PALE: Final = "#f5f3ef"
_DARK: Final = "#1b1510"
_BLACK: Final = "#000000"

PALETTE: Final = (
    Hue("grey", "#5a6470", _WHITE, "#454d57", _PALE),
    Hue("red", "#c42b21", _WHITE, "#a9241b", _PALE),
    Hue("orange", "#f2902c", _DARK, "#d97f22", _DARK),
    Hue("yellow", "#ffd23f", _DARK, "#e0b52c", _DARK),
    Hue("lime", "#a9d63d", _DARK, "#8fba2c", _DARK),
    Hue("green", "#1d7a3a", _WHITE, "#1a6631", _PALE),
    Hue("teal", "#0a7874", _WHITE, "#0a6461", _PALE),
    Hue("sky", "#79c4f0", _DARK, "#5fa9d4", _DARK),
    Hue("blue", "#2160c4", _WHITE, "#2455a6", _PALE),
    Hue("violet", "#6440c2", _WHITE, "#5a3bab", _PALE),
    Hue("pink", "#b8286f", _WHITE, "#9b245f", _PALE),
    Hue("brown", "#7a4b2c", _WHITE, "#684128", _PALE),
)
"""`PALETTE[0]` is the colour number 1."""

CALM: Final = 0
WATCH: Final = 1
UNCONFIRMED: Final = 2
WARNING: Final = 3
ALARM: Final = 4
SEVERITY_WORDS: Final = ("All calm", "Worth a look", "Not confirmed", "Warning", "Alarm")
_BEND: Final = 0.04045
_SEVERITIES: Final = {"red": ALARM, "orange": WARNING, "yellow": WATCH}


def find_hue(color_no: int) -> Hue:
    """The colour of a number from 1 to 12."""
    return PALETTE[color_no - 1]


def find_severity(color_no: int, *, is_stale: bool) -> int:
    """How bad a colour is among others on a board.

    What nobody confirms is worse than yellow, and better than what is known to be wrong.
    """
    severity = _SEVERITIES.get(find_hue(color_no).name, CALM)
    return max(severity, UNCONFIRMED) if is_stale else severity


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, by WCAG 2: from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= _BEND else ((share + 0.055) / 1.055) ** 2.4


def text_on(ground: str) -> str:
    """White or black, whichever is read better: one of the two always is well enough."""
    return max((_WHITE, _BLACK), key=lambda text: contrast(text, ground))
