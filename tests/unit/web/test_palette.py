"""The palette: what can be read by day and by night, and the same colours in the style."""

import re

import pytest

from stonechat.domain import limits
from stonechat.http.pages import STATIC
from stonechat.web.entities import palette
from stonechat.web.entities.badges import LABEL_GROUND
from stonechat.web.entities.palette import PALETTE, Hue, contrast, find_severity, text_on

AA = 4.5


def test_twelve_colours_with_names() -> None:
    assert len(PALETTE) == len({hue.name for hue in PALETTE}) == limits.BEACON_COLORS


def test_contrast_as_wcag_counts_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("hue", PALETTE, ids=lambda hue: hue.name)
def test_text_can_be_read_by_day_and_by_night(hue: Hue) -> None:
    assert contrast(hue.day, hue.day_text) >= AA
    assert contrast(hue.night, hue.night_text) >= AA
    # Badges have one face, and choose their text by themselves.
    assert contrast(hue.day, text_on(hue.day)) >= AA


def test_labels_can_be_read_and_so_can_any_colour_that_somebody_wants() -> None:
    assert contrast(LABEL_GROUND, "#ffffff") >= AA
    for step in range(0, 256, 5):
        for ground in (f"#{step:02x}{step:02x}{step:02x}", f"#{step:02x}{255 - step:02x}80"):
            assert contrast(ground, text_on(ground)) >= AA


def test_the_style_has_these_very_colours() -> None:
    style = (STATIC / "beacons.css").read_text()
    found = re.findall(
        r"\.hue-(\d+) \{ --hue: light-dark\((\S+), (\S+)\);"
        r" --on-hue: light-dark\((\S+), (\S+)\); \}",
        style,
    )
    assert found == [
        (str(number), hue.day, hue.night, hue.day_text, hue.night_text)
        for number, hue in enumerate(PALETTE, 1)
    ]
    shown = {
        int(level): ground
        for level, ground in re.findall(r"\.severity-(\d) \{ background: light-dark\((\S+),", style)
    }
    by_name = {hue.name: hue.day for hue in PALETTE}
    assert shown == {
        palette.WATCH: by_name["yellow"],
        palette.WARNING: by_name["orange"],
        palette.ALARM: by_name["red"],
    }


def test_severities() -> None:
    levels = {hue.name: find_severity(at, is_stale=False) for at, hue in enumerate(PALETTE, 1)}
    assert levels.pop("red") > levels.pop("orange") > palette.UNCONFIRMED > levels.pop("yellow")
    assert set(levels.values()) == {palette.CALM}
    for number in range(1, limits.BEACON_COLORS + 1):
        assert find_severity(number, is_stale=True) >= palette.UNCONFIRMED
    assert len(palette.SEVERITY_WORDS) == palette.ALARM + 1
