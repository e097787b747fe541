"""Rich text: markup from strangers, taken apart and written anew.

Nothing of what came is ever copied: the reader finds tags, the writer (writing.py) makes each tag
itself from a short list and sends all else through `escape`. So a tag that a browser would read
otherwise than we do is a text at worst. No tree is built by the rules of browsers, because those
let forty kilobytes grow to gigabytes; each character is looked at a fixed number of times.

A text without any tag of HTML is plain and stays as it was typed, entities and all: `a < b && c`
is no markup. What the clean HTML is turned into for each kind of client stands in rich_markup.py.
"""

import html
import re
from functools import lru_cache
from typing import Final, NamedTuple

from stonechat.domain.text.cleaning import clean_text
from stonechat.domain.text.entities import Hashtag, Mention, extract
from stonechat.domain.text.markup import escape
from stonechat.domain.text.mentions import (
    Handle,
    hashtags,
    mentioned_handles,
    without_local_domain,
)
from stonechat.domain.text.summaries import to_text
from stonechat.domain.text.writing import BLOCKS, INLINES, LISTS, RichWriter, picture, web_link
from stonechat.kernel.errors import InvalidInput

RICH_BYTES_MAX: Final = 100_000
RICH_TAGS_MAX: Final = 5000
RICH_CATEGORIES_MAX: Final = 50
ATTRIBUTES_CHARACTERS_MAX: Final = 8192
"""Of one tag; one with more of them counts as a tag without any."""


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


# What behaves like another element, for those who read it.
_ALIASES: Final = {"strike": "s", "ins": "u", "h5": "h4", "h6": "h4"}
# These end a line and mean nothing else to us.
_BOUNDARIES: Final = _words(
    """
    address article aside body caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form head header hr html legend main menu nav section summary table
    tbody td tfoot th thead tr
    """
)
_LINE_ENDS: Final = _BOUNDARIES | {"br"}
# What stands inside these is no text, or is read by other rules than HTML's.
_DROPPED: Final = _words(
    """
    applet audio canvas embed frame frameset iframe math noembed noframes noscript object option
    plaintext script select style svg template textarea title video xmp
    """
)
_DROPPED_WITHOUT_END: Final = frozenset({"embed", "frame"})
_MEANINGLESS: Final = _words(
    """
    abbr acronym area base basefont bdi bdo big button cite col colgroup data datalist dfn font
    input kbd label link map mark meta meter output param picture progress q rp rt ruby samp
    small source span sub sup time track tt var wbr
    """
)
_KNOWN: Final = frozenset(
    BLOCKS
    | INLINES
    | LISTS
    | _BOUNDARIES
    | _DROPPED
    | _MEANINGLESS
    | {*_ALIASES, "blockquote", "li", "br", "img", "mention", "hashtag"}
)

# One tag, or as much of it as there is: it ends at `>`, and is none where it ends elsewhere. All
# of it is possessive, and whoever found no tag goes on behind it, so no letter is read twice.
_TAG: Final = re.compile(
    r"<(?P<closing>/?)(?P<name>[A-Za-z][^\s/<>]*+)"
    r"""(?P<attributes>(?:[^<>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|[^\s<>"'][^\s<>]*+)?+)*+)(?P<end>>?)"""
    r"|<!--(?P<comment>)|<[!?][^<>]*+>"
)
# Without what may stand before a name, one long name would be tried at each of its letters.
_ATTRIBUTE: Final = re.compile(
    r"""(?<![^\s/"'])(?P<name>[^\s=/<>"']++)\s*+=\s*+"""
    r"""(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s"'<>][^\s<>]*+))"""
)
# A semicolon is asked for: `?a=1&copy=2` is an address, and `AT&T` is a company.
_REFERENCE: Final = re.compile("&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NAMED_ELEMENT: Final = re.compile(r"([^<>]{1,400}+)</(mention|hashtag)\s*+>", re.IGNORECASE)
_ID: Final = re.compile("[0-9]{1,16}")
_PARAGRAPH_BREAK: Final = re.compile("\n{2,}")
_AROUND_LINE_END: Final = re.compile("[ \t]*\n[ \t]*")
_SPACES: Final = re.compile("[ \t]+")


class Rich(NamedTuple):
    """What is kept of a text, and what it names. `Rich(html, text)` is enough to render it."""

    html: str
    text: str
    mentions: tuple[Handle, ...] = ()
    category_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    is_plain: bool = False


def read_rich(source: str, local_domain: str = "") -> Rich:
    """A text as it is kept, or InvalidInput; accounts of `local_domain` are named without it."""
    if len(source) > RICH_BYTES_MAX:
        raise _too_long()
    source = clean_text(source, field="text")
    if not source.isascii() and len(source.encode()) > RICH_BYTES_MAX:
        raise _too_long()
    if "<" not in source or not _has_markup(source):
        return _read_plain(source, local_domain)
    if source.count("<") > RICH_TAGS_MAX:
        raise _too_long()
    reader = _Reader(source, local_domain)
    clean, writer = reader.read(), reader.writer
    return Rich(
        clean,
        to_text(clean),
        tuple(writer.mentions),
        tuple(reader.category_ids),
        tuple(writer.tags),
    )


def _too_long() -> InvalidInput:
    message = "Validation failed: Text is too long"
    return InvalidInput(message, field="text", rule="too_long")


def _has_markup(source: str) -> bool:
    return any(match["end"] and match["name"].lower() in _KNOWN for match in _TAG.finditer(source))


def _read_plain(source: str, local_domain: str) -> Rich:
    text = without_local_domain(source, local_domain)
    clean = ""
    if text:
        # Written as it would be read again: there, spaces in a row are one.
        lines = _AROUND_LINE_END.sub("\n", _SPACES.sub(" ", escape(text)))
        clean = _PARAGRAPH_BREAK.sub("</p><p>", lines).replace("\n", "<br />")
        clean = f"<p>{clean}</p>"
    handles = mentioned_handles(text, local_domain)
    return Rich(clean, text, handles, (), hashtags(text), is_plain=True)


class _Reader:
    """Goes through a source once, and tells the writer what it meets."""

    def __init__(self, source: str, local_domain: str) -> None:
        self.writer = RichWriter(local_domain)
        self.category_ids: dict[int, None] = {}
        self._source = source
        self._at = 0

    def read(self) -> str:
        """The clean HTML."""
        source, writer = self._source, self.writer
        while tag := _TAG.search(source, self._at):
            if tag.start() > self._at:
                writer.add_text(_decode(source[self._at : tag.start()]))
            self._at = tag.end()
            name = tag["name"]
            if tag["comment"] is not None:
                self._skip_to("-->")
            elif name is None:
                continue
            elif not tag["end"]:
                writer.add_text(_decode(tag[0]))
            elif tag["closing"]:
                self._close(name.lower())
            else:
                self._open(name.lower(), tag["attributes"])
        writer.add_text(_decode(source[self._at :]))
        return writer.finish()

    def _skip_to(self, mark: str) -> None:
        # `<!-->` is a whole comment.
        found = self._source.find(mark, self._at - 2)
        self._at = len(self._source) if found < 0 else found + len(mark)

    def _close(self, name: str) -> None:
        name = _ALIASES.get(name, name)
        if name in _LINE_ENDS:
            self._end_line(name)
        else:
            self.writer.close(name)

    def _open(self, name: str, attributes: str) -> None:
        name = _ALIASES.get(name, name)
        if name in _LINE_ENDS:
            self._end_line(name)
        elif name in _DROPPED:
            self._drop(name)
        elif name in {"mention", "hashtag"}:
            self._read_named(name, attributes)
        elif name in {"a", "img"}:
            self._open_address(name, attributes)
        elif name in INLINES:
            self.writer.open_inline(name, f"<{name}>")
        else:
            self.writer.open_block(name)

    def _end_line(self, name: str) -> None:
        if name == "br":
            self.writer.add_break()
        else:
            self.writer.end_line()

    def _open_address(self, name: str, attributes: str) -> None:
        """A link or picture; one that leads nowhere is none, and the text of the link stays."""
        values = _attributes(attributes)
        if name == "img":
            if markup := picture(values):
                self.writer.add_element(markup)
        elif start := web_link(values.get("href", "")):
            self.writer.open_inline(name, start)

    def _drop(self, name: str) -> None:
        if name in _DROPPED_WITHOUT_END:
            return
        end = _end_of(name).search(self._source, self._at)
        self._at = len(self._source) if end is None else end.end()

    def _read_named(self, name: str, attributes: str) -> None:
        """A mention or hashtag made by an editor. Its id is a claim: only categories' are kept."""
        if name == "hashtag" and len(self.category_ids) < RICH_CATEGORIES_MAX:
            category = _attributes(attributes).get("id", "")
            if _ID.fullmatch(category) and int(category):
                self.category_ids[int(category)] = None
        element = _NAMED_ELEMENT.match(self._source, self._at)
        if element is None or element[2].lower() != name:
            return
        label = without_local_domain(_decode(element[1]).strip(), self.writer.local_domain)
        found = extract(label)
        kind = Mention if name == "mention" else Hashtag
        if (
            found
            and isinstance(found[0], kind)
            and (found[0].start, found[0].end) == (0, len(label))
        ):
            self._at = element.end()
            self.writer.add_named(name, label, found[0])


@lru_cache(maxsize=64)
def _end_of(name: str) -> re.Pattern[str]:
    assert name in _DROPPED, "only our own names become patterns"
    return re.compile(rf"</{name}(?=[\s/>])[^>]*+>?", re.IGNORECASE)


def _attributes(source: str) -> dict[str, str]:
    """The attributes of a tag; of two with one name the first counts, as everywhere."""
    found: dict[str, str] = {}
    if len(source) <= ATTRIBUTES_CHARACTERS_MAX:
        for match in _ATTRIBUTE.finditer(source):
            value = match["double"] or match["single"] or match["bare"] or ""
            found.setdefault(match["name"].lower(), _decode(value))
    return found


def _decode(piece: str) -> str:
    if "&" not in piece:
        return piece
    return _REFERENCE.sub(lambda match: _decode_reference(match[0]), piece)


@lru_cache(maxsize=1024)
def _decode_reference(reference: str) -> str:
    decoded = html.unescape(reference)
    if decoded.isspace():
        return decoded if decoded in ("\n", "\u00a0") else " "
    # A number can spell what may not be typed.
    decoded = "\ufffd" if decoded == "\0" else decoded
    return clean_text(decoded, field="text")
