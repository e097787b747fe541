"""Laws of text, for every text that there is."""

# ruff: noqa: RUF001 - letters of all scripts are the subject here

from collections.abc import Iterable

import regex
from hypothesis import given
from hypothesis import strategies as st

from stonechat.domain.text import entities
from stonechat.domain.text.cleaning import clean_name, clean_text
from stonechat.domain.text.counting import count_characters, count_graphemes
from stonechat.domain.text.entities import Hashtag, Link, Mention, extract
from stonechat.domain.text.hosts import canonical_host, shown_host
from stonechat.domain.text.markup import MentionTarget, render_field, render_status
from stonechat.domain.text.mentions import (
    Handle,
    hashtags,
    mentioned_handles,
    without_local_domain,
)
from stonechat.domain.text.tags import normalise_tag, tag_url
from stonechat.kernel.errors import InvalidInput
from tests.unit.domain.text import fragments

BASE = "https://h.example"
DOMAIN = "h.example"

PIECES = [
    *"@@@@###..--__//::??&&()[]<>\"'`=\\ \n\n\t%~!",
    *"aAzZ09éßİǅ日ん한हि्ไа οא١²①ŀﬀﷺ",
    *"＃＠。：（）「」·・｡．",
    *"\u0301\u200b\u200c\u200d\u202e\u2066\u00ad\u3164\ufe0f\u20e3\u0345",
    *"\0\x01\x1b\x7f\x85\r\u2028\ufeff\ufffe\ud800\udfff\U000e0061\U000e007f\U0010ffff",
    *"👩👍🏽🇩🇪🏴",
    "http://",
    "https://",
    "HTTPS://",
    "www.",
    "example.org",
    "h.example",
    "@h.example",
    "xn--",
    "javascript:",
    "</a>",
    "<script>",
    "&lt;",
    "@alice",
    "@bob@o.example",
    "#tag",
    " #",
    " @",
    " https://",
]
texts = st.one_of(
    st.text(),
    st.text(st.characters(codec="ascii")),
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
)


def is_clean(text: str) -> bool:
    try:
        return clean_text(text, field="status") == text
    except InvalidInput:
        return False


def everybody(text: str) -> dict[Handle, MentionTarget]:
    """Every mention of a text leads to somebody."""
    return {
        handle: MentionTarget(handle.username.upper(), handle.domain, f"{BASE}/@{number}'&\"<>")
        for number, handle in enumerate(mentioned_handles(text, DOMAIN))
    }


def cleaned(text: str) -> str:
    return clean_text(regex.sub("[\0\ud800-\udfff]", "", text), field="status")


@given(texts)
def test_entities_are_in_order_apart_and_inside_the_text(text: str) -> None:
    end = 0
    for entity in extract(text):
        assert end <= entity.start < entity.end <= len(text)
        end = entity.end
        typed = text[entity.start : entity.end]
        if isinstance(entity, Link):
            assert entity.url == typed
            assert typed.lower().startswith(("http://", "https://"))
            assert canonical_host(entity.host) is not None
            assert typed[entity.host_at :].startswith(entity.host)
            assert not regex.search(r"[\s<>\"\p{Bidi_Control}]", typed)
        elif isinstance(entity, Mention):
            name, _, domain = typed[1:].partition("@")
            assert name.lower() == entity.username
            assert (canonical_host(domain) if domain else None) == entity.domain
        else:
            assert typed[0] in "#＃"
            assert typed[1:] == entity.spelling
            assert normalise_tag(entity.spelling) == entity.name == normalise_tag(entity.name)


@given(st.text(st.characters(codec="ascii")) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_ascii_is_read_as_every_other_text_is(text: str) -> None:
    text = "".join(letter for letter in text if letter.isascii())
    # One letter of another script behind the text changes the engine, not what it finds.
    assert extract(f"{text} ") == extract(f"{text} 日")


@given(texts)
def test_every_text_renders_to_well_formed_html_that_says_the_same(text: str) -> None:
    text = cleaned(text)
    people = everybody(text)
    fragment = fragments.read(render_status(text, people, BASE))
    fragments.read(render_field(text, people, BASE))
    assert fragment.hrefs == list(hrefs(text, people))
    assert same_letters(fragment.text) == same_letters(read_aloud(text, people))


def hrefs(text: str, people: dict[Handle, MentionTarget]) -> Iterable[str]:
    """What the links lead to, by the metadata of the status."""
    for entity in extract(text):
        if isinstance(entity, Link):
            yield entity.url
        elif isinstance(entity, Hashtag):
            assert entity.name in hashtags(text)
            yield tag_url(BASE, entity.name)
        elif target := people.get(Handle(entity.username, entity.domain)):
            yield target.url


def read_aloud(text: str, people: dict[Handle, MentionTarget]) -> str:
    """The text with each entity as it is shown."""
    for entity in reversed(extract(text)):
        shown = text[entity.start : entity.end]
        if isinstance(entity, Link):
            at = entity.host_at
            behind = shown[at + len(entity.host) :]
            shown = shown[:at] + shown_host(entity.host) + behind
        elif isinstance(entity, Hashtag):
            shown = f"#{entity.spelling}"
        elif target := people.get(Handle(entity.username, entity.domain)):
            names = [person.username for person in people.values()]
            is_full = names.count(target.username) > 1 and target.domain
            shown = f"@{target.username}@{target.domain}" if is_full else f"@{target.username}"
        text = text[: entity.start] + shown + text[entity.end :]
    return text


def same_letters(text: str) -> str:
    """Line breaks are told apart by other tests."""
    return regex.sub("\n+", "\n", text)


@given(texts)
def test_rendering_never_fails_not_even_for_what_cleaning_refuses(text: str) -> None:
    assert isinstance(render_status(text, everybody(text), BASE), str)
    assert isinstance(render_field(text, everybody(text), BASE), str)


@given(texts)
def test_cleaning_refuses_or_gives_what_needs_no_cleaning(text: str) -> None:
    is_refused = regex.search("[\0\ud800-\udfff]", text) is not None
    for clean in (clean_text, clean_name):
        try:
            kept = clean(text, field="status")
        except InvalidInput:
            assert is_refused
        else:
            assert not is_refused
            assert clean(kept, field="status") == kept
            kept.encode()
            assert not regex.search(r"[\p{Cc}--[\t\n]]", kept, regex.VERSION1)


@given(texts)
def test_tag_names_are_stable_and_bounded(text: str) -> None:
    name = normalise_tag(text)
    if name is not None:
        assert normalise_tag(name) == name == normalise_tag(f"#{name}")
        assert regex.search(r"\p{L}", name)
        url = tag_url(BASE, name)
        assert regex.fullmatch(r"https://h\.example/tags/[\w%.~-]+", url, regex.ASCII)


@given(texts)
def test_our_domain_makes_no_difference_to_who_is_meant(text: str) -> None:
    kept = without_local_domain(text, DOMAIN)
    assert mentioned_handles(kept, DOMAIN) == mentioned_handles(text, DOMAIN)
    assert hashtags(kept) == hashtags(text)
    assert without_local_domain(kept, DOMAIN) == kept
    assert count_characters(kept) == count_characters(text)
    assert all(Handle(m.username, m.domain).domain != DOMAIN for m in mentions(kept))


def mentions(text: str) -> list[Mention]:
    return [entity for entity in extract(text) if isinstance(entity, Mention)]


WORDS = [
    ("word", 4),
    ("日本", 2),
    ("👨\u200d👩\u200d👧", 1),
    ("http://a.bc", 23),
    ("https://example.org/a/long/path?that=goes&on=and#on", 23),
    ("(https://example.org/)", 25),
    ("xhttps://example.org/", 21),
    ("example.org", 11),
    ("@alice", 6),
    ("@alice@example.org", 6),
    ("@Alice@bücher.example,", 7),
    ("alice@example.org", 17),
    ("#tag", 4),
    ("＃タグ", 3),
]


@given(st.lists(st.sampled_from(WORDS), max_size=20), st.lists(st.sampled_from(WORDS), max_size=3))
def test_a_text_counts_as_the_sum_of_its_words(
    words: list[tuple[str, int]], warning: list[tuple[str, int]]
) -> None:
    text = " ".join(word for word, _ in words)
    spoiler = "".join(word for word, _ in warning)
    spaces = max(len(words) - 1, 0)
    assert count_characters(text) == sum(count for _, count in words) + spaces
    assert count_characters(text, spoiler) == count_characters(text) + count_graphemes(spoiler)


JOINERS = "\r\n\u0301\u200d\u0903\u0600\u1100\u1161\u11a8가각👩🏽🇩🇪aअ\u094d\ufe0f\u200b\u0e33日"


@given(st.text(st.sampled_from(JOINERS)) | st.text())
def test_graphemes_are_those_of_the_unicode_rules(text: str) -> None:
    text = regex.sub(r"\p{Cs}", "", text)
    assert count_graphemes(text) == slow_count(text)


def slow_count(text: str) -> int:
    """UAX 29, rule by rule: the number of places that are not held together."""
    return sum(at == 0 or is_boundary(text[:at], text[at]) for at in range(len(text)))


def is_boundary(before: str, after: str) -> bool:
    """Whether a cluster ends between a text and the character behind it."""
    last = kind(before[-1])
    following = kind(after)
    if (last, following) == ("CR", "LF"):
        return False
    if {last, following} & {"CR", "LF", "Control"}:
        return True
    return not (
        following in {"Extend", "ZWJ", "SpacingMark"}
        or last == "Prepend"
        or (last == "L" and following in {"L", "V", "LV", "LVT"})
        or (last in {"LV", "V"} and following in {"V", "T"})
        or (last in {"LVT", "T"} and following == "T")
        or holds_emoji(before, after)
        or holds_conjunct(before, after)
        or (following == "Regional_Indicator" and flags_open(before))
    )


def kind(character: str) -> str:
    kinds = "CR LF Control Extend ZWJ SpacingMark Prepend L V T LV LVT Regional_Indicator"
    for name in kinds.split():
        if regex.match(rf"\p{{GCB={name}}}", character):
            return name
    return "Other"


def holds_emoji(before: str, after: str) -> bool:
    return bool(
        regex.search(r"\p{ExtPict}\p{GCB=Extend}*\u200D\Z", before)
        and regex.match(r"\p{ExtPict}", after)
    )


def holds_conjunct(before: str, after: str) -> bool:
    if not regex.match(r"\p{InCB=Consonant}", after):
        return False
    linked = r"\p{InCB=Consonant}[\p{InCB=Extend}\p{InCB=Linker}]*\Z"
    run = regex.search(linked, before)
    return run is not None and regex.search(r"\p{InCB=Linker}", run.group()) is not None


def flags_open(before: str) -> bool:
    run = regex.search(r"\p{GCB=Regional_Indicator}*\Z", before)
    assert run is not None
    return len(run.group()) % 2 == 1


def test_the_bounds_hold_a_status() -> None:
    assert entities.READ_IN_VAIN_CHARACTERS_MAX > entities.URL_CHARACTERS_MAX
