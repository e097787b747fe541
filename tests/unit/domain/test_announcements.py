"""Announcements: what a change is put in words as, and which answers order another value."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stonechat.domain.announcements import announce, read_order
from stonechat.domain.text.entities import extract

MARKS = st.sampled_from(
    ["@", "#", "\uff03", "https://", "HTTP://", "://", "example.org", "bob", " "]
)
WORDS = st.lists(MARKS | st.text(max_size=4), max_size=8).map("".join)


@given(name=WORDS, value=WORDS)
@settings(max_examples=50)
def test_an_announcement_mentions_tags_and_links_nothing(name: str, value: str) -> None:
    """S089"""
    assert extract(announce(name, value)) == ()


@given(name=WORDS, value=WORDS)
@settings(max_examples=50)
def test_an_announcement_reads_as_name_and_value(name: str, value: str) -> None:
    shown = announce(name, value).replace("\u2060", "")
    assert shown == f"{name}: {value}".replace("\u2060", "")


def test_plain_words_stay_as_they_are() -> None:
    assert announce("Bakery", "OPEN") == "Bakery: OPEN"
    assert announce("C:/", "12:30") == "C:/: 12:30"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("set OPEN", "OPEN"),
        ("Set open", "open"),
        ("SET\t12:30  ", "12:30"),
        ("@anna set closed", "closed"),
        ("@anna @bert@other.example\nset on leave\n", "on leave"),
        ("  set 🔴", "🔴"),
        ("set set", "set"),
        ("set " + "x" * 65, "x" * 65),
    ],
)
def test_orders(text: str, value: str) -> None:
    assert read_order(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "set",
        "set ",
        "@anna set",
        "settle down",
        "reset OPEN",
        "please set OPEN",
        "set\nOPEN",
        "set OPEN\nand then",
        "set OPEN\rand then",
        "set OPEN\n@anna",
        "@set OPEN",
        "set " + "x" * 66,
        "",
    ],
)
def test_what_is_no_order(text: str) -> None:
    assert read_order(text) is None


def test_a_text_full_of_mentions_is_read_in_no_time() -> None:
    """S093: proportional to its length; ten million steps would be seen in the suite's time."""
    assert read_order("@a " * 200_000 + "sat OPEN") is None
    assert read_order(" " * 200_000) is None
    assert read_order("set " + " " * 200_000 + "\n") is None
