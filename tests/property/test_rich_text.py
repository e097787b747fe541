"""Laws of rich text, for whatever markup there is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stonechat.domain.text.markup import MentionTarget
from stonechat.domain.text.rich import read_rich
from stonechat.domain.text.rich_markup import CommunityPerson, render_community, render_mastodon
from stonechat.domain.text.summaries import SUMMARY_CODE_POINTS_MAX, summarise, to_text
from stonechat.kernel.errors import InvalidInput
from tests.unit.domain.text import rich_fragments

BASE = "https://h.example"
NAMES = (
    *("p", "b", "i", "a", "code", "pre", "ul", "ol", "li", "blockquote", "h1", "div"),
    *("script", "svg", "style", "mention", "hashtag", "x"),
)
PIECES = [
    *(f"<{name}>" for name in NAMES),
    *(f"</{name}>" for name in NAMES),
    *("<a href='https://a.example/'>", '<img src="https://a.example/b" alt="c">', "<br>", "<p x='"),
    *("<mention id=1>@bob</mention>", "<hashtag id=2>#food</hashtag>", "<!--", "-->", "<![CDATA["),
    *(
        "text",
        "word word ",
        " ",
        "\n",
        "\n\n",
        "\t",
        "&amp;",
        "&lt;",
        "&",
        "amp;",
        "&#10;",
        "&#x1;",
    ),
    *("@bob", "@h.example", " #tag", "https://a.example/", "<", ">", '"', "'", "=", "/", "\u00a0"),
    *("日本", "e\u0301", "🏴", "&#xE0067;", "\u2028", "\ufeff", "\u202e", "\0"),
]
sources = st.text() | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(max_examples=50)
@given(sources)
def test_all_markup_is_ours_and_reading_it_again_changes_nothing(source: str) -> None:
    try:
        rich = read_rich(source, "h.example")
    except InvalidInput:
        assert "\0" in source
        return
    assert read_rich(rich.html, "h.example").html == rich.html
    rich_fragments.read(rich.html)
    if not rich.is_plain:
        assert to_text(rich.html) == rich.text
    people = {name: CommunityPerson(7, name.username) for name in rich.mentions}
    shown = render_community(rich, people, BASE, categories={"food": 3})
    rich_fragments.read(shown, rich_fragments.COMMUNITY)
    targets = {name: MentionTarget(*name, f"{BASE}/@x") for name in rich.mentions}
    content = render_mastodon(rich, targets, BASE, title=rich.text[:20])
    rich_fragments.read(content, rich_fragments.MASTODON)
    for html in (shown, rich.html * 9):
        summary = summarise(html)
        letters = rich_fragments.read(summary.html, rich_fragments.COMMUNITY)
        assert summary.is_truncated == letters.endswith("…") or "…" in source
        assert len(summary.text) <= SUMMARY_CODE_POINTS_MAX + 1
