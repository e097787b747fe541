"""Instants in words."""

import pytest

from stonechat.web.entities.times import present_exactly, say_age

MINUTE = 60_000
DAY = 1440 * MINUTE


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (-5_000, "just now"),
        (59_999, "just now"),
        (MINUTE, "1 minute ago"),
        (59 * MINUTE, "59 minutes ago"),
        (60 * MINUTE, "1 hour ago"),
        (DAY - 1, "23 hours ago"),
        (2 * DAY, "2 days ago"),
        (30 * DAY, "1 month ago"),
        (364 * DAY, "12 months ago"),
        (800 * DAY, "2 years ago"),
    ],
)
def test_how_long_ago(milliseconds: int, words: str) -> None:
    assert say_age(milliseconds) == words


def test_exactly() -> None:
    assert present_exactly(1_773_578_096_007) == "2026-03-15T12:34:56.007Z"
