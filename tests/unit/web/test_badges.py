"""Badges: how wide they are, whatever somebody writes, and that it stays text."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stonechat.web.entities.badges import STYLES, draw_badge, measure

SVG = "{http://www.w3.org/2000/svg}"
SIZE = 11
ONE_WIDE = measure("東", SIZE)
# What may stand in XML at all; what may not is taken out of names and values long before.
TEXT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"),
    min_size=1,
    max_size=40,
)


@pytest.mark.parametrize(
    "picture",
    [
        "🔴",
        "👍🏽",
        "👨‍👩‍👧‍👦",
        "🇩🇪",
        "❤️",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "한",
    ],
)
def test_one_picture_is_one_letter_wide(picture: str) -> None:
    assert measure(picture, SIZE) == ONE_WIDE


def test_accents_take_no_room() -> None:
    assert measure("e\u0301", SIZE) == measure("e", SIZE)
    assert measure("ก\u0e31", SIZE) == measure("ก", SIZE)


def test_latin_letters_have_their_own_widths() -> None:
    """As browsers measure Verdana of 11 pixels: `OPEN` 30.5, `Illi` 13.7, `WWWW` 43.5."""
    widths = [round(measure(text, SIZE), 1) for text in ("OPEN", "Illi", "WWWW")]
    assert widths == [30.5, 13.7, 43.5]


@given(text=TEXT, style=st.sampled_from(STYLES), label=st.one_of(st.just(""), TEXT))
@settings(max_examples=50, deadline=None)
def test_text_stays_text_and_inside_its_part(text: str, style: str, label: str) -> None:
    root = ET.fromstring(draw_badge(label, text, "#1d7a3a", style))
    shown = [(each.text or "", each) for each in root.iter(f"{SVG}text")]
    expected = [each for each in (label, text) if each]
    if style == "for-the-badge":
        expected = [each.upper() for each in expected]
    assert [words for words, _ in shown] == expected
    total = float(root.get("width", "0"))
    for _, each in shown:
        middle, width = float(each.get("x", "0")), float(each.get("textLength", "0"))
        assert middle - width / 2 >= 0
        assert middle + width / 2 <= total
    (left, right) = root.iter(f"{SVG}g")
    assert {each.tag for each in root} == {f"{SVG}{tag}" for tag in ("title", "clipPath", "g")}
    assert (len(left), len(right)) == (2, len(expected))
