"""Reads clean HTML as strictly as a reader of XML would, and knows every tag that we ever write."""

import re
from html import unescape

LINK = {"href", "rel"}
CLEAN = {
    **dict.fromkeys(
        (
            *("p", "h1", "h2", "h3", "h4", "pre", "ul", "ol", "li", "blockquote"),
            *("strong", "b", "em", "i", "u", "s", "del", "code", "mention", "hashtag"),
        ),
        frozenset[str](),
    ),
    "br": frozenset[str](),
    "a": frozenset(LINK),
    "img": frozenset({"src", "alt", "width", "height"}),
}
COMMUNITY = CLEAN | {"mention": frozenset({"id", "ext-id"}), "hashtag": frozenset({"id"})}
MASTODON = {name: CLEAN[name] for name in CLEAN.keys() - {"img", "mention", "hashtag"}} | {
    "a": frozenset({*LINK, "class", "target", "translate"}),
    "span": frozenset({"class", "translate"}),
}
VOID = {"br", "img"}
_TOKEN = re.compile(r"<(/?)([a-z0-9]+)((?: [a-z-]+=\"[^\"<>]*\")*)( /)?>|([^<>]+)")
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"<>]*)"')
_REFERENCE = re.compile("&(?!(?:amp|lt|gt|quot|#39);)")
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>\"`\\]+", re.IGNORECASE)


def read(html: str, allowed: dict[str, frozenset[str]] = CLEAN) -> str:
    """The letters of the markup; fails on whatever is not ours, not closed or closed crosswise."""
    position, text, stack = 0, "", list[str]()
    while position < len(html):
        token = _TOKEN.match(html, position)
        assert token is not None, html[position : position + 60]
        position = token.end()
        closing, name, attributes, is_void, letters = token.groups()
        assert not _REFERENCE.search(token[0]), token[0]
        if letters is not None:
            text += unescape(letters)
        elif closing:
            assert not attributes
            assert stack.pop() == name, html
        else:
            read_start(name, attributes, allowed)
            assert bool(is_void) == (name in VOID)
            if not is_void:
                assert not (name == "a" and "a" in stack), "a link inside a link"
                stack.append(name)
    assert not stack, stack
    return text


def read_start(name: str, attributes: str, allowed: dict[str, frozenset[str]]) -> None:
    assert name in allowed, name
    pairs = _ATTRIBUTE.findall(attributes)
    names = [each for each, _ in pairs]
    assert set(names) <= allowed[name], names
    assert len(names) == len(set(names))
    for each, value in pairs:
        if each in {"href", "src"}:
            assert _ADDRESS.fullmatch(unescape(value)), value
