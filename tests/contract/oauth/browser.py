"""A browser for contract tests: keeps cookies, reads forms, and never follows a redirect unasked.

With it stands `Flow`, an app and a person on their way through OAuth. What a real browser makes
of the pages is seen in tests/e2e.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, LiteralString
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import falcon.testing

from stonechat.storage.database import Row
from tests.contract.api import Api, Person, Reply

CALLBACK = "https://app.example/callback"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
PASSWORD = "long enough"
VERIFIER = "a-verifier-that-is-long-enough-for-rfc-7636-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().strip("=")


@dataclass
class Form:
    """A form on a page, with what it would send if nobody touched it."""

    id: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("id", ""), given["action"]))
        elif tag == "input" and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")


@dataclass(frozen=True)
class Page:
    """What a browser was given."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def location(self) -> str:
        return self.headers["location"]

    @property
    def answer(self) -> dict[str, str]:
        """The query of the redirect."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.location).query).items()}

    def form(self, form_id: str = "") -> Form:
        parser = _Forms()
        parser.feed(self.text)
        return next(form for form in parser.forms if form.id == form_id)


class Browser:
    """One browser with its cookies."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.cookies: dict[str, str] = {}

    async def open(
        self, method: str, path: str, form: Any = None, headers: dict[str, str] | None = None
    ) -> Page:
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        path, _, query = path.partition("?")
        result = await self._ask(method, path, query_string=query, body=body, headers=sent)
        for name, cookie in result.cookies.items():
            if cookie.max_age == 0:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.value
        got = {name.lower(): value for name, value in result.headers.items()}
        return Page(result.status_code, got, result.text)

    async def _ask(self, method: str, path: str, **more: Any) -> falcon.testing.Result:
        async with falcon.testing.ASGIConductor(self.api.app) as conductor:
            return await conductor.simulate_request(method, path, **more)
        raise AssertionError("the application gave no answer")

    async def get(self, path: str, **headers: str) -> Page:
        return await self.open("GET", path, headers=headers)

    async def send(self, form: Form, *, headers: dict[str, str] | None = None, **more: str) -> Page:
        return await self.open("POST", form.action, {**form.fields, **more}, headers)

    async def sign_in(self, name: str, password: str = PASSWORD, *, path: str = "/") -> Page:
        page = await self.get(f"/auth/sign_in?next={quote(path, safe='')}")
        return await self.send(page.form(), name=name, password=password)


class Flow:
    """A registered app, and the ways through OAuth with it."""

    def __init__(self, api: Api, app: dict[str, Any]) -> None:
        self.api = api
        self.app = app

    @property
    def client(self) -> dict[str, str]:
        return {"client_id": self.app["client_id"], "client_secret": self.app["client_secret"]}

    def url(self, **changes: str | None) -> str:
        """The address at which the app asks; None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.app["client_id"],
            "redirect_uri": self.app["redirect_uris"][0],
            "scope": "read write",
        }
        asked.update(changes)
        pairs = {name: value for name, value in asked.items() if value is not None}
        return f"/oauth/authorize?{urlencode(pairs, quote_via=quote)}"

    async def code(self, browser: Browser, **changes: str | None) -> str:
        """A code that the person at the browser agrees to."""
        page = await browser.get(self.url(**{"force_login": "true", **changes}))
        assert page.status == 200, page.text
        granted = await browser.send(page.form("allow"))
        assert granted.status == 302, granted.text
        return granted.answer["code"]

    async def exchange(self, code: str, **changes: str | None) -> Reply:
        """The answer to an exchange of the code."""
        sent: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.app["redirect_uris"][0],
            **self.client,
            **changes,
        }
        form = {name: value for name, value in sent.items() if value is not None}
        return await self.api.post("/oauth/token", form=form)

    async def token(self, browser: Browser, **changes: str | None) -> str:
        reply = await self.exchange(await self.code(browser, **changes))
        assert reply.status == 200, reply.body
        return reply.json["access_token"]

    async def app_token(self, scope: str = "read") -> str:
        form = {"grant_type": "client_credentials", "scope": scope, **self.client}
        reply = await self.api.post("/oauth/token", form=form)
        assert reply.status == 200, reply.body
        return reply.json["access_token"]


async def register(api: Api, **changes: Any) -> Flow:
    """An app, registered by JSON."""
    fields = {
        "client_name": "Test App",
        "redirect_uris": [CALLBACK, OUT_OF_BAND],
        "scopes": "read write follow push profile",
        **changes,
    }
    reply = await api.post("/api/v1/apps", json=fields)
    assert reply.status == 200, reply.body
    return Flow(api, reply.json)


async def signed_in(api: Api, name: str = "anna", *, role: str = "user") -> tuple[Person, Browser]:
    """A person, and the browser that they are signed in with."""
    person = await api.person(name, role=role)
    browser = Browser(api)
    page = await browser.sign_in(name)
    assert page.status == 302, page.text
    return person, browser


def pairs_of(url: str) -> list[tuple[str, str]]:
    """The query of an address, in its order."""
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


async def look(api: Api, sql: LiteralString, *parameters: object) -> list[Row]:
    """Rows as they lie in the database. The server did not ask for them, so they may be scanned."""
    known = len(api.recorder.statements)
    rows = await api.recorder.all(sql, *parameters)
    del api.recorder.statements[known:]
    return rows
