"""Reads a rendered fragment as a browser would, and refuses whatever our markup never makes.

Unlike a browser it forgives nothing: a tag that is not closed, or closed in the wrong order, is
a fault.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

ALLOWED = {
    "p": set[str](),
    "br": set[str](),
    "span": {"class", "translate"},
    "a": {"href", "class", "rel", "target", "translate"},
}
CLASSES = {"", "invisible", "ellipsis", "h-card", "u-url mention", "mention hashtag"}


@dataclass
class Fragment:
    """What a reader of the fragment gets."""

    text: str = ""
    visible: str = ""
    hrefs: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fragment = Fragment()
        self.open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, f"<{tag}>"
        names = [name for name, _ in attrs]
        assert set(names) <= ALLOWED[tag], f"<{tag} {names}>"
        assert len(names) == len(set(names))
        values = {name: value or "" for name, value in attrs}
        assert values.get("class", "") in CLASSES
        if tag == "br":
            self._add("\n")
            return
        if tag == "p" and self.fragment.text:
            self._add("\n\n")
        if tag == "a":
            assert not [1 for name, _ in self.open if name == "a"], "a link inside a link"
            self.fragment.hrefs.append(values["href"])
        self.open.append((tag, values.get("class", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "br"
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without a start"
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self._add(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    def _add(self, data: str) -> None:
        self.fragment.text += data
        if "invisible" not in [name for _, name in self.open]:
            self.fragment.visible += data


def read(html: str) -> Fragment:
    """The fragment's text and links; fails on anything that our markup must never hold."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, reader.open
    return reader.fragment
