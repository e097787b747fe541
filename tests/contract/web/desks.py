"""Somebody at the desk: fills in the forms of its pages as a browser without scripts does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.contract.api import Api, Person
from tests.contract.oauth.browser import Browser, Page, signed_in


@dataclass
class Form:
    """A form of a page, with what it would send if nobody touched it."""

    path: str
    fields: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def action(self) -> str:
        return next((value for name, value in self.fields if name == "action"), "")


class _Forms(HTMLParser):
    """Reads forms with the fields that are sent: chosen options, checked boxes, texts."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""
        self._options: list[tuple[bool, str]] = []
        self._area = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag == "input" and "name" in given:
            is_choice = given.get("type") in ("radio", "checkbox")
            if not is_choice or "checked" in given:
                self.forms[-1].fields.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select, self._options = given["name"], []
        elif tag == "option":
            self._options.append(("selected" in given, given["value"]))
        elif tag == "textarea":
            self._area, self._text = given.get("name", ""), ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            chosen = [value for is_chosen, value in self._options if is_chosen]
            value = chosen[0] if chosen else self._options[0][1]
            self.forms[-1].fields.append((self._select, value))
        elif tag == "textarea" and self._area:
            self.forms[-1].fields.append((self._area, self._text))
            self._area = ""

    def handle_data(self, data: str) -> None:
        self._text += data


def forms_of(page: Page) -> list[Form]:
    """The forms of a page, from top to bottom."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.forms


@dataclass
class Desk:
    """A person, and the browser that they are signed in with."""

    api: Api
    person: Person
    browser: Browser

    async def get(self, path: str, status: int = 200) -> Page:
        """A page, which has to be there unless another status is named."""
        page = await self.browser.get(path)
        assert page.status == status, (path, page.status, page.text)
        if status == 200:
            assert page.headers["cache-control"] == "private, no-store"
            assert page.headers["vary"] == "Cookie"
        return page

    async def fill(
        self,
        path: str,
        action: str,
        *,
        where: Any = None,
        rows: Any = None,
        **typed: Any,
    ) -> Page:
        """Open a page and send its form of this action, with what is typed into it.

        `where` tells forms of the same action apart; `rows` fills fields of one name from above.
        """
        page = await self.get(path)
        wanted = (where or {}).items()
        form = next(
            each
            for each in forms_of(page)
            if each.action == action and all(pair in each.fields for pair in wanted)
        )
        self.api.clock.move(milliseconds=1)
        return await self.send(form, rows=rows, **typed)

    async def send(self, form: Form, *, rows: Any = None, **typed: Any) -> Page:
        """Send a form; the page that comes of it, at which no redirect was followed."""
        fields = [pair for pair in form.fields if pair[0] not in typed]
        left = {name: list(values) for name, values in (rows or {}).items()}
        fields = [(name, left[name].pop(0) if left.get(name) else value) for name, value in fields]
        return await self.browser.open("POST", form.path, [*fields, *typed.items()])

    async def make(self, name: str = "Bakery", value: str = "open", **typed: Any) -> str:
        """A new beacon by its form; its id."""
        page = await self.fill("/beacons/new", "create", name=name, value=value, **typed)
        assert page.status == 303, page.text
        return page.location.removeprefix("/beacons/")


async def at_desk(api: Api, name: str = "anna") -> Desk:
    """Somebody who has just sat down."""
    person, browser = await signed_in(api, name)
    return Desk(api, person, browser)
