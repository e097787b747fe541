"""What presenters of pages do with texts and instants."""

import pytest

from stonechat.web.entities.directions import direction_of
from stonechat.web.entities.statuses import shorten
from stonechat.web.entities.times import present_moment, present_month


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("hello", "ltr"),
        ("مرحبا", "rtl"),
        ("שלום hello", "rtl"),
        ("@anna مرحبا", "rtl"),
        ("@anna @bert https://example.org/ שלום", "rtl"),
        ("#soup مرحبا", "ltr"),
        ("12:30", "auto"),
        ("", "auto"),
        ("@anna", "auto"),
    ],
)
def test_directions(text: str, direction: str) -> None:
    assert direction_of(text) == direction


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("", ""),
        ("  two\n\nlines ", "two lines"),
        ("exactly ten", "exactly…"),
        ("exact size", "exact size"),
        ("indivisible", "indivisib…"),
        ("a indivisible", "a indivis…"),
    ],
)
def test_shortened_to_ten_characters(text: str, short: str) -> None:
    assert shorten(text, 10) == short
    assert len(shorten(text, 10)) <= 10


def test_instants() -> None:
    moment = present_moment(1_773_577_967_499)
    assert moment == ("2026-03-15T12:32:47Z", "15 Mar 2026, 12:32")
    assert present_month(1_773_577_967_499) == ("2026-03", "Mar 2026")
