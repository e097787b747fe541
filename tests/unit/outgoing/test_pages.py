"""What is heard of a page, whatever is wrong with it, and what that costs."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonechat.domain.cards import Page
from stonechat.outgoing.pages import DEPTH_MAX, TAGS_MAX, TEXT_CHARACTERS_MAX, read_page

MEGABYTE = 1 << 20
HTML = "text/html"


def read(text: str | bytes, kind: str = HTML) -> Page:
    page = read_page(text.encode() if isinstance(text, str) else text, kind)
    assert page is not None
    return page


def filled(unit: str) -> str:
    return (unit * (MEGABYTE // len(unit) + 1))[:MEGABYTE]


ORDINARY = """<!DOCTYPE html>
<!-- <title>not this</title> -->
<html lang="de">
<head>
<script>document.write("<title>nor this</title>")</script>
<title>Fish &amp; chips
</title>
<meta charset="utf-8">
<meta property="og:title" content="  A &quot;title&quot; ">
<meta property="og:title" content="a second one">
<META NAME="Description" CONTENT="words">
<meta name="twitter:title" content="twitter's">
<meta property="og:audio" content="/nobody/asks">
<link rel="alternate canonical" href="/canonical">
<link rel="icon" href="http://127.0.0.1/favicon.ico">
</head>
<body><svg><title>a drawing</title></svg>
<meta property="og:image" content="/late.png">
</body></html>"""


def test_an_ordinary_page() -> None:
    page = read(ORDINARY)
    assert page.title.strip() == "Fish & chips"
    assert page.language == "de"
    assert page.properties == {
        "og:title": 'A "title"',
        "description": "words",
        "twitter:title": "twitter's",
        "og:image": "/late.png",
    }
    assert page.links == {"canonical": "/canonical"}


@pytest.mark.parametrize(
    "kind", ["", "image/png", "text/plain", "application/json", "application/xml", "text/htmlx"]
)
def test_what_is_no_html_is_not_read(kind: str) -> None:
    assert read_page(ORDINARY.encode(), kind) is None


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML; x", "application/xhtml+xml;charset=x"])
def test_what_is_html(kind: str) -> None:
    assert read(ORDINARY, kind).language == "de"


TITLE = "<title>{}</title>"


@pytest.mark.parametrize(
    ("body", "kind", "title"),
    [
        (TITLE.format("Käse"), HTML, "Käse"),
        (TITLE.format("Käse").encode("latin-1"), HTML, "Käse"),
        (TITLE.format("Käse“").encode("cp1252"), "text/html; charset=iso-8859-1", "Käse“"),
        (TITLE.format("Сыр").encode("koi8-r"), 'text/html; charset="KOI8-R"', "Сыр"),
        (TITLE.format("チーズ").encode("shift_jis"), "text/html;charset=Shift_JIS", "チーズ"),
        (TITLE.format("奶酪").encode("gbk"), "text/html; charset=gb2312", "奶酪"),
        (TITLE.format("Käse").encode("utf-16"), HTML, "Käse"),
        (TITLE.format("Käse").encode("utf-16-le"), "text/html; charset=utf-16", "Käse"),
        (TITLE.format("Käse").encode("utf-8-sig"), "text/html; charset=koi8-r", "Käse"),
        (
            b"<meta charset='windows-1251'>" + TITLE.format("Сыр").encode("cp1251"),
            HTML,
            "Сыр",
        ),
        (
            b'<meta http-equiv=Content-Type content="text/html; charset=euc-jp">'
            + TITLE.format("チーズ").encode("euc-jp"),
            HTML,
            "チーズ",
        ),
        # A page that can be read as far as its own word about it is not in UTF-16.
        ("<meta charset=utf-16>" + TITLE.format("Käse"), HTML, "Käse"),
    ],
)
def test_s114_charsets(body: str | bytes, kind: str, title: str) -> None:
    assert read(body, kind).title == title


@pytest.mark.parametrize(
    "name",
    [
        "rubbish",
        "punycode",
        "idna",
        "utf-7",
        "hex",
        "base64",
        "zlib",
        "rot13",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "mbcs",
        "cp037",
        "utf-16-be",
        "a-b:c",
    ],
)
def test_s114_wrong_charsets_are_survived(name: str) -> None:
    """S114. What is no coding of text is not asked; what is the wrong one gives wrong letters."""
    assert len(read(TITLE.format("Käse"), f"text/html; charset={name}").title) <= 5
    read(f"<meta charset={name}>" + TITLE.format("Käse"))


@pytest.mark.parametrize("cut", range(1, 4))
def test_a_page_that_ends_within_a_letter(cut: int) -> None:
    body = f"{TITLE.format('Käse')}🧀".encode()[:-cut]
    assert read(body).title == "Käse"


HEAD = "<html lang=en><head><title>T</title><meta property=og:title content=O>"
BOMBS = {
    "deep": filled("<div>"),
    "deep in inline": filled("<b>"),
    "deep and ended by strangers": filled("<div>")[: MEGABYTE // 2] + filled("</x>"),
    "nearly too deep, ended by strangers": filled("<b>" * (DEPTH_MAX - 10) + "</x>" * 3000),
    "opened again in each paragraph": "".join(f"<p><b x={n}>" for n in range(MEGABYTE // 14)),
    "links in links": "".join(f"<a x={n}>" for n in range(MEGABYTE // 12)),
    "tables in tables": filled("<table><b>"),
    "forms": filled("<form><div></form>"),
    "lists": filled("<ul><li>"),
    "drawings": filled("<svg><foreignObject>"),
    "a hundred thousand metas": filled("<meta a=b>"),
    "metas that count": filled("<meta property=og:title content=x>"),
    "titles": filled("<title>a</title>"),
    "one title": "<title>" + filled("a"),
    "a title of entities": "<title>" + filled("&amp;"),
    "a hundred thousand attributes": "<meta " + " ".join(f"a{n}=1" for n in range(MEGABYTE // 9)),
    "attributes of the page": "".join(f"<html a{n}=1>" for n in range(MEGABYTE // 14)),
    "one attribute": "<meta content='" + filled("x"),
    "quotes": filled("<a '"),
    "less than": filled("<"),
    "ampersands": filled("&"),
    "comments": filled("<!-- -->"),
    "unended comments": filled("<!--"),
    "declarations": filled("<!DOCTYPE html>"),
    "instructions": filled("<?"),
    "data": filled("<![CDATA["),
    "scripts": filled("<script>"),
    "scripts in comments in a script": "<script>" + filled("<!--<script>"),
    "ends": filled("</p>"),
    "links of many kinds": filled("<link rel='" + "canonical " * 100 + "' href=x>"),
    "nothing": "\0" * MEGABYTE,
}


@pytest.mark.parametrize("name", BOMBS)
def test_s115_no_page_takes_a_second(name: str) -> None:
    """S115. A megabyte of any shape: the time of the processor stays small."""
    body = (HEAD + BOMBS[name]).encode()[:MEGABYTE]
    began = time.thread_time()
    page = read(body)
    assert time.thread_time() - began < 1
    assert (page.title, page.language) == ("T", "en")
    assert page.properties["og:title"] == "O"


def test_s115_all_of_them_together_take_no_memory(tmp_path: Path) -> None:
    """S115. In a process of its own, whose memory is what the system says of it."""
    code = (
        "import pathlib, resource, sys\n"
        "from stonechat.outgoing.pages import read_page\n"
        "read_page(b'<p>' * 300_000, 'text/html')\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    read_page(path.read_bytes(), 'text/html')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    for number, bomb in enumerate(BOMBS.values()):
        (tmp_path / str(number)).write_bytes(bomb.encode()[:MEGABYTE])
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    unit = 1 if sys.platform == "linux" else 1024
    assert int(done.stdout) // unit < 40 * 1024


def test_s115_listening_ends() -> None:
    late = "<meta property=og:image content=x>"
    for bomb in ("<div>" * (DEPTH_MAX + 2000), "<br>" * (TAGS_MAX + 2000)):
        assert "og:image" not in read(bomb + late).properties
    for crowd in ("<div>" * (DEPTH_MAX - 10), "<br>" * (TAGS_MAX - 10)):
        assert "og:image" in read(crowd + late).properties


def test_texts_are_cut() -> None:
    text = "x" * (TEXT_CHARACTERS_MAX + 1)
    page = read(
        f"<html lang={text}><title>{text}</title><meta name=author content={text}>"
        f"<link rel=canonical href={text}>"
    )
    found = (page.title, page.language, page.properties["author"], page.links["canonical"])
    assert {len(each) for each in found} == {TEXT_CHARACTERS_MAX}


MALFORMED = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "</",
            "/>",
            "<!",
            "--",
            "<!--",
            "-->",
            "<?",
            "&",
            "&#",
            "&#x",
            ";",
            "=",
            '"',
            "'",
            "\x00",
            "\ud7ff",
            "meta",
            "title",
            "html",
            "property",
            "content",
            "og:title",
            "<title>",
            "</title>",
            "<meta",
            "<svg>",
            "<math>",
            "<template>",
            "<noscript>",
            "]]>",
        ]
    )
)


@given(MALFORMED.map("".join) | MALFORMED.map(" ".join) | st.text())
def test_s115_malformed_pages_are_read_somehow(text: str) -> None:
    page = read(text.encode("utf-8", "replace"))
    assert set(page.properties) <= Page.PROPERTIES
    assert set(page.links) <= Page.LINKS


@given(st.binary(max_size=300), st.sampled_from(["", "; charset=utf-16", "; charset=big5"]))
def test_s114_any_bytes_are_read_somehow(body: bytes, parameters: str) -> None:
    read(body, HTML + parameters)
