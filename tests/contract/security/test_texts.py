"""Texts that are meant to mislead a reader, or to keep the server busy, sent through the API.

S093: 60 KB of whatever makes a bad parser slow are answered, and shorter ones are kept and shown
(how long it takes is measured where the parsers are: tests/unit/domain/text/test_hostile.py).
S123: a link says where it leads. S120, S124: what is shown is markup of ours and of nobody else,
and stays the same when it is read once more.
"""

# ruff: noqa: RUF001 - look-alikes are the subject here

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract.api import Api, Person

SIZE = 60_000
HOSTILE = {
    "mentions": "@a ",
    "names without end": "a@a@",
    "at": "@",
    "hashes": "#",
    "tags": "#a ",
    "brackets": "(",
    "square brackets": "[](",
    "schemes": "http://",
    "nested addresses": "http://a.bc/",
    "userinfo": "http://a@",
    "dots": "a.",
    "entities": "&amp;",
    "tags of HTML": "<svg><style>",
    "marks": "e\u0301\u0301",
    "families": "👩\u200d",
    "lines": "\n",
    "joiners": "\u200d",
    "directions": "\u202e\u2066",
    "stars": "*_`",
    "backslashes": "\\",
}
TAGS = {"a", "br", "p", "span"}
ATTRIBUTES = {"class", "href", "rel", "target", "translate"}
REL = {"nofollow", "noopener", "noreferrer", "ugc"}


class Page(HTMLParser):
    """What a fragment of HTML is made of: its elements, and its links with what they show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[dict[str, str]] = []
        self._open: dict[str, str] | None = None
        self._is_hidden = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.add(tag)
        self.attributes |= found.keys()
        if tag == "a":
            self._open = {**found, "shown": ""}
            self.links.append(self._open)
        self._is_hidden = "invisible" in found.get("class", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = None
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if self._open is not None and not self._is_hidden:
            self._open["shown"] += data


def assert_ours(html: str) -> None:
    """Nothing in it but what our own renderer makes."""
    page = Page(html)
    assert page.elements <= TAGS
    assert page.attributes <= ATTRIBUTES
    for link in page.links:
        assert urlsplit(link["href"]).scheme in ("http", "https")


async def _answers(api: Api, who: Person, other: Person, text: str) -> list[str]:
    """Where this text was not answered as it must be."""
    profile = "/api/v1/accounts/update_credentials"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/v1/statuses", {"status": text}),
        ("POST", "/api/v1/statuses", {"status": "x", "spoiler_text": text}),
        ("PATCH", profile, {"note": text}),
        ("PATCH", profile, {"display_name": text}),
        ("PATCH", profile, {"fields_attributes": [{"name": text, "value": text}]}),
        ("POST", "/api/v1/lists", {"title": text}),
        ("POST", "/api/v2/filters", {"title": text, "context": ["home"]}),
        ("POST", "/api/v1/filters", {"phrase": text, "context": ["home"]}),
        ("POST", "/api/v1/featured_tags", {"name": text}),
        ("POST", f"/api/v1/accounts/{other.id}/note", {"comment": text}),
        ("GET", "/api/v2/search", {"q": text, "resolve": True}),
        ("GET", "/api/v1/accounts/search", {"q": text}),
        ("GET", "/api/v1/accounts/lookup", {"acct": text}),
        ("GET", "/.well-known/webfinger", {"resource": f"acct:{text}"}),
    ]
    wrong: list[str] = []
    for method, path, body in asked:
        reply = await api.call(method, path, who, json=body)
        if reply.status not in (200, 400, 404, 422) or len(reply.body) > 10_000:
            wrong.append(f"{method} {path}: {reply.status}, {len(reply.body)} bytes")
    return wrong


async def test_s093_hostile_texts_are_answered_wherever_they_are_sent(sqlite_api: Api) -> None:
    anna, bert = await sqlite_api.person("anna"), await sqlite_api.person("bert")
    profile = "/api/v1/accounts/update_credentials"
    for name, piece in HOSTILE.items():
        assert await _answers(sqlite_api, anna, bert, (piece * SIZE)[:SIZE]) == [], name
        short = (piece * 400)[:400]
        assert_ours((await sqlite_api.say(anna, f"x {short}"))["content"])
        changed = await sqlite_api.call("PATCH", profile, anna, json={"note": short})
        assert changed.status == 200
        assert_ours(changed.json["note"])


async def test_s084_s093_one_letter_is_no_larger_than_a_text(sqlite_api: Api) -> None:
    """What counts as one character may have any number of bytes: those are bounded, too."""
    anna = await sqlite_api.person("anna")
    family = "👩" + "\u200d👩" * 10_000
    for fields in (
        {"status": family},
        {"status": "x", "spoiler_text": family},
        {"status": family[:9_500], "spoiler_text": family[:9_500]},
    ):
        reply = await sqlite_api.post("/api/v1/statuses", anna, json=fields)
        assert reply.status == 422
        said = await sqlite_api.say(anna, "x")
        path = f"/api/v1/statuses/{said['id']}"
        assert (await sqlite_api.call("PUT", path, anna, json=fields)).status == 422


async def test_s093_hostile_keywords_are_words_like_any_other(sqlite_api: Api) -> None:
    """A filter's keyword is never a pattern, and never costs more than its length."""
    anna, bert = await sqlite_api.person("anna"), await sqlite_api.person("bert")
    for number, piece in enumerate(HOSTILE.values()):
        keyword = ((piece + "(a+)+$|.*") * 60)[:60].strip()
        words = [{"keyword": keyword, "whole_word": bool(number % 2)}]
        body = {"title": "t", "context": ["public"], "keywords_attributes": words}
        assert (await sqlite_api.post("/api/v2/filters", anna, json=body)).status == 200, keyword
        await sqlite_api.say(bert, ("x " + piece * 400)[:400])
    page = await sqlite_api.get("/api/v1/timelines/public?limit=40", anna)
    assert [len(each["filtered"]) for each in page.json] == [0] * len(HOSTILE)
    # The very words are found, so the filters are at work.
    told = await sqlite_api.say(bert, f"x {('@' + '(a+)+$|.*') * 3} x")
    seen = await sqlite_api.get(f"/api/v1/statuses/{told['id']}", anna)
    assert seen.json["filtered"] == []
    body = {"title": "t", "context": ["public"], "keywords_attributes": [{"keyword": "(a+)+$|.*"}]}
    await sqlite_api.post("/api/v2/filters", anna, json=body)
    seen = await sqlite_api.get(f"/api/v1/statuses/{told['id']}", anna)
    assert len(seen.json["filtered"]) == 1


async def show_links(api: Api, who: Person, text: str) -> list[dict[str, str]]:
    """The links of a status with this text."""
    content = (await api.say(who, text))["content"]
    assert_ours(content)
    return Page(content).links


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://bank.example@evil.test/", "bank.example@evil.test"),
        ("https://bank.example:443@evil.test/login", "bank.example:443@evil.test"),
        ("https://www.bank.example.of.somebody.else.evil.test/", "somebody.else.evil.test"),
        ("https://evil.test/https://bank.example/", "evil.test/https://bank.exampl"),
        ("https://аррӏе.com/", "xn--80ak6aa92e.com"),
        ("https://bücher.example/", "bücher.example"),
        ("https://evil.test/" + "a" * 2000, "evil.test/"),
        (
            "https://evil.test/?u=https://bank.example/#@bank.example",
            "evil.test/?u=https://bank.exa",
        ),
    ],
)
async def test_s123_a_link_shows_the_host_to_which_it_leads(
    sqlite_api: Api, url: str, shown: str
) -> None:
    anna = await sqlite_api.person("anna")
    (link,) = await show_links(sqlite_api, anna, f"see {url}")
    assert link["href"] == url
    assert shown in link["shown"]
    assert set(link["rel"].split()) >= REL


@pytest.mark.parametrize(
    "text",
    [
        "[bank.example](https://evil.test/)",
        '<a href="https://evil.test/">bank.example</a>',
        "<https://evil.test/|bank.example>",
    ],
)
async def test_s123_no_text_stands_before_another_address(sqlite_api: Api, text: str) -> None:
    anna = await sqlite_api.person("anna")
    for link in await show_links(sqlite_api, anna, text):
        assert "evil.test" in link["shown"]


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "https://\u202eelpmaxe.knab/",
        "https://bank.example\u2044evil.test",
        "https://evil\u3002test\u200b/",
        "vbscript:x",
        "https://[::1]/",
        "//evil.test/",
    ],
)
async def test_s123_what_would_mislead_is_no_link(sqlite_api: Api, text: str) -> None:
    anna = await sqlite_api.person("anna")
    for link in await show_links(sqlite_api, anna, f"x {text} x"):
        assert urlsplit(link["href"]).hostname in ("bank.example", "evil.test"), link
        assert urlsplit(link["href"]).hostname or "" in link["shown"]


async def test_s123_fields_of_a_profile_say_where_they_lead(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    fields = [{"name": "Bank", "value": "https://bank.example@evil.test/"}]
    changed = await sqlite_api.call(
        "PATCH", "/api/v1/accounts/update_credentials", anna, json={"fields_attributes": fields}
    )
    (link,) = Page(changed.json["fields"][0]["value"]).links
    assert "evil.test" in link["shown"]
    assert set(link["rel"].split()) >= REL | {"me"}


async def test_s120_s124_what_was_shown_is_text_when_it_is_sent_again(sqlite_api: Api) -> None:
    """Rendered HTML that comes back as text is shown letter by letter: nothing is unescaped."""
    anna = await sqlite_api.person("anna")
    style = "<p style='background:url(//evil.test)' class='btn' onclick=x>&lt;b&gt;</p>"
    text = style
    for _ in range(3):
        said = await sqlite_api.say(anna, text[:450])
        assert_ours(said["content"])
        source = await sqlite_api.get(f"/api/v1/statuses/{said['id']}/source", anna)
        assert source.json["text"] == text[:450]
        text = said["content"]
