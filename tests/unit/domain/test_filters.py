"""What filters find in a text, and that no keyword makes them slow."""

import time

import pytest

from stonechat.domain import limits
from stonechat.domain.filters import (
    SEARCHED_CHARACTERS_MAX,
    FilteredStatusView,
    FilterView,
    KeywordView,
    Matcher,
)
from stonechat.domain.ids import StatusId

HERE = StatusId(7)


def watching(*keywords: str, is_whole_word: bool = True) -> FilterView:
    views = [KeywordView(number, text, is_whole_word) for number, text in enumerate(keywords)]
    return FilterView(1, "Quiet", ("home",), "warn", None, tuple(views))


def found(view: FilterView, text: str) -> list[str]:
    return [word for match in Matcher([view], 0).match(HERE, text) for word in match.keywords]


@pytest.mark.parametrize(
    ("keyword", "text", "is_found"),
    [
        ("rain", "RAIN, again", True),
        ("rain", "rain", True),
        ("rain", "#rain @rain", True),
        ("rain", "The train is late", False),
        ("rain", "rain_coat", False),
        ("c++", "I like C++!", True),
        ("c++", "c++11", True),
        ("c++", "abc++", False),
        (".net", "asp.net and more", True),
        ("spa\u0308te", "Späte Züge", True),
        ("späte", "Spa\u0308te Züge", True),
        ("STRASSE", "Die Straße ist nass", True),
        ("late train", "A late train.", True),
        ("late train", "A late trainer", False),
        ("late train", "A late  train", False),
        ("雨", "雨 again", True),
        (".*", "Anything at all", False),
        ("[a-z]", "a", False),
        ("😀", "Fine 😀!", True),
    ],
)
def test_whole_words_have_borders_and_signs_mean_themselves(
    keyword: str, text: str, *, is_found: bool
) -> None:
    """[FI9] S083"""
    assert found(watching(keyword), text) == ([keyword] if is_found else [])


@pytest.mark.parametrize("text", ["train", "a RAINCOAT", "brainy", "rain"])
def test_parts_of_words_are_found_where_that_is_asked_for(text: str) -> None:
    assert found(watching("rain", is_whole_word=False), text) == ["rain"]


def test_only_the_keywords_that_are_there_are_named() -> None:
    """[SR3]"""
    assert found(watching("rain", "hail", "snow"), "Snow and rain") == ["rain", "snow"]


def test_a_status_is_found_by_name_whatever_it_says() -> None:
    """[SR4]"""
    named = (FilteredStatusView(1, HERE), FilteredStatusView(2, StatusId(8)))
    view = FilterView(1, "Quiet", ("home",), "warn", None, (), named)
    (match,) = Matcher([view], 0).match(HERE, "")
    assert (match.keywords, match.status_ids) == ((), (HERE,))
    assert Matcher([view], 0).match(StatusId(9), "") == []


def test_a_filter_ends_at_its_end() -> None:
    """[FI8]"""
    view = FilterView(
        1, "Quiet", ("home",), "warn", 1000, (KeywordView(1, "rain", is_whole_word=True),)
    )
    assert Matcher([view], 999).match(HERE, "rain")
    assert not Matcher([view], 1000).match(HERE, "rain")


@pytest.mark.parametrize(
    ("unit", "tail"),
    [("a", "b"), ("\u1100", "\u1101"), ("a\u0301", "b"), ("((", "["), ("ß", "z"), ("a ", "b")],
)
def test_keywords_that_nearly_match_take_no_longer(unit: str, tail: str) -> None:
    """S093: all the keywords that one may have, against the worst text that is searched."""
    half = limits.FILTER_KEYWORD_CHARACTERS_MAX // 2 // len(unit)
    keywords = [
        unit * (half + number % half) + tail
        for number in range(limits.FILTER_ITEMS_PER_ACCOUNT_MAX)
    ]
    text = unit * (SEARCHED_CHARACTERS_MAX // len(unit))
    for is_whole_word in (True, False):
        matcher = Matcher([watching(*keywords, is_whole_word=is_whole_word)], 0)
        began_s = time.process_time()
        assert matcher.match(HERE, text) == []
        # 10 to 50 ms when it was written; patterns took minutes.
        assert time.process_time() - began_s < 0.3
