"""Where links, mentions and hashtags begin and end."""

# ruff: noqa: RUF001 - letters of all scripts are the subject here

import pytest

from stonechat.domain import limits
from stonechat.domain.text import entities
from stonechat.domain.text.entities import Hashtag, Link, Mention, extract


def found(text: str) -> list[str]:
    return [text[entity.start : entity.end] for entity in extract(text)]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("http://example.org", "http://example.org"),
        ("read https://example.org/a, then", "https://example.org/a"),
        ("http://www.example.org.", "http://www.example.org"),
        ("really http://example.org/?", "http://example.org/"),
        ("http://example.org/?q=a&b=c!", "http://example.org/?q=a&b=c"),
        ("(see http://example.org/x).", "http://example.org/x"),
        ("(see http://example.org/x_(y)).", "http://example.org/x_(y)"),
        ("https://example.org/wiki/Stone_(bird)", "https://example.org/wiki/Stone_(bird)"),
        ("http://example.org/a)b", "http://example.org/a"),
        ("http://example.org/a(b", "http://example.org/a"),
        ("http://example.org/((a)", "http://example.org/"),
        ("[http://example.org/a]", "http://example.org/a"),
        ("http://example.org/a[1]", "http://example.org/a[1]"),
        ("<https://example.org/>", "https://example.org/"),
        ('"https://example.org/"', "https://example.org/"),
        ("“https://example.org/”", "https://example.org/"),
        ("「https://example.org/」と", "https://example.org/"),
        ("（https://example.org/）です", "https://example.org/"),
        ("https://example.org/\u3000abc", "https://example.org/"),
        ("https://example.org/日本", "https://example.org/日本"),
        ("見てhttps://example.org/", "https://example.org/"),
        ("https://example.orgを見て", "https://example.org"),
        ("https://example.org/#part #tag", "https://example.org/#part"),
        ("https://example.org#part", "https://example.org#part"),
        ("https://example.org/@alice", "https://example.org/@alice"),
        ("http://example.org:8080/x", "http://example.org:8080/x"),
        ("http://192.168.1.5:8123/", "http://192.168.1.5:8123/"),
        ("HTTPS://Example.ORG/", "HTTPS://Example.ORG/"),
        ("https://nic.みんな/", "https://nic.みんな/"),
        ("https://bücher.example", "https://bücher.example"),
        ("https://उदाहरण.परीक्षा/", "https://उदाहरण.परीक्षा/"),
        ("https://a_b.example.org", "https://a_b.example.org"),
        ("https://good.example@evil.example/x", "https://good.example@evil.example/x"),
        ("http://good.example\\.evil.example", "http://good.example"),
        ("http://example.org/\u202egpj.exe", "http://example.org/"),
        ("http://example.org/a\u200bb", "http://example.org/a"),
    ],
)
def test_a_link_ends_where_its_reader_would_say(text: str, link: str) -> None:
    links = [entity for entity in extract(text) if isinstance(entity, Link)]
    assert [entity.url for entity in links] == [link]
    assert text[links[0].start : links[0].end] == link
    host = links[0].url[links[0].host_at :]
    assert host.startswith(links[0].host)


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "www.example.org",
        "ftp://example.org",
        "javascript://example.org/%0aalert(1)",
        "xhttp://example.org",
        "1http://example.org",
        "@http://example.org",
        "#http://example.org",
        "$http://example.org",
        "_http://example.org",
        "\u202ehttp://example.org",
        "http://",
        "http:///x",
        "http://localhost",
        "http://example",
        "http://example.c",
        "http://.example.org",
        "http://-example.org",
        "http://example-.org/",
        "http://1.2.3.400",
        "http://1.2.3",
        "http://0x7f.0.0.1",
        "http://example.org:80x/",
        "http://a@good.example@evil.example/",
        "http://example.orgа/",  # a Cyrillic letter goes on with the name
        "http://exam\u200dple/",
        "http://" + "a" * 64 + ".example",
        "http://" + "a." * 130 + "example",
        "http://example.org/" + "a" * entities.URL_CHARACTERS_MAX,
        "http://" + "ü" * 33 + ".example",
        "http://a.ŀ.example",  # what it stands for holds a middle dot
    ],
)
def test_what_is_no_web_address_is_no_link(text: str) -> None:
    assert not [entity for entity in extract(text) if isinstance(entity, Link)]


def test_an_over_long_address_gives_no_link_out_of_its_middle() -> None:
    text = "http://example.org/" * 220 + " http://example.org/"
    assert found(text) == ["http://example.org/"]


def test_an_address_of_two_kilobytes_is_a_link() -> None:
    text = "https://example.org/" + "a" * 2048
    assert found(text) == [text]


@pytest.mark.parametrize(
    ("text", "username", "domain"),
    [
        ("@alice", "alice", None),
        ("@Alice", "alice", None),
        ("hello @alice, how", "alice", None),
        ("(@alice)", "alice", None),
        (".@alice", "alice", None),
        ("@@alice", "alice", None),
        ("@alice.", "alice", None),
        ("@alice's", "alice", None),
        ("@alice.b-c_d", "alice.b-c_d", None),
        ("@alice-", "alice", None),
        ("@alice@example.org", "alice", "example.org"),
        ("@alice@EXAMPLE.org.", "alice", "example.org"),
        ("@alice@example.org:443", "alice", "example.org"),
        ("@alice@localhost", "alice", "localhost"),
        ("@alice@bücher.example", "alice", "xn--bcher-kva.example"),
        ("@alice@BU\u0308CHER.example", "alice", "xn--bcher-kva.example"),
        ("@alice@ｅxample.org", "alice", "example.org"),  # full width
        ("@aliceさん", "alice", None),
        ("@alice@example.orgさん", "alice", "example.org"),
        ("ขอบคุณ @alice", "alice", None),
    ],
)
def test_a_mention_has_one_canonical_form(text: str, username: str, domain: str | None) -> None:
    (mention,) = extract(text)
    assert isinstance(mention, Mention)
    assert (mention.username, mention.domain) == (username, domain)


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.org",
        "/@alice",
        "=@alice",
        "_@alice",
        "é@alice",
        "e\u0301@alice",
        "हिन्दी@alice",
        "@",
        "@ alice",
        "@-alice",
        "@a@b@c",
        "@alice@example.org@x",
        "@alice://x",
        "@alice@a..b",
        "@alice@-a.example",
        "@" + "a" * 65,
        "@alice@" + "a" * 64,
        "@alice@" + "a." * 127 + "a",
    ],
)
def test_what_is_no_mention(text: str) -> None:
    assert extract(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "@аlice",  # a Cyrillic letter first
        "@aliceа",  # and last
        "@alicé",
        "@alice\u0301",
        "@alice\u200b",
        "@ali\u200dce",
        "@ali\u00adce",
        "@aliceα",  # Greek
        "@alice\uff41",
        "@alice\U0001d41a",
        "@alice\uff20b",
        "@alice\u202e",
        "＠alice",  # full width
    ],
)
def test_nobody_is_meant_by_a_name_that_looks_like_theirs(text: str) -> None:
    assert extract(text) == ()


def test_a_domain_that_looks_like_another_is_another() -> None:
    genuine, copy = extract("@alice@example.org @alice@exаmple.org")  # Cyrillic
    assert isinstance(genuine, Mention)
    assert isinstance(copy, Mention)
    assert genuine.domain != copy.domain


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#Stone", ["stone"]),
        ("#Stone, #stone.", ["stone", "stone"]),
        ("＃日本語 です", ["日本語"]),  # full width
        ("#हिन्दी #ไทย", ["हिन्दी", "ไทย"]),
        ("#1st #2024_review", ["1st", "2024_review"]),
        ("line\n#two", ["two"]),
        ("\u3000#two", ["two"]),
        ("#a·b· #a・", ["a·b", "a"]),
        ("#foo-bar", ["foo"]),
        ("#foo#bar", ["foo"]),
        ("#" + "a" * 100, ["a" * 100]),
    ],
)
def test_a_hashtag_is_letters_behind_a_space(text: str, names: list[str]) -> None:
    tags = [entity for entity in extract(text) if isinstance(entity, Hashtag)]
    assert [tag.name for tag in tags] == names
    assert all(text[tag.start + 1 : tag.end] == tag.spelling for tag in tags)


@pytest.mark.parametrize(
    "text",
    [
        "#",
        "# a",
        "#1",
        "#123_456",
        "#_",
        "x#a",
        "(#a)",
        "/#a",
        "##a",
        "#\u3164",
        "#·a",
        "#️⃣",
        "#" + "a" * 101,
        "#" + "a" * 10_240,
        "#a" + "·" * 100 + "b",
    ],
)
def test_what_is_no_hashtag(text: str) -> None:
    assert extract(text) == ()


def test_entities_come_in_their_order() -> None:
    text = "#a @b https://c.example/@d#e @f@g.example #h"
    assert found(text) == text.split()


def test_each_kind_is_bounded_and_the_rest_stays_text() -> None:
    assert len(extract("@a " * 500)) == limits.MENTIONS_PER_STATUS_MAX
    assert len(extract("#a " * 500)) == limits.TAGS_PER_STATUS_MAX
    assert len(extract("http://a.bc " * 500)) == entities.LINKS_MAX
    assert extract("@-" * (entities.READ_IN_VAIN_CHARACTERS_MAX - 1) + " @a") != ()
    assert extract("@-" * entities.READ_IN_VAIN_CHARACTERS_MAX + " @a") == ()
