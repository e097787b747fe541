"""Rich text: what is kept of a stranger's markup, and what each kind of client is shown of it."""

import itertools
import re
import sys
import time

import pytest

from stonechat.domain.text.markup import MentionTarget
from stonechat.domain.text.mentions import Handle
from stonechat.domain.text.rich import (
    ATTRIBUTES_CHARACTERS_MAX,
    RICH_BYTES_MAX,
    RICH_CATEGORIES_MAX,
    RICH_TAGS_MAX,
    Rich,
    read_rich,
)
from stonechat.domain.text.rich_markup import (
    CommunityPerson,
    render_community,
    render_mastodon,
    render_plain,
)
from stonechat.domain.text.summaries import SUMMARY_CHARACTERS, Summary, summarise, to_text
from stonechat.domain.text.writing import RICH_DEPTH_MAX
from stonechat.kernel.errors import InvalidInput
from tests.e2e.hostile_markup import CORPUS
from tests.unit.domain.text import rich_fragments

BASE = "https://h.example"
REL = 'rel="nofollow noopener noreferrer ugc"'
BOB = Handle("bob", None)
PEOPLE = {BOB: CommunityPerson(15, "Bob")}
TARGETS = {BOB: MentionTarget("Bob", None, f"{BASE}/@Bob")}
# Measuring coverage slows our own lines down, and only them, about tenfold.
SECONDS_MAX = 0.1 if sys.gettrace() is None else 1.0


@pytest.mark.parametrize(
    ("source", "clean"),
    [
        ("<p>a <strong>b</strong> <em>c</em></p>", "<p>a <strong>b</strong> <em>c</em></p>"),
        ("loose <b>text</b>", "<p>loose <b>text</b></p>"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<P CLASS=x STYLE='color:red' data-x=1 onclick=f()>a</P>", "<p>a</p>"),
        ("<b>a<i>b</b>c</i>", "<p><b>a<i>b</i></b>c</p>"),
        ("<b>a<p>b</b>c</p>", "<p><b>a</b></p><p>bc</p>"),
        ("<p></p><p><br></p><b></b><ul><li></li></ul>", ""),
        ("<p>a<br>b<br></p>", "<p>a<br />b</p>"),
        ("<p> a \n  b <i> c </i> d</p>", "<p>a b <i>c</i> d</p>"),
        ("<b>a<b>b</b></b>", "<p><b>ab</b></p>"),
        ("<ul><li>a<li>b</ul>c", "<ul><li>a</li><li>b</li></ul><p>c</p>"),
        ("<li>a", "<ul><li>a</li></ul>"),
        ("<ol>a<ul>b</ul></ol>", "<ol><li>a<ul><li>b</li></ul></li></ol>"),
        ("<ul><li><p>a</p></li></ul>", "<ul><li><p>a</p></li></ul>"),
        ("<li><div>a</div><div>b</div></li>", "<ul><li>a<br />b</li></ul>"),
        ("<div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
        ("<blockquote>a<h1>b</h1>", "<blockquote><p>a</p><h1>b</h1></blockquote>"),
        ("<h6>a</h6><strike>b</strike><ins>c</ins>", "<h4>a</h4><p><s>b</s><u>c</u></p>"),
        ("<pre>\n\n a\n  b<br>c</pre>", "<pre> a\n  b\nc</pre>"),
        ("<pre><code>a &lt; b</code></pre>", "<pre><code>a &lt; b</code></pre>"),
        ("<p>a<!-- <b> -->b<!-->c<?x?>d<!DOCTYPE x></p>", "<p>abcd</p>"),
        ("<p>a<script>b</script>c<style>d</style><svg><p>e</svg>f", "<p>acf</p>"),
        ("<p>a<script>b", "<p>a</p>"),
        ("<p>a</p></p></ul></b></blockquote></x>", "<p>a</p>"),
        (
            "<p>a < b && c &amp; d &lt;b&gt; &copy; &#65;",
            "<p>a &lt; b &amp;&amp; c &amp; d &lt;b&gt; © A</p>",
        ),
        ("<p>&am<i></i>p;lt;", "<p>&amp;amp;lt;</p>"),
        (
            "<p>&#0;&#1;&#xd800;&#x202a;&#xfeff;&#99999999;</p>",
            "<p>\ufffd\ufffd\u202a&amp;#99999999;</p>",
        ),
        ("<p>a <b and c <i>d</i>", "<p>a &lt;b and c <i>d</i></p>"),
        ("<p title='</p><script>'>a", "<p>a</p>"),
        ("<font color=red>a</font><unknown>b</unknown>", "<p>ab</p>"),
    ],
)
def test_markup_is_written_anew(source: str, clean: str) -> None:
    rich = read_rich(source)
    assert rich.html == clean
    assert read_rich(clean).html == clean
    assert not rich.is_plain


def test_links_lead_to_the_web_or_to_a_mailbox() -> None:
    def link(address: str) -> str:
        return read_rich(f'<a class=x target=_top href="{address}">x</a>').html

    for address in ("https://a.example/?b=1&amp;c=2#d", "HTTP://a.example", "mailto:a@b.example"):
        assert link(address) == f'<p><a href="{address}" {REL}>x</a></p>'
    for address in (
        *("javascript:ran()", " java\tscript:ran()", "&#106;avascript:ran()", "data:text/html,x"),
        *("//a.example", "/a", "", "https://", "https://a", "https://bank.example@a.example/"),
        *(
            "https://a.example/\u202e",
            "https://a.example/`",
            "https://a.example/\\",
            "ftp://a.example",
        ),
        *("mailto:a", "mailto:a@b.example?body=x", "https://a.example/" + "x" * 4096),
    ):
        assert link(address) == "<p>x</p>", address
    nested = "<a href=https://a.example/>a<a href=https://b.example/>b</a>c</a>"
    assert rich_fragments.read(read_rich(nested).html) == "abc"
    # Of two addresses the first counts, as in browsers.
    twice = "<a href='x' href='https://a.example/'>x</a>"
    assert read_rich(twice).html == "<p>x</p>"
    many = f"<a {'x ' * ATTRIBUTES_CHARACTERS_MAX} href='https://a.example/'>x</a>"
    assert read_rich(many).html == "<p>x</p>"


def test_pictures_keep_address_words_and_size() -> None:
    source = (
        "<img srcset=x style=x width=40 height=1e9 onerror=ran() "
        """alt='a "b" <c>' src=https://a.example/b.png>"""
    )
    clean = (
        '<p><img src="https://a.example/b.png" alt="a &quot;b&quot; &lt;c&gt;" width="40" /></p>'
    )
    rich = read_rich(source)
    assert rich.html == clean
    assert rich.text == 'a "b" <c>'
    assert read_rich("<p>a<img src=data:image/png;base64,x alt=b></p>").html == "<p>a</p>"
    shown = render_mastodon(rich, {}, BASE)
    assert shown == f'<p><a href="https://a.example/b.png" {REL}>a &quot;b&quot; &lt;c&gt;</a></p>'
    linked = read_rich(f"<a href='https://b.example/'>{source}</a>")
    rich_fragments.read(render_mastodon(linked, {}, BASE), rich_fragments.MASTODON)


@pytest.mark.parametrize(
    "text",
    [
        *("a < b && c", "AT&amp;T &lt;b&gt;", "<3", "List<String>", "a <b and c", "<!-- x -->", ""),
        *(
            "a\nb",
            "a\n\nb",
            "a\n\n\n\n b\t\tc  d",
            "1 <p",
            "</",
            "<>",
            "日本語 < é",
            "<script",
            "a & b",
        ),
    ],
)
def test_plain_text_comes_back_exactly(text: str) -> None:
    """4.4 (T): `summary` of a short plain text equals the input."""
    rich = read_rich(text)
    assert rich.is_plain
    assert rich.text == text
    assert read_rich(rich.html).html == rich.html
    assert summarise(render_community(rich, {}, BASE)) == Summary(
        text, render_community(text, {}, BASE), is_truncated=False
    )


def test_text_is_what_the_markup_says() -> None:
    source = (
        "<h1>Title</h1><p>One<br>two</p><ul><li><p>a</p></li><li>b<ol><li>c</li></ol></li></ul>"
        "<blockquote>said</blockquote><pre>x\n  y</pre>"
        "<p><a href='https://a.example/b'>here</a>, <a href='https://a.example/'>a.example</a>, "
        "<a href='mailto:a@b.example'>a@b.example</a> <img src='https://a.example/c' alt='cat'></p>"
    )
    assert read_rich(source).text == (
        "Title\n\nOne\ntwo\n\n- a\n- b\n- c\n\nsaid\n\nx\n  y\n\n"
        "here (https://a.example/b), a.example, a@b.example cat"
    )
    assert to_text("") == ""


def test_names_are_found_and_no_id_is_believed() -> None:
    """4.5: the editor's elements and names in the text; ids of mentions are claims."""
    rich = read_rich(
        '<p>hi<mention id="1" ext-id="2">@bob</mention>, @ann@h.example and <code>@eve</code> '
        '<hashtag id="12">#Food</hashtag><hashtag id="12">#Food</hashtag><hashtag id="x">#Art'
        '</hashtag> #tag <mention id="3"><b>@x</b></mention> <mention>two words</mention>'
        '<hashtag id="9">#a b</hashtag><hashtag id="0">#c</hashtag></p>',
        "h.example",
    )
    assert rich.mentions == (BOB, Handle("ann", None), Handle("eve", None), Handle("x", None))
    assert rich.category_ids == (12, 9)
    assert rich.tags == ("food", "art", "tag", "c")
    assert "<mention>@bob</mention>, @ann and <code>@eve</code>" in rich.html
    assert "id=" not in rich.html
    assert rich.text.startswith("hi@bob, @ann and @eve #Food")
    plain = read_rich("@bob@h.example #tag", "h.example")
    assert plain == Rich("<p>@bob #tag</p>", "@bob #tag", (BOB,), (), ("tag",), is_plain=True)
    many = "".join(f"<hashtag id={number}>#a</hashtag>" for number in range(1, 200))
    assert len(read_rich(many).category_ids) == RICH_CATEGORIES_MAX


def test_s089_five_hundred_mentions_are_bounded() -> None:
    rich = read_rich(
        "<p>" + "<b>@a{}</b> <i>#t{}</i> ".replace("{}", "%d") * 500 % tuple(range(1000))
    )
    assert len(rich.mentions) == len(rich.tags) == 50


def test_the_community_gets_the_elements_that_its_pages_know() -> None:
    """4.5 (U): a mention becomes a link only with a blank directly before `id="digits"`."""
    element = '<mention id="15" ext-id="15">@Bob</mention>'
    assert (
        render_community("hello @bob, @nobody", PEOPLE, BASE) == f"<p>hello {element}, @nobody</p>"
    )
    assert re.search(r' id="[0-9]+"', element)
    shown = render_community(
        "#Food #art https://a.example/b?c=1&d\nx", {}, BASE, categories={"food": 12}
    )
    assert shown == (
        f'<p><hashtag id="12">#Food</hashtag> <a href="{BASE}/tags/art" rel="tag">#art</a> '
        f'<a href="https://a.example/b?c=1&amp;d" {REL}>https://a.example/b?c=1&amp;d</a>'
        "<br />x</p>"
    )
    rich = read_rich(
        "<p><mention id=7>@bob</mention> <b>@bob</b> <code>@bob</code> <mention>@no</mention>"
        "<a href='https://a.example/'>@bob</a></p><pre>@bob #food</pre><p>a &amp; #Food</p>"
    )
    assert render_community(rich, PEOPLE, BASE, categories={"food": 12}) == (
        f"<p>{element} <b>{element}</b> <code>@bob</code> @no"
        f'<a href="https://a.example/" {REL}>@bob</a></p><pre>@bob #food</pre>'
        '<p>a &amp; <hashtag id="12">#Food</hashtag></p>'
    )
    assert render_community("", {}, BASE) == ""


def test_mastodon_gets_title_text_and_the_tags_that_are_not_in_it() -> None:
    rich = read_rich("<h2>Soup</h2><p><mention>@bob</mention> <b>#Food</b> https://a.example/</p>")
    tags = [("Food", "food"), ("Art", "art"), ("Art", "art")]
    content = render_mastodon(rich, TARGETS, BASE, title="A & B", category_tags=tags)
    hashtag = f'<a href="{BASE}/tags/%s" class="mention hashtag" rel="tag">#<span>%s</span></a>'
    assert content.startswith(
        "<p><strong>A &amp; B</strong></p><p><strong>Soup</strong></p>"
        f'<p><span class="h-card" translate="no"><a href="{BASE}/@Bob" class="u-url mention">@'
        f"<span>Bob</span></a></span> <b>{hashtag % ('food', 'Food')}</b> "
    )
    assert content.endswith(f"</p><p>{hashtag % ('art', 'Art')}</p>")
    rich_fragments.read(content, rich_fragments.MASTODON)
    plain = render_plain("x #food", {}, BASE, title="T", category_tags=tags)
    assert plain == render_mastodon(read_rich("x #food"), {}, BASE, title="T", category_tags=tags)
    assert plain == (
        f"<p><strong>T</strong></p><p>x {hashtag % ('food', 'food')}</p>"
        f"<p>{hashtag % ('art', 'Art')}</p>"
    )
    assert render_plain("x", {}, BASE) == "<p>x</p>"


def test_a_summary_is_cut_between_words_and_letters() -> None:
    words = "word " * 60
    cut = summarise(read_rich(f"<p><b>{words}</b></p><p>more</p>").html)
    assert cut.is_truncated
    assert cut.text.endswith("word…")
    assert SUMMARY_CHARACTERS - 10 < len(cut.text) <= SUMMARY_CHARACTERS
    assert cut.html == f"<p><b>{cut.text}</b></p>"
    assert not summarise(f"<p>{'x' * SUMMARY_CHARACTERS}</p>").is_truncated
    assert summarise(f"<p>{'x' * 151}</p>").text == "x" * 149 + "…"
    families = "👩\u200d👩\u200d👧" * 150
    assert summarise(f"<p>{families}</p>").text == families
    assert summarise(f"<p>{families}a</p>").text == "👩\u200d👩\u200d👧" * 149 + "…"
    assert len(summarise(f"<p>{'e' + chr(0x301) * 90_000}</p>").text) <= 1501
    assert summarise("") == Summary("", "", is_truncated=False)


def test_what_has_no_room_leaves_nothing_behind() -> None:
    start = "x" * 140
    mention = '<mention id="15" ext-id="15">@Bob_the_long_name</mention>'
    assert summarise(f"<p>{start} <b>{mention}</b> z</p>").html == f"<p>{start}…</p>"
    short = '<mention id="15" ext-id="15">@Bob</mention>'
    start += "xyz"
    assert summarise(f"<p>{start} {short} and so on</p>").html == f"<p>{start} {short}…</p>"
    start = start[:140]
    listed = summarise(f"<p>{start}23456789</p><ul><li>and more than that</li></ul>")
    assert listed == Summary(f"{start}23456789…", f"<p>{start}23456789…</p>", is_truncated=True)


def test_s120_no_hostile_markup_survives() -> None:
    for payload in CORPUS:
        for source in (
            payload,
            f"<p>{payload}</p>",
            f'<p title="{payload}">x</p>',
            f"<a href='{payload}'>x</a><img src=\"{payload}\" alt='{payload}'>",
            f'<mention id="{payload}">{payload}</mention><hashtag id=1>#{payload}</hashtag>',
        ):
            rich = read_rich(source)
            assert read_rich(rich.html).html == rich.html
            rich_fragments.read(rich.html)
            shown = render_community(rich, PEOPLE, BASE)
            rich_fragments.read(shown, rich_fragments.COMMUNITY)
            rich_fragments.read(summarise(shown).html, rich_fragments.COMMUNITY)
            content = render_mastodon(rich, TARGETS, BASE, title=payload)
            rich_fragments.read(content, rich_fragments.MASTODON)


def test_s091_what_cannot_be_kept_is_refused() -> None:
    for letter in ("\0", "\ud800"):
        with pytest.raises(InvalidInput) as refused:
            read_rich(f"<p>{letter}</p>")
        assert refused.value.field == "text"


def test_s084_size_tags_and_depth_are_bounded() -> None:
    for source in (
        "x" * (RICH_BYTES_MAX + 1),
        "é" * (RICH_BYTES_MAX // 2 + 1),
        "<b>" * (RICH_TAGS_MAX + 1),
    ):
        with pytest.raises(InvalidInput) as refused:
            read_rich(source)
        assert (refused.value.field, refused.value.rule) == ("text", "too_long")
    assert read_rich("x" * RICH_BYTES_MAX).text == "x" * RICH_BYTES_MAX
    assert read_rich("é" * (RICH_BYTES_MAX // 2)).is_plain
    deep = read_rich("<ul><li><blockquote>" * 1600 + "x").html
    assert deep.count("<ul>") + deep.count("<blockquote>") <= RICH_DEPTH_MAX
    assert rich_fragments.read(deep) == "x"


def filled(piece: str, before: str = "", after: str = "") -> str:
    """As much of a piece as is accepted."""
    room = RICH_BYTES_MAX - len(before) - len(after)
    if tags := piece.count("<"):
        room = min(room, (RICH_TAGS_MAX - 5) // tags * len(piece.encode()))
    return before + piece * (room // len(piece.encode())) + after


HOSTILE = [
    *(
        filled(piece)
        for piece in ("a@a@", "@a ", "#a ", "http://", "((((", "&amp;", "&", "<x", "<!")
    ),
    *(
        filled(piece, "<p>")
        for piece in ("a@a@", "@a ", "#a ", "http://a.bc/ ", "&lt;", "&#1", "&a")
    ),
    *(filled(piece, "<p>x</p><p ") for piece in ("='", '="', "a=", "a ", "/", "x='\"' ")),
    *(filled(piece, "<p ", ">x") for piece in ("='", '="', "a=", "a ", "/", "x='\"' ")),
    *(
        filled(piece, "<p>")
        for piece in (
            *(
                "<b>",
                "<b><i>",
                "<p>",
                "</p>",
                "<br>",
                "<ul><li>",
                "<blockquote>",
                "<!--",
                "<script>",
            ),
            *(
                "<b>@a ",
                "<p>#a ",
                "<mention>@a",
                "<hashtag id=1>#a</hashtag>",
                "<pre>\n",
                "<!-- -->",
            ),
            *("<a href='https://a.example/'>", "<img src='https://a.example/'>x", "<b x='<p' "),
        )
    ),
    # Browsers open each of these again in each paragraph.
    "".join(f"<b id={number}>" for number in range(2400)) + "<p>x" * 2400,
    "<p>" + "".join(f"&#{number};" for number in range(1000, 12_000)),
    "<a " + "x" * ATTRIBUTES_CHARACTERS_MAX + ">x</a>",
    filled("🇩🇪"),
    filled("e\u0301"),
]


def test_s093_hostile_markup_takes_no_longer_than_any_other() -> None:
    """Each step of the way on its own; 2 to 40 ms when it was written."""
    for source in HOSTILE:
        assert len(source.encode()) <= RICH_BYTES_MAX
        taken_s: list[float] = [time.process_time()]
        rich = read_rich(source)
        taken_s.append(time.process_time())
        shown = render_community(rich, PEOPLE, BASE)
        taken_s.append(time.process_time())
        render_mastodon(rich, TARGETS, BASE)
        taken_s.append(time.process_time())
        summarise(shown)
        taken_s.append(time.process_time())
        steps = [end - start for start, end in itertools.pairwise(taken_s)]
        assert max(steps) < SECONDS_MAX, (source[:40], steps)
