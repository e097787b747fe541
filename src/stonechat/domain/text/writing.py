"""Writing rich text: the one place that makes tags for it, always closed and in order.

    root, blockquote    hold blocks: p, h1 to h4, pre, ul, ol, blockquote
    ul, ol              hold li
    li                  holds text or blocks
    p, h1 ... pre, li   hold text with inline elements, each of them open once at a time

Whatever comes where it may not stand closes what is in its way or opens what is missing, as an
editor would have done it: formatting ends with its block. A tag is written when something
stands inside it, so there are no empty elements. What was written is read to the same again.
"""

import re
from typing import Final, NamedTuple

from stonechat.domain.limits import MENTIONS_PER_STATUS_MAX, TAGS_PER_STATUS_MAX
from stonechat.domain.text.entities import URL_CHARACTERS_MAX, Hashtag, Link, Mention, extract
from stonechat.domain.text.hosts import is_web_host
from stonechat.domain.text.markup import LINK_REL, escape
from stonechat.domain.text.mentions import Handle, without_local_domain

RICH_DEPTH_MAX: Final = 24
"""Of lists and quotations inside each other; deeper ones go on where they are."""
PICTURE_ALT_CHARACTERS_MAX: Final = 1500

LISTS: Final = frozenset({"ul", "ol"})
BLOCKS: Final = frozenset({"p", "h1", "h2", "h3", "h4", "pre"})
INLINES: Final = frozenset({"strong", "b", "em", "i", "u", "s", "del", "code", "a"})
_CONTAINERS: Final = LISTS | {"blockquote"}
_CLOSED: Final = BLOCKS | INLINES | _CONTAINERS | {"li"}
_SPACES: Final = re.compile("[ \t\n\f\r]+")
_BLANKS: Final = " \t\n"
_NOT_IN_ADDRESSES: Final = re.compile(r"[\s<>\"`\\]")
_WEB_ADDRESS: Final = re.compile(
    r"(https?)://([^/?#@:]+)(?::[0-9]{1,5})?(?:[/?#].*)?", re.IGNORECASE
)
_MAIL_ADDRESS: Final = re.compile(r"mailto:[^@:/?#]{1,64}@([^@:/?#]{1,253})", re.IGNORECASE)
_PIXELS: Final = re.compile("[1-9][0-9]{0,3}")


class _Open(NamedTuple):
    name: str
    start: str


class RichWriter:
    """Writes clean HTML, and remembers what its text names."""

    def __init__(self, local_domain: str) -> None:
        self.local_domain: str = local_domain
        self.mentions: dict[Handle, None] = {}
        self.tags: dict[str, None] = {}
        self._out: list[str] = []
        self._stack: list[_Open] = []
        self._written = 0
        self._text: list[str] = []
        self._is_line_begun = False
        self._space = False
        self._breaks = 0

    def finish(self) -> str:
        """Everything, with what was open closed."""
        self._pop_to(0)
        self._flush()
        return "".join(self._out)

    def add_text(self, text: str) -> None:
        """Text as it is read, no markup in it."""
        if self._is_open("pre"):
            # Browsers take no notice of a line end that comes first.
            text = text if self._is_line_begun else text.lstrip("\n")
            if text and (self._is_line_begun or text.strip(_BLANKS)):
                self._begin()
                self._text.append(text)
            return
        words = _SPACES.sub(" ", text)
        core = words.strip(" ")
        self._space |= words.startswith(" ")
        if core:
            self._begin()
            self._text.append(core)
            self._space = words.endswith(" ")

    def add_break(self) -> None:
        """A new line in the same block; before the first text and behind the last it is none."""
        if self._is_open("pre"):
            self.add_text("\n")
        elif self._is_line_begun:
            self._breaks += 1
            self._space = False

    def add_element(self, markup: str) -> None:
        """An element that stands in the text and was made by us."""
        self._begin()
        self._flush()
        self._out.append(markup)

    def add_named(self, name: str, label: str, entity: Mention | Hashtag | Link) -> None:
        """The place of a mention or hashtag, for a renderer to resolve."""
        self._remember(entity)
        self.add_element(f"<{name}>{escape(label)}</{name}>")

    def open_inline(self, name: str, start: str) -> None:
        """Formatting begins; inside the same formatting it changes nothing."""
        if name == "a":
            self.close("a")
        self._enter_text()
        if not self._is_open(name):
            self._stack.append(_Open(name, start))

    def open_block(self, name: str) -> None:
        """A paragraph, heading, list, item or quotation begins; other names mean nothing."""
        if name == "li":
            self._open_item()
        elif name in _CONTAINERS and len(self._stack) >= RICH_DEPTH_MAX:
            self.end_line()
        elif name in _CONTAINERS or name in BLOCKS:
            self._close_text()
            self._enter_flow()
            self._push(name)

    def close(self, name: str) -> None:
        """The end of an element, with all that is open in it; nothing where it is not open."""
        if name not in _CLOSED:
            return
        for depth in range(len(self._stack) - 1, -1, -1):
            opened = self._stack[depth].name
            if opened == name:
                self._pop_to(depth)
                return
            if name in INLINES and opened not in INLINES:
                return
            if name in BLOCKS and opened not in INLINES:
                return
            if name == "li" and opened in _CONTAINERS:
                return

    def end_line(self) -> None:
        """What comes next stands on a line of its own."""
        self._close_text()
        if self._is_line_begun:
            self._breaks = max(self._breaks, 1)

    def _open_item(self) -> None:
        self._close_text()
        self.close("li")
        if not self._stack or self._stack[-1].name not in LISTS:
            if len(self._stack) >= RICH_DEPTH_MAX:
                return
            self._push("ul")
        self._push("li")

    def _is_open(self, name: str) -> bool:
        """Whether this block or formatting is open around the text."""
        for opened in reversed(self._stack):
            if opened.name == name:
                return True
            if opened.name not in INLINES:
                return False
        return False

    def _enter_flow(self) -> None:
        """To where a block may stand."""
        if self._stack and self._stack[-1].name in LISTS:
            self._push("li")

    def _enter_text(self) -> None:
        """To where text may stand."""
        top = self._stack[-1].name if self._stack else "blockquote"
        if top in LISTS:
            self._push("li")
        elif top == "blockquote":
            self._push("p")

    def _close_text(self) -> None:
        """Out of all formatting and out of the block of text, if there is one."""
        depth = len(self._stack)
        while depth and self._stack[depth - 1].name in INLINES:
            depth -= 1
        if depth and self._stack[depth - 1].name in BLOCKS:
            depth -= 1
        self._pop_to(depth)

    def _push(self, name: str) -> None:
        self._stack.append(_Open(name, f"<{name}>"))
        self._begin_line()

    def _pop_to(self, depth: int) -> None:
        while len(self._stack) > depth:
            name = self._stack.pop().name
            if self._written > len(self._stack):
                self._written -= 1
                self._flush()
                self._out.append(f"</{name}>")
            if name not in INLINES:
                self._begin_line()

    def _begin_line(self) -> None:
        self._is_line_begun = self._space = False
        self._breaks = 0

    def _begin(self) -> None:
        """Write what was put off until there is something to stand behind it."""
        self._enter_text()
        if self._breaks:
            self._flush()
            self._out.append("<br />" * self._breaks)
        elif self._space and self._is_line_begun:
            self._text.append(" ")
        self._space, self._breaks, self._is_line_begun = False, 0, True
        if self._written < len(self._stack):
            self._flush()
            self._out += [opened.start for opened in self._stack[self._written :]]
            self._written = len(self._stack)

    def _flush(self) -> None:
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if "@" in text or "#" in text or "\uff03" in text:
            text = without_local_domain(text, self.local_domain)
            for entity in extract(text):
                self._remember(entity)
        self._out.append(escape(text))

    def _remember(self, entity: Mention | Hashtag | Link) -> None:
        if isinstance(entity, Mention):
            if len(self.mentions) < MENTIONS_PER_STATUS_MAX:
                self.mentions[Handle(entity.username, entity.domain)] = None
        elif isinstance(entity, Hashtag) and len(self.tags) < TAGS_PER_STATUS_MAX:
            self.tags[entity.name] = None


def web_link(address: str) -> str | None:
    """The tag that begins a link, or None for an address that leads to no page and no mailbox."""
    href = _clean_address(address, or_mail=True)
    return None if href is None else f'<a href="{escape(href)}" rel="{LINK_REL}">'


def picture(attributes: dict[str, str]) -> str | None:
    """The tag of a picture from the web, or None."""
    source = _clean_address(attributes.get("src", ""), or_mail=False)
    if source is None:
        return None
    alt = " ".join(attributes.get("alt", "").split())[:PICTURE_ALT_CHARACTERS_MAX].strip()
    sizes = "".join(
        f' {name}="{value}"'
        for name in ("width", "height")
        if _PIXELS.fullmatch(value := attributes.get(name, ""))
    )
    return f'<img src="{escape(source)}" alt="{escape(alt)}"{sizes} />'


def _clean_address(address: str, *, or_mail: bool) -> str | None:
    address = address.strip()
    # Unprintable are also the signs that turn round the direction of reading.
    if len(address) > URL_CHARACTERS_MAX or not address.isprintable():
        return None
    if _NOT_IN_ADDRESSES.search(address):
        return None
    # Userinfo looks like a host and is none: no link whose text hides it may have it.
    web = _WEB_ADDRESS.fullmatch(address)
    if web is not None:
        return address if is_web_host(web[2]) else None
    mail = _MAIL_ADDRESS.fullmatch(address) if or_mail else None
    return address if mail is not None and is_web_host(mail[1]) else None
