"""What is kept of what clients send."""

# ruff: noqa: RUF001 - letters of all scripts are the subject here

from collections.abc import Callable

import pytest

from stonechat.domain.text.cleaning import clean_name, clean_text
from stonechat.kernel.errors import InvalidInput

ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("", ""),
        ("  a \n", "a"),
        ("\u3000a\u00a0", "a"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\x01\x07\x1b[31mb\x7fc\x9fd", "a[31mbcd"),
        ("a\ufeffb\ufffec\uffffd\ufdd0e", "abcde"),
        ("a\U0001fffeb\U0010ffffc", "abc"),
        ("a\ufff9b\ufffac\ufffbd\u206ae", "abcde"),
        ("hi\U000e0068\U000e0069\U000e0001", "hi"),
        ("🏴\U000e0067\U000e0062", "🏴"),
        (f"a{ENGLAND}b", f"a{ENGLAND}b"),
        (f"{ENGLAND}\U000e0067{ENGLAND}", ENGLAND * 2),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("𠀀\U000f0000", "𠀀\U000f0000"),
        ("<b>&amp;'; DROP TABLE {{7*7}} %_\\", "<b>&amp;'; DROP TABLE {{7*7}} %_\\"),
    ],
)
def test_what_nobody_means_is_dropped_and_letters_stay(value: str, kept: str) -> None:
    assert clean_text(value, field="status") == kept


@pytest.mark.parametrize("value", ["a\0b", "\0", "\ud800", "a\udfffb", "\ud83d\ude00"])
@pytest.mark.parametrize("clean", [clean_text, clean_name])
def test_what_cannot_be_kept_is_refused(value: str, clean: Callable[..., str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean(value, field="spoiler_text")
    assert refusal.value.field == "spoiler_text"
    assert refusal.value.message == (
        "Validation failed: Spoiler text contains characters that cannot be kept"
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("  Alice \n  Example ", "Alice Example"),
        ("Alice\u202egpj.exe", "Alicegpj.exe"),
        ("\u2066Alice\u2069", "Alice"),
        ("\u3164", ""),
        ("\u200b\u00ad\u2800", ""),
        ("ad\u200bmin", "admin"),
        ("سلام", "سلام"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        (f"Fan {ENGLAND}", f"Fan {ENGLAND}"),
    ],
)
def test_a_name_is_one_line_that_acts_on_nothing_around_it(value: str, kept: str) -> None:
    assert clean_name(value, field="display_name") == kept
