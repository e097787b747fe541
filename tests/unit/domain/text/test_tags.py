"""One name for all spellings of a tag."""

# ruff: noqa: RUF001 - letters of all scripts are the subject here

import pytest

from stonechat.domain.text.tags import normalise_tag, tag_url


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("Stone", "stone"),
        ("STONE_chat9", "stone_chat9"),
        ("2024review", "2024review"),
        ("café", "cafe"),
        ("cafe\u0301", "cafe"),
        ("CAFÉ", "cafe"),
        ("İstanbul", "istanbul"),
        ("Łódź", "lodz"),
        ("Ærø", "æro"),
        ("Straße", "straße"),
        ("ｓｔｏｎｅ", "stone"),  # full width
        ("ｽﾄｰﾝ", "ストーン"),
        ("日本語", "日本語"),
        ("Привет", "привет"),
        ("ΑΒΓ", "αβγ"),  # Greek
        ("हिन्दी", "हिन्दी"),
        ("#stone", "stone"),
        ("st one!", "stone"),
        ("st\u200bone", "stone"),
        ("st\u200cone", "stone"),
        ("st\u202eone", "stone"),
        ("日本\ufe00語", "日本語"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a·b", "a·b"),
        ("·a·", "a"),
        ("x²", "x2"),
    ],
)
def test_spellings_fold_to_one_name(spelling: str, name: str) -> None:
    assert normalise_tag(spelling) == name
    assert normalise_tag(name) == name


@pytest.mark.parametrize(
    "spelling", ["", "#", "123", "_", "1_2", "!?", "\u3164", "\ufc5e", "a" * 101, "ﷺ" * 100]
)
def test_some_texts_name_no_tag(spelling: str) -> None:
    assert normalise_tag(spelling) is None


def test_homoglyphs_are_other_tags() -> None:
    assert normalise_tag("stone") != normalise_tag("stоne")  # Cyrillic


def test_the_address_of_a_tag_is_percent_encoded() -> None:
    assert tag_url("https://h.example", "stone") == "https://h.example/tags/stone"
    assert tag_url("https://h.example", "日本") == ("https://h.example/tags/%E6%97%A5%E6%9C%AC")
