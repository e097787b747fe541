"""The words by which accounts are found, and how a search is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.domain.names import (
    WORD_CHARACTERS_MAX,
    WORDS_PER_SEARCH_MAX,
    NameQuery,
    end_of_prefix,
    fold,
    read_handle,
    read_query,
    words_of,
)

HERE = "stonechat.test:8000"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Anna", "anna"),
        ("ÁNNA Müller", "anna muller"),
        ("Straße", "strasse"),
        ("\uff21\uff42", "ab"),
        ("Ελλάδα", "ελλαδα"),
        ("हिन्दी", "हिनदी"),
        ("한글", "한글"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=30))
def test_folding_once_is_enough(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_words_of() -> None:
    assert words_of("Anna_K", "Dr. Anna-Lena  K!") == {"anna_k", "dr", "anna", "lena", "k"}
    assert words_of("anna", "") == {"anna"}
    assert words_of("a", "\U0001f600 !!") == {"a"}
    assert max(map(len, words_of("a", "x" * 200))) == WORD_CHARACTERS_MAX


@given(st.text(max_size=20), st.text(max_size=10))
def test_what_begins_with_a_word_sorts_before_its_end(word: str, rest: str) -> None:
    begun, end = (word + rest).encode(errors="ignore"), end_of_prefix(word).encode(errors="ignore")
    assert word.encode(errors="ignore") <= begun < end or rest.startswith("\U0010ffff")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("anna", NameQuery(("anna",))),
        (" @Anna ", NameQuery(("anna",))),
        ("anna@", NameQuery(("anna",))),
        ("Anna Müller", NameQuery(("anna", "muller"))),
        ("anna anna", NameQuery(("anna",))),
        ("@Anna@StoneChat.test:8000", NameQuery(handle="Anna")),
        ("anna@stone", NameQuery(handle="anna")),
        ("anna@elsewhere.example", NameQuery()),
        ("", NameQuery()),
        ("!?", NameQuery()),
    ],
)
def test_read_query(text: str, query: NameQuery) -> None:
    assert read_query(text, HERE) == query


def test_a_query_is_bounded() -> None:
    query = read_query(" ".join(f"w{number}" for number in range(100)), HERE)
    assert len(query.words) == WORDS_PER_SEARCH_MAX
    (word,) = read_query("x" * 1000, HERE).words
    assert len(word) == WORD_CHARACTERS_MAX


@pytest.mark.parametrize(
    ("acct", "handle"),
    [
        ("anna", ("anna", None)),
        ("@Anna", ("Anna", None)),
        ("anna@Stonechat.Test:8000", ("anna", None)),
        ("anna@Elsewhere.Example", ("anna", "elsewhere.example")),
        ("anna@b\u00fccher.example", ("anna", "xn--bcher-kva.example")),
        ("anna@no host", ("anna", "no host")),
        ("", ("", None)),
    ],
)
def test_read_handle(acct: str, handle: tuple[str, str | None]) -> None:
    assert read_handle(acct, HERE) == handle
