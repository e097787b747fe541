"""Which link of a text has a card, what of a page is shown, and for how long."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.domain import limits
from stonechat.domain.addresses import WebAddress, read_address
from stonechat.domain.cards import Memory, Page, State, find_link, read_instant, sketch
from stonechat.domain.views import CardView

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NOW_MS = 1_790_000_000_000


def at(url: str) -> WebAddress:
    address = read_address(url)
    assert address is not None
    return address


HERE = at("https://site.example/a/page")


def page(title: str = "", language: str = "", links: Any = None, **properties: str) -> Page:
    """A page; `og_title` stands for `og:title`."""
    named = {name.replace("_", ":", 1): value for name, value in properties.items()}
    return Page(named, links or {}, title, language)


def card(*args: Any, **named: Any) -> CardView:
    drawn = sketch(page(*args, **named), HERE)
    assert drawn is not None
    return drawn.card


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("", None),
        ("no link", None),
        ("see https://site.example/a and http://other.example/", "https://site.example/a"),
        ("see https://Site.Example", "https://site.example/"),
        ("see https://site.example/#part", "https://site.example/"),
        ("http://stonechat.test/@anna/1 https://site.example/", "https://site.example/"),
        ("https://STONECHAT.test:443/@anna/1", None),
        ("http://stonechat.test:8080/x https://site.example/", "https://site.example/"),
        # The first link that leads away is the one, even if there is no way there.
        ("http://site.example:8080/ https://other.example/", None),
        ("https://me:secret@site.example/ https://other.example/", None),
        ("http://router.local/ https://other.example/", None),
        ("ftp://site.example/ http://other.example/", "http://other.example/"),
        ("@anna@site.example #tag", None),
        (f"https://site.example/{'a' * limits.CARD_URL_CHARACTERS_MAX}", None),
        # Whose own address it is to lead inside is found out when somebody goes there.
        ("http://127.0.0.1/", "http://127.0.0.1/"),
    ],
)
def test_s118_the_first_link_that_leads_away(text: str, link: str | None) -> None:
    """S118. What is here has a page of its own, for those who may see it, and never a card."""
    found = find_link(text, "stonechat.test")
    assert (None if found is None else found.url) == link


def test_s116_of_a_hundred_links_one_has_a_card() -> None:
    text = " ".join(f"https://{number}.example/" for number in range(100))
    found = find_link(text, "stonechat.test")
    assert found is not None
    assert found.url == "https://0.example/"


def test_our_own_address_may_have_a_port() -> None:
    assert find_link("http://127.0.0.1:8000/@anna/1", "127.0.0.1:8000") is None


def test_a_page_of_every_kind_of_words() -> None:
    drawn = sketch(
        page(
            title="plain",
            language="de-AT",
            links={"canonical": "/canonical"},
            og_title="  A\n title ",
            og_description="What it is about",
            og_site_name="The Site",
            og_image="/picture.png",
            article_author="https://site.example/people/ada",
            article_published_time="2026-03-04T05:06:07+02:00",
            author="Ada",
            description="not this",
            **{"og_image:alt": "A stone"},
        ),
        HERE,
    )
    assert drawn is not None
    assert drawn.picture == at("https://site.example/picture.png")
    assert drawn.card == CardView(
        url="https://site.example/canonical",
        title="A title",
        description="What it is about",
        language="de",
        author_name="Ada",
        author_url="https://site.example/people/ada",
        provider_name="The Site",
        provider_url="https://site.example/",
        image=None,
        image_description="A stone",
        width=0,
        height=0,
        blurhash=None,
        published_ms=1_772_593_567_000,
    )


def test_a_page_of_few_words() -> None:
    drawn = sketch(page("Title"), HERE)
    assert drawn is not None
    assert drawn.picture is None
    empty = CardView(HERE.url, "Title", "", None, "", "", "", "", None, "", 0, 0, None, None)
    assert drawn.card == empty


@pytest.mark.parametrize("title", ["", "   ", "\0", "\u200b", "\n\t"])
def test_without_a_title_there_is_nothing_to_show(title: str) -> None:
    assert sketch(page(title, og_description="words"), HERE) is None


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ("/b", "https://site.example/b"),
        ("https://site.example/b?c#d", "https://site.example/b?c"),
        ("http://site.example/b", HERE.url),
        ("https://other.example/b", HERE.url),
        ("https://site.example.other.example/", HERE.url),
        ("//bank.example/", HERE.url),
        ("https://127.0.0.1/", HERE.url),
        ("https://user@site.example/", HERE.url),
        ("javascript:alert(1)", HERE.url),
        ("data:text/html,x", HERE.url),
        ("/" + "a" * limits.CARD_URL_CHARACTERS_MAX, HERE.url),
    ],
)
def test_s110_a_page_is_called_by_a_name_on_its_own_site(named: str, shown: str) -> None:
    """S110. A canonical address elsewhere would let a page pass for another one."""
    assert card("T", links={"canonical": named}).url == shown
    assert card("T", og_url=named).url == shown


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<iframe src=https://evil.example></iframe>",
    "javascript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:x",
    "//evil.example/\\@site.example",
    "https://user:secret@evil.example/",
    "http://127.0.0.1/",
    "\u202egnp.exe",
    "a\0b\ud800c\x1b[31m",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_s121_every_field_is_text_or_an_address(words: str) -> None:
    """S121. No HTML comes from a page: what looks like it is text, and addresses are http(s)."""
    names = [name.replace(":", "_", 1) for name in Page.PROPERTIES]
    drawn = sketch(
        page(words, words, {"canonical": words, "image_src": words}, **dict.fromkeys(names, words)),
        HERE,
    )
    assert drawn is not None
    shown = drawn.card
    assert shown.url.startswith("https://site.example/a/")
    assert not set(shown.url) & set('<>" ')
    assert shown.language is None
    assert shown.published_ms is None
    for url in (shown.author_url, shown.provider_url):
        assert not url or url.startswith(("https://site.example/", "http://127.0.0.1/"))
    for text in (shown.title, shown.description, shown.author_name, shown.image_description):
        assert "\0" not in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        text.encode()


@given(st.text(max_size=50), st.integers(1, 400))
def test_texts_have_bounds(text: str, times: int) -> None:
    shown = card(
        f"T{text * times}",
        og_description=text * times,
        og_site_name=text * times,
        author=text * times,
    )
    assert len(shown.title) <= limits.CARD_TITLE_CHARACTERS_MAX
    assert len(shown.description) <= limits.CARD_DESCRIPTION_CHARACTERS_MAX
    assert len(shown.provider_name) <= limits.CARD_NAME_CHARACTERS_MAX
    assert len(shown.author_name) <= limits.CARD_NAME_CHARACTERS_MAX
    assert "\n" not in shown.title


def test_a_text_that_is_cut_says_so() -> None:
    title = card("a" * 301).title
    assert (len(title), title[-1]) == (300, "…")
    assert card("a" * 300).title == "a" * 300


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-03-04", 1_772_582_400_000),
        ("2026-03-04T00:00:00", 1_772_582_400_000),
        ("2026-03-04T01:00:00+0100", 1_772_582_400_000),
        ("2026-03-04 00:00:00.123456Z", 1_772_582_400_123),
        ("", None),
        ("yesterday", None),
        ("2026-13-01", None),
        ("2026-02-30T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("1772582400", None),
        ("2026-03-04T00:00:00+99:00", None),
        ("٢٠٢٦-03-04", None),
    ],
)
def test_dates_are_valid_or_absent(text: str, milliseconds: int | None) -> None:
    """A date that no client can read has broken clients (mastodon.md, section 8)."""
    assert read_instant(text) == milliseconds


@given(st.text(max_size=40) | st.datetimes().map(str) | st.dates().map(str))
def test_no_date_raises(text: str) -> None:
    found = read_instant(text)
    assert found is None or -(10**14) < found < 10**15


@pytest.mark.parametrize(
    ("language", "locale", "shown"),
    [
        ("en", "de_DE", "en"),
        ("", "de_DE", "de"),
        ("xx", "pt_BR", "pt"),
        ("zh-tw", "", "zh-TW"),
        ("<b>", "<i>", None),
        ("e" * 10_000, "", None),
    ],
)
def test_languages_are_ours_or_none(language: str, locale: str, shown: str | None) -> None:
    assert card("T", language, og_locale=locale).language == shown


@pytest.mark.parametrize(
    ("content", "age_ms", "state"),
    [
        ("{}", 0, State.KNOWN),
        ("{}", 14 * DAY_MS - 1, State.KNOWN),
        ("{}", 14 * DAY_MS, State.UNKNOWN),
        (None, 0, State.KNOWN),
        (None, DAY_MS - 1, State.KNOWN),
        (None, DAY_MS, State.UNKNOWN),
        ("", 0, State.CLAIMED),
        ("", 59_999, State.CLAIMED),
        ("", 60_000, State.UNKNOWN),
    ],
)
def test_s116_how_long_is_remembered_what_was_found(
    content: str | None, age_ms: int, state: State
) -> None:
    """S116. Nothing that was found is forgotten within a day, not even that there is nothing."""
    assert Memory(NOW_MS, content, None).state(NOW_MS + age_ms) is state


def test_a_claim_outlives_all_that_is_done_under_it() -> None:
    assert limits.CARD_SECONDS_MAX + limits.CARD_PICTURE_SECONDS_MAX < limits.CARD_CLAIM_SECONDS
    assert limits.CARD_FAILURE_HOURS >= 24
