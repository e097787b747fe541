"""Summaries: the text of our own HTML, and its beginning.

What is read here was written by `writing` or `rich_markup`: every tag is one of ours, closed, and
no `<` stands anywhere else, so that looking for tags needs no parser. HTML of strangers must
never come here.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import regex

from stonechat.domain.text.markup import escape

SUMMARY_CHARACTERS: Final = 150
SUMMARY_CODE_POINTS_MAX: Final = 1500
"""One letter may be made of any number of code points; a summary may not."""
_ELLIPSIS: Final = "…"
_BLOCKS: Final = frozenset({"p", "h1", "h2", "h3", "h4", "pre", "blockquote"})
_NAMES: Final = frozenset({"mention", "hashtag"})
_ESCAPED: Final = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"))
_LISTS: Final = frozenset({"ul", "ol"})
_SPLIT: Final = re.compile(r"(<[^>]*>)")
_TAG: Final = re.compile(r"<(/?)([a-z0-9]+)")
_HREF: Final = re.compile(r' href="([^"]*)"')
_ALT: Final = re.compile(r' alt="([^"]*)"')
_SCHEME: Final = re.compile("(?:https?://(?:www\\.)?|mailto:)", re.IGNORECASE)
_GRAPHEME: Final = regex.compile(r"\X")
_LAST_WORD: Final = re.compile(r"\s+\S*\Z")
# The end of a long word is cut off, rather than most of a summary.
_KEPT_OF_CUT_MIN: Final = 2 / 3


class Summary(NamedTuple):
    """The short form of a text: plain, as markup, and whether anything was left out."""

    text: str
    html: str
    is_truncated: bool


def unescape(markup: str) -> str:
    """The text that `escape` made this of."""
    if "&" not in markup:
        return markup
    for reference, letter in _ESCAPED:
        markup = markup.replace(reference, letter)
    return markup.replace("&amp;", "&")


class _Piece(NamedTuple):
    """A token of HTML and what it says: `gap` stands between it and what was said before."""

    token: str
    gap: str
    said: str


def to_text(clean: str) -> str:
    """The text of our own HTML: a line for each line, and the addresses behind the links."""
    return "".join(piece.gap + piece.said for piece in _walk(clean, shows_addresses=True)).strip()


def summarise(clean: str) -> Summary:
    """The short form of our own HTML; a short text is in it exactly as it was typed."""
    text = ""
    gaps: list[tuple[int, int]] = []
    for _, gap, said in _walk(clean, shows_addresses=False):
        if gap:
            gaps.append((len(text), len(text) + len(gap)))
        text += gap + said
        if len(text) > SUMMARY_CODE_POINTS_MAX:
            break
    cut = None if len(text) <= SUMMARY_CHARACTERS else _find_cut(text)
    if cut is None:
        return Summary(text, clean, is_truncated=False)
    # A line or a dash with nothing behind it would say that something is missing there.
    cut = next((start for start, end in gaps if start < cut <= end), cut)
    return Summary(text[:cut].rstrip() + _ELLIPSIS, _cut_markup(clean, cut), is_truncated=True)


def _find_cut(text: str) -> int | None:
    """Where a text must end for the ellipsis to have room; None where all of it has."""
    ends = [0]
    for grapheme in _GRAPHEME.finditer(text, 0, SUMMARY_CODE_POINTS_MAX):
        ends.append(grapheme.end())
        if len(ends) > SUMMARY_CHARACTERS + 1:
            break
    if len(ends) <= SUMMARY_CHARACTERS + 1 and ends[-1] == len(text):
        return None
    cut = ends[min(len(ends) - 1, SUMMARY_CHARACTERS - 1)]
    if text[cut : cut + 1].isspace():
        return cut
    word = _LAST_WORD.search(text, int(cut * _KEPT_OF_CUT_MIN), cut)
    return cut if word is None else word.start()


def _cut_markup(clean: str, cut: int) -> str:
    """The HTML whose text is the first so many characters, closed in order."""
    out: list[str] = []
    stack: list[str] = []
    kept_stack: list[str] = []
    length = kept = 0
    for token, gap, said in _walk(clean, shows_addresses=False):
        length += len(gap) + len(said)
        if said and length >= cut:
            left = said[: max(cut - length + len(said), 0)]
            if beginning := token if left == said else _beginning(token, stack, left):
                out.append(beginning)
            else:
                # Nothing of it has room, so what was opened for it goes, too.
                del out[kept:]
                stack = kept_stack
            break
        out.append(token)
        if token.startswith("</"):
            stack.pop()
        elif token.startswith("<") and not token.endswith("/>"):
            stack.append(_name(token))
        if said:
            kept, kept_stack = len(out), stack.copy()
    return _close_all(out, stack)


def _beginning(token: str, stack: list[str], left: str) -> str:
    """What can be kept of a token that is cut: letters of a text, nothing of a picture or name."""
    is_whole_or_nothing = token.startswith("<") or stack[-1] in _NAMES
    return "" if is_whole_or_nothing else escape(left.rstrip())


def _close_all(out: list[str], stack: list[str]) -> str:
    # A name with an ellipsis in it would be another name.
    ends = [f"</{name}>" for name in reversed(stack)]
    behind = bool(stack) and stack[-1] in _NAMES
    text = "".join(out).rstrip()
    return "".join((text, *ends[:behind], _ELLIPSIS, *ends[behind:]))


def _name(token: str) -> str:
    named = _TAG.match(token)
    assert named is not None, "our own tags have names"
    return named[2]


def _walk(clean: str, *, shows_addresses: bool) -> Iterator[_Piece]:
    """Each token with what it adds to the text. A gap is kept until something stands behind it."""
    gaps = _Gaps()
    address, shown = "", ""
    for token in filter(None, _SPLIT.split(clean)):
        said = ""
        if not token.startswith("<"):
            said = unescape(token)
            shown += said if address else ""
        else:
            name = _name(token)
            gaps.add(name, is_end=token.startswith("</"))
            if name == "img":
                said = _attribute(_ALT, token)
            elif name == "a" and shows_addresses:
                said = _said_address(address, shown)
                address, shown = _attribute(_HREF, token), ""
        yield _Piece(token, gaps.take() if said else "", said)


class _Gaps:
    """What stands between the text so far and the text to come."""

    def __init__(self) -> None:
        self._gap = ""
        self._lists = 0
        self._is_begun = False

    def add(self, name: str, *, is_end: bool) -> None:
        """A tag that may begin a line."""
        if name == "br":
            self._gap += "\n"
        elif name == "li":
            gap = "\n\n" if self._gap.startswith("\n\n") else "\n"
            self._gap = "\n" if is_end else f"{gap}- "
        elif name in _LISTS:
            self._lists += -1 if is_end else 1
            self._gap = "\n" if self._lists > (not is_end) else "\n\n"
        # The first paragraph of an item stands behind its dash.
        elif name in _BLOCKS and (is_end or not self._gap.endswith("- ")):
            self._gap = self._gap if self._gap.startswith("\n\n") else "\n\n"

    def take(self) -> str:
        """The gap before a text that comes now."""
        gap = self._gap if self._is_begun else self._gap.lstrip("\n")
        self._gap, self._is_begun = "", True
        return gap


def _attribute(pattern: re.Pattern[str], token: str) -> str:
    found = pattern.search(token)
    return "" if found is None else unescape(found[1])


def _said_address(address: str, shown: str) -> str:
    """An address in parentheses, where the text of its link does not hold it."""
    bare = _SCHEME.sub("", address, count=1).rstrip("/")
    return "" if not bare or bare in shown else f" ({address})"
