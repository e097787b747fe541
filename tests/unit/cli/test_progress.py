"""Progress: a bar at a terminal, lines elsewhere, and neither for what is done at once."""

import io

import pytest

from stonechat.cli import progress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_short_work_says_nothing() -> None:
    stream = io.StringIO()
    with progress.shown(stream) as report:
        report("statuses", 1, 2)
        report("statuses", 2, 2)
    assert stream.getvalue() == ""


def test_long_work_says_a_plain_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 1.0, 2.5, 3.0, 5.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    stream = io.StringIO()
    with progress.shown(stream) as report:
        for done in (1, 2_000, 3, 4):
            report("statuses", done, 10_000)
    assert stream.getvalue() == "statuses: 2,000 of 10,000\nstatuses: 4 of 10,000\n"


def test_a_terminal_shows_a_bar() -> None:
    screen = Screen()
    with progress.shown(screen) as report:
        report("statuses", 5, 10)
        report("favourites", 10, 10)
    shown = screen.getvalue()
    assert "favourites" in shown
    assert "10/10" in shown
