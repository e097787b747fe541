"""The exact HTML that clients take apart again."""

# ruff: noqa: RUF001 - letters of all scripts are the subject here

import pytest

from stonechat.domain.text.markup import (
    MentionTarget,
    escape,
    render_field,
    render_note,
    render_status,
)
from stonechat.domain.text.mentions import Handle, hashtags
from stonechat.domain.text.tags import tag_url
from tests.unit.domain.text import fragments

BASE = "https://h.example"
REL = "nofollow noopener noreferrer ugc"
ALICE = MentionTarget("Alice", None, "https://h.example/@Alice")
BOB = MentionTarget("bob", "o.example", "https://o.example/@bob")
PEOPLE = {Handle("alice", None): ALICE, Handle("bob", "o.example"): BOB}


def link(url: str, before: str, shown: str, rest: str, *, rel: str = REL) -> str:
    cut = "ellipsis" if rest else ""
    return (
        f'<a href="{url}" target="_blank" rel="{rel}" translate="no">'
        f'<span class="invisible">{before}</span><span class="{cut}">{shown}</span>'
        f'<span class="invisible">{rest}</span></a>'
    )


def person(target: MentionTarget, name: str) -> str:
    return (
        f'<span class="h-card" translate="no"><a href="{target.url}" class="u-url mention">'
        f"@<span>{name}</span></a></span>"
    )


def test_nothing_gives_nothing() -> None:
    assert render_status("", {}, BASE) == ""
    assert render_note("", {}, BASE) == ""
    assert render_field("", {}, BASE) == ""


def test_html_in_a_text_means_itself() -> None:
    assert render_status("<b>\"a\" & 'b'</b>", {}, BASE) == (
        "<p>&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/b&gt;</p>"
    )
    assert escape("&lt;") == "&amp;lt;"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a", "<p>a</p>"),
        ("a\nb", "<p>a<br />b</p>"),
        ("a\n\nb", "<p>a</p><p>b</p>"),
        ("a\n\n\n\nb\nc", "<p>a</p><p>b<br />c</p>"),
        ("a\n \nb", "<p>a<br /> <br />b</p>"),
    ],
)
def test_lines_and_paragraphs(text: str, html: str) -> None:
    assert render_status(text, {}, BASE) == html
    assert render_note(text, {}, BASE) == html


@pytest.mark.parametrize(
    ("url", "before", "shown", "rest"),
    [
        ("http://o.example", "http://", "o.example", ""),
        ("https://www.o.example/", "https://www.", "o.example/", ""),
        ("HTTPS://WWW.o.example/", "HTTPS://WWW.", "o.example/", ""),
        ("https://www.example", "https://", "www.example", ""),
        ("https://o.example/" + "a" * 20, "https://", "o.example/" + "a" * 20, ""),
        ("https://o.example/" + "a" * 21, "https://", "o.example/" + "a" * 21, ""),
        ("https://o.example/" + "a" * 22, "https://", "o.example/" + "a" * 20, "aa"),
        ("https://o.example/?a=1&b=2", "https://", "o.example/?a=1&amp;b=2", ""),
    ],
)
def test_a_long_link_is_shortened_for_the_eye(url: str, before: str, shown: str, rest: str) -> None:
    expected = link(escape(url), before, shown, rest)
    assert render_status(url, {}, BASE) == f"<p>{expected}</p>"


@pytest.mark.parametrize(
    ("url", "visible"),
    [
        (
            "https://www.bank.example.account.of.somebody.who.is.not.the.evil.example/x",
            "bank.example.account.of.somebody.who.is.not.the.evil.example",
        ),
        (
            "https://bank.example@" + "a" * 30 + ".evil.example/xyz",
            "bank.example@" + "a" * 30 + ".evil.example",
        ),
        ("https://www.bank.example@evil.example/", "www.bank.example@evil.example/"),
        ("https://bank.example%2F" + "a" * 60 + "@evil.example/", "evil.example"),
    ],
)
def test_the_real_host_is_always_visible(url: str, visible: str) -> None:
    fragment = fragments.read(render_status(url, {}, BASE))
    assert visible in fragment.visible
    assert fragment.hrefs == [url]
    assert fragment.text == url


@pytest.mark.parametrize(
    ("url", "visible"),
    [
        ("https://аpple.com/x", "xn--pple-43d.com/x"),  # one Cyrillic letter
        ("https://www.аррӏе.com/x", "xn--80ak6aa92e.com/x"),  # all of them
        ("https://user@аpple.com/x", "user@xn--pple-43d.com/x"),
        ("https://пример.рф/x", "пример.рф/x"),
    ],
)
def test_a_look_alike_host_is_shown_for_what_it_is(url: str, visible: str) -> None:
    fragment = fragments.read(render_status(url, {}, BASE))
    assert fragment.visible == visible
    assert fragment.hrefs == [url]


def test_a_mention_leads_to_the_profile() -> None:
    assert render_status("Hi @ALICE!", PEOPLE, BASE) == f"<p>Hi {person(ALICE, 'Alice')}!</p>"
    assert render_status("@bob@O.example", PEOPLE, BASE) == f"<p>{person(BOB, 'bob')}</p>"


def test_a_mention_of_nobody_stays_text() -> None:
    text = "@carol @bob @alice@o.example"
    assert render_status(text, PEOPLE, BASE) == f"<p>{text}</p>"


def test_namesakes_are_told_apart_by_their_domain() -> None:
    namesake = MentionTarget("alice", "o.example", "https://o.example/@alice")
    people = {**PEOPLE, Handle("alice", "o.example"): namesake}
    assert render_status("@alice @alice@o.example @bob@o.example", people, BASE) == (
        f"<p>{person(ALICE, 'Alice')} {person(namesake, 'alice@o.example')} "
        f"{person(BOB, 'bob')}</p>"
    )


def test_a_hashtag_is_shown_as_typed_and_leads_to_its_name() -> None:
    assert render_status("#Café ＃日本", {}, BASE) == (  # full width
        '<p><a href="https://h.example/tags/cafe" class="mention hashtag" rel="tag">'
        "#<span>Café</span></a> "
        '<a href="https://h.example/tags/%E6%97%A5%E6%9C%AC" class="mention hashtag" rel="tag">'
        "#<span>日本</span></a></p>"
    )


def test_hrefs_are_the_urls_of_the_metadata() -> None:
    text = "@alice #Café @bob@o.example #日本 @alice"
    fragment = fragments.read(render_status(text, PEOPLE, BASE))
    tags = [tag_url(BASE, name) for name in hashtags(text)]
    assert fragment.hrefs == [ALICE.url, tags[0], BOB.url, tags[1], ALICE.url]


def test_a_profile_field_is_one_line_and_says_me() -> None:
    value = "https://o.example\n@bob@o.example #a"
    assert render_field(value, PEOPLE, BASE) == (
        link("https://o.example", "https://", "o.example", "", rel=f"{REL} me")
        + f" {person(BOB, 'bob@o.example')} "
        '<a href="https://h.example/tags/a" class="mention hashtag" rel="tag">#<span>a</span></a>'
    )
