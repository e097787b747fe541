"""Language codes."""

import pytest

from stonechat.domain.text.languages import LANGUAGES, normalise_language


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en_US", "en"),
        ("en-us", "en"),
        ("ja-JP", "ja"),
        ("pt-BR", "pt"),
        ("zh-CN", "zh-CN"),
        ("zh_tw", "zh-TW"),
        ("zh-Hant-TW", "zh"),
        (" de ", "de"),
        ("tok", "tok"),
        ("deu", "de"),
        ("ger", "de"),
        ("ZHO-cn", "zh"),
        ("xyz", None),
        ("", None),
        ("-", None),
        ("xx", None),
        ("english", None),
        ("e", None),
        ("en" + "-x" * 40, None),
        ("\ud800", None),
    ],
)
def test_a_code_is_reduced_to_one_that_we_know(value: str, code: str | None) -> None:
    assert normalise_language(value) == code


def test_every_listed_code_is_itself() -> None:
    assert all(normalise_language(code) == code for code in LANGUAGES)
    assert {"en", "nb", "zh", "zh-TW", "ast", "tok"} <= LANGUAGES.keys()
    assert len(set(LANGUAGES.values())) == len(LANGUAGES)
