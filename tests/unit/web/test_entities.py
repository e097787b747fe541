"""What presenters of pages do with texts and instants."""

import pytest

from stonechat.domain.ids import AccountId, MediaId
from stonechat.domain.views import MediaView, PollView
from stonechat.web.entities.directions import direction_of
from stonechat.web.entities.media import count_media, present_media
from stonechat.web.entities.polls import present_poll
from stonechat.web.entities.times import present_moment, present_month
from stonechat.web.entities.titles import shorten


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


def _medium(kind: str, file: str | None = "a.png", **meta: object) -> MediaView:
    return MediaView(MediaId(2), AccountId(1), kind, file, None, None, None, meta, None)


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["image"], "a picture"),
        (["image", "gifv", "image"], "2 pictures, an animation"),
        (["video"], "a video"),
        (["audio"], "a recording"),
    ],
)
def test_media_are_counted(kinds: list[str], words: str) -> None:
    assert count_media(_medium(kind) for kind in kinds) == words


@pytest.mark.parametrize(
    ("seconds", "length"), [(0.4, "0:00"), (59.6, "1:00"), (65, "1:05"), (7200.0, "120:00")]
)
def test_lengths(seconds: float, length: str) -> None:
    shown = present_media(_medium("video", "a.mp4", duration=seconds))
    assert shown is not None
    assert (shown.length, shown.shown, shown.file.content_type) == (length, None, "video/mp4")


def test_a_medium_of_which_nothing_is_known() -> None:
    """No measures, no length, a kind of file that is made no more: it is shown all the same."""
    assert present_media(_medium("image", None)) is None
    shown = present_media(_medium("image", "a.bmp"))
    assert shown is not None
    assert shown.file == ("/media/1/2/a.bmp", "application/octet-stream", None, None)
    assert (shown.shown, shown.length) == (shown.file, "")


@pytest.mark.parametrize(
    ("votes", "voters", "is_multiple", "percents"),
    [
        ((1, 1, 1), 3, False, [33, 33, 33]),
        ((2, 2, 0), 2, True, [100, 100, 0]),
        ((0, 0, 0), 0, False, [0, 0, 0]),
        ((0, 0, 0), 0, True, [0, 0, 0]),
    ],
)
def test_shares(
    votes: tuple[int, ...],
    voters: int,
    is_multiple: bool,  # noqa: FBT001
    percents: list[int],
) -> None:
    poll = PollView(("a", "b", "c"), votes, voters, is_multiple, hides_totals=False, expires_ms=9)
    assert [option.percent for option in present_poll(poll, 0).options] == percents
