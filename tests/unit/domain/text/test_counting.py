"""Characters as people count them."""

import sys

import pytest
import regex

from stonechat.domain.text import counting
from stonechat.domain.text.counting import count_characters, count_graphemes

FAMILY = "👨\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("a\nb", 3),
        ("a\r\nb", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("日本語", 3),
        ("한국어", 3),
        ("\u1112\u1161\u11ab", 1),
        ("हिन्दी", 2),
        (FAMILY, 1),
        ("👍🏽", 1),
        ("🇩🇪🇫🇷", 2),
        ("🇩🇪🇫", 2),
        ("a🇩🇪\u0301", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("1️⃣", 1),
        ("\u202e", 1),
    ],
)
def test_graphemes(text: str, count: int) -> None:
    assert count_graphemes(text) == count
    assert count_graphemes(text + "日") == count + 1


def test_500_emoji_fit() -> None:
    assert count_characters(FAMILY * 500) == 500
    assert count_characters("👍🏽" * 500) == 500


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("http://a.bc", 23),
        ("https://example.org/" + "a" * 1000, 23),
        ("look: https://example.org/x.", 6 + 23 + 1),
        ("xhttps://example.org/x", 22),
        ("https://example.org/" + "a" * 4096, 20 + 4096),
        ("@alice", 6),
        ("@alice@example.org", 6),
        ("@alice@example.org hi", 9),
        ("alice@example.org", 17),
        ("#stone", 6),
        ("@a@b.example https://c.example/ #d", 2 + 1 + 23 + 1 + 2),
    ],
)
def test_links_and_mentions_count_by_their_own_rules(text: str, count: int) -> None:
    assert count_characters(text) == count


def test_the_warning_counts_too() -> None:
    assert count_characters("abc", "de") == 5
    assert count_characters("abc", "https://example.org/") == 23


def test_letters_that_are_counted_alone_never_join() -> None:
    joining = regex.compile(
        r"[\p{GCB=CR}\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=Prepend}"
        r"\p{GCB=Regional_Indicator}\p{GCB=L}\p{GCB=V}\p{GCB=T}]"
    )
    letters = [chr(code) for code in range(sys.maxunicode + 1)]
    alone = [letter for letter in letters if counting._ALONE.fullmatch(letter)]  # noqa: SLF001
    assert len(alone) > 100_000
    assert [letter for letter in alone if joining.match(letter)] == []
