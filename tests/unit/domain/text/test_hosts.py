"""Which hosts are equal, and which are shown as they were typed."""

# ruff: noqa: RUF001 - letters of all scripts are the subject here

import pytest

from stonechat.domain.text.hosts import canonical_host, is_web_host, shown_host


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("Example.ORG", "example.org"),
        ("é" * 32, "xn--9c" + "a" * 32),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("ｅｘａｍｐｌｅ.org", "example.org"),  # full width
        ("straße.example", "xn--strae-oqa.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_all_spellings_of_a_host_have_one_form(typed: str, canonical: str) -> None:
    assert canonical_host(typed) == canonical


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".",
        "a..b",
        "a.",
        "-a.example",
        "a-.example",
        "a b",
        "a" * 64,
        "é" * 33,
        "é" + "a" * 60,
        "a." * 127,
        "ŀ.example",
        "ü..example",
    ],
)
def test_what_cannot_be_a_host_has_no_form(typed: str) -> None:
    assert canonical_host(typed) is None


@pytest.mark.parametrize(
    ("host", "is_host"),
    [
        ("example.org", True),
        ("example.рф", True),
        ("127.0.0.1", True),
        ("255.255.255.255", True),
        ("256.0.0.1", False),
        ("01.0.0.1", False),
        ("1.2.3.4.5", False),
        ("1.2.3", False),
        ("example.1", False),
        ("example.١", False),
        ("example._x", False),
        ("example.x", False),
    ],
)
def test_a_web_host_ends_in_a_name_or_is_an_address(host: str, *, is_host: bool) -> None:
    assert is_web_host(host) is is_host


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "bücher.example",
        "пример.рф",
        "москва.рф",
        "παράδειγμα.ελ",
        "例え.jp",
        "東京タワー.jp",
        "한국어.kr",
        "nic.みんな",
        "उदाहरण.परीक्षा",
        "xn--80ak6aa92e.com",
    ],
)
def test_an_honest_host_is_shown_as_typed(host: str) -> None:
    assert shown_host(host) == host


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("аpple.com", "xn--pple-43d.com"),  # one Cyrillic letter
        ("аррӏе.com", "xn--80ak6aa92e.com"),  # all Cyrillic
        ("gοοgle.com", "xn--ggle-0nda.com"),  # Greek omicrons
        ("ɡoogle.com", "xn--oogle-qmc.com"),  # a phonetic letter
        ("ｅxample.org", "example.org"),  # full width
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_host_that_would_mislead_is_shown_in_its_true_form(host: str, shown: str) -> None:
    assert shown_host(host) == shown
