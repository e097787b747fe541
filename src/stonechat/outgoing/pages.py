"""Pages: what a page of HTML says of itself in its tags, taken out of the bytes of a stranger.

No tree is made of the page. A parser that builds one as browsers do can be made to build gigabytes
out of forty kilobytes (each unclosed `<b>` is opened again in each `<p>`), and some take time with
the square of the page. Here libxml2 calls out each tag as it comes, and is listened to until
there are too many of them, or too many inside each other. Run it in a thread: a megabyte takes a
tenth of a second.

What comes out is text that means nothing yet: domain/cards decides what of it is shown.
"""

import codecs
import re
from typing import Final, Protocol, cast

from stonechat.domain.cards import Page

CHUNK_CHARACTERS: Final = 4096
TAGS_MAX: Final = 50_000
DEPTH_MAX: Final = 256
TEXT_CHARACTERS_MAX: Final = 8192
"""Of one title or attribute; more of it is dropped before anybody looks at it."""
_CHARSET_SEEN_BYTES: Final = 2048
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Python knows codings that are no text, and one that takes time with the square of its length.
_CODINGS: Final = frozenset(
    {
        "big5",
        "big5hkscs",
        "cp866",
        "cp874",
        "cp949",
        "euc_jp",
        "euc_kr",
        "gb18030",
        "gb2312",
        "gbk",
        "iso2022_jp",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        "shift_jis",
        "utf-16-be",
        "utf-16-le",
        "utf-8",
        *(f"cp{number}" for number in range(1250, 1259)),
        *(f"iso8859-{number}" for number in (*range(2, 12), *range(13, 17))),
    }
)
# By these names the web means more than they say.
_WIDER: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "utf-16": "utf-16-le",
}
_FALLBACK: Final = "cp1252"
_RELATIONS_MAX: Final = 10


def read_page(body: bytes, content_type: str) -> Page | None:
    """What a page says of itself; None where it is no HTML."""
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() not in _HTML:
        return None
    return _parse(decode(body, parameters))


def decode(body: bytes, parameters: str) -> str:
    """The text of a page: its own mark first, then the header's word, then the page's."""
    for mark, coding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(coding, "replace")
    head = body[:_CHARSET_SEEN_BYTES].decode("latin-1")
    for text in (parameters, head):
        named = _CHARSET.search(text)
        coding = None if named is None else _find_coding(named[1])
        if coding is not None and not (text is head and coding.startswith("utf-16")):
            return body.decode(coding, "replace")
    try:
        # The last character of a page that was cut off may be half a one.
        return codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return body.decode(_FALLBACK, "replace")


def _find_coding(name: str) -> str | None:
    try:
        coding = codecs.lookup(name).name
    except LookupError:
        return None
    coding = _WIDER.get(coding, coding)
    return coding if coding in _CODINGS else None


def _parse(text: str) -> Page:
    # Megabytes of code that a server whose people share no links never needs.
    from lxml import etree  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs, reportAttributeAccessIssue, reportUnknownVariableType]

    listener = _Listener()
    target = etree.HTMLParser(target=listener, no_network=True)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    parser = cast("_Parser", target)
    for start in range(0, len(text), CHUNK_CHARACTERS):
        # Some versions of libxml2 take a NUL for the end of the page.
        parser.feed(text[start : start + CHUNK_CHARACTERS].replace("\0", "\ufffd"))
        if listener.has_enough:
            break
    return listener.page()


class _Parser(Protocol):
    """What we use of lxml's parser, which has no types."""

    def feed(self, data: str) -> None:
        """The next piece of the page."""
        ...


class _Listener:
    """Hears of each tag, and remembers what a card may be made of."""

    def __init__(self) -> None:
        self._properties: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._language = ""
        self._title = ""
        self._is_in_title = False
        self._tags = self._depth = 0

    @property
    def has_enough(self) -> bool:
        """Whether nothing that comes now is worth its time."""
        return self._tags > TAGS_MAX or self._depth > DEPTH_MAX

    def page(self) -> Page:
        """What was heard so far."""
        return Page(self._properties, self._links, self._title, self._language)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A tag begins."""
        self._tags += 1
        self._depth += 1
        if tag == "meta":
            self._add_property(attributes)
        elif tag == "link":
            self._add_link(attributes)
        elif tag == "title":
            # Drawings inside a page have titles as well: the first one is the page's.
            self._is_in_title = not self._title
        elif tag == "html":
            self._language = attributes.get("lang", "")[:TEXT_CHARACTERS_MAX]

    def end(self, tag: str) -> None:
        """A tag ends."""
        self._depth -= 1
        if tag == "title":
            self._is_in_title = False

    def data(self, text: str) -> None:
        """Text between tags, in pieces."""
        if self._is_in_title:
            self._title = (self._title + text)[:TEXT_CHARACTERS_MAX]

    def close(self) -> None:
        """The end, which lxml asks for."""

    def _add_property(self, attributes: dict[str, str]) -> None:
        name = attributes.get("property") or attributes.get("name") or ""
        content = attributes.get("content", "").strip()
        if content and name.lower() in Page.PROPERTIES:
            self._properties.setdefault(name.lower(), content[:TEXT_CHARACTERS_MAX])

    def _add_link(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("href", "").strip()
        for relation in attributes.get("rel", "").lower().split()[:_RELATIONS_MAX]:
            if reference and relation in Page.LINKS:
                self._links.setdefault(relation, reference[:TEXT_CHARACTERS_MAX])
