"""Reads a page the way a program does: its elements with their attributes, and its text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.contract.api import Api, Reply

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Element:
    """One element, with all the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def has_class(self, name: str) -> bool:
        return name in self.attributes.get("class", "").split()


@dataclass
class Html:
    """A page taken apart."""

    elements: list[Element] = field(default_factory=list[Element])

    def all(self, tag: str, class_name: str | None = None) -> list[Element]:
        return [
            each
            for each in self.elements
            if each.tag == tag and (class_name is None or each.has_class(class_name))
        ]

    def one(self, tag: str, class_name: str | None = None) -> Element:
        (found,) = self.all(tag, class_name)
        return found

    def meta(self, name: str) -> str | None:
        for each in self.all("meta"):
            if name in (each.attributes.get("name"), each.attributes.get("property")):
                return each["content"]
        return None

    def metadata(self, prefix: str) -> list[tuple[str, str]]:
        """Properties with their values, as far as they begin so, in their order."""
        properties = (each.attributes for each in self.all("meta"))
        return [
            (each["property"], each["content"])
            for each in properties
            if each.get("property", "").startswith(prefix)
        ]

    def link(self, rel: str) -> str | None:
        return next((each["href"] for each in self.all("link") if each["rel"] == rel), None)

    @property
    def posts(self) -> list[str]:
        """The texts of the posts, from top to bottom."""
        return [" ".join(each.text.split()) for each in self.all("div", "content")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Html()
        self.opened: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.page.elements.append(element)
        if tag not in _VOID:
            self.opened.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        assert self.opened, f"</{tag}> closes nothing"
        opened = self.opened.pop()
        assert opened.tag == tag, f"</{tag}> closes <{opened.tag}>"

    def handle_data(self, data: str) -> None:
        for element in self.opened:
            element.text += data


def read(reply: Reply) -> Html:
    """A page; it must be one, and every element of it must be closed."""
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    text = reply.body.decode()
    assert text.startswith("<!doctype html>")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.opened == []
    return reader.page


async def open_page(api: Api, path: str, status: int = 200) -> Html:
    """Ask for a page as somebody who has no account."""
    reply = await api.get(path)
    assert reply.status == status, reply.body
    return read(reply)
