"""Previews of links on the pages of posts."""

from dataclasses import replace
from typing import Any

import pytest

from stonechat.domain.ids import StatusId
from stonechat.domain.views import CardView
from stonechat.storage import cards
from tests.contract.api import Api
from tests.contract.web.pages import open_page

URL = "https://birds.example/heron"
CARD = CardView(
    url=URL,
    title="A heron",
    description="It stayed for an hour.",
    language="en",
    author_name="",
    author_url="",
    provider_name="Birds",
    provider_url="https://birds.example/",
    image="0123456789abcdef0123456789abcdef.png",
    image_description="A heron among boats",
    width=640,
    height=360,
    blurhash=None,
    published_ms=None,
)


async def _show(api: Api, said: dict[str, Any], card: CardView) -> str:
    """Give a status a card, as the job does that fetched it; the path of its page."""
    text = await api.env.db.one("SELECT text FROM statuses WHERE id = $1", int(said["id"]))
    assert text is not None
    status_id = StatusId(int(said["id"]))
    assert await api.env.db.write(lambda tx: cards.show(tx, status_id, text[0], card))
    return f"/@anna/{said['id']}"


async def test_a_card_is_one_link_with_text(api: Api) -> None:
    anna = await api.person("anna")
    page_path = await _show(api, await api.say(anna, URL), CARD)
    for path in ("/", "/@anna", page_path):
        page = await open_page(api, path)
        card = page.one("a", "preview")
        assert card["href"] == URL
        assert {"nofollow", "noopener", "noreferrer", "ugc"} == set(card["rel"].split())
        lines = [line for line in card.text.split("\n") if line]
        assert lines == ["Birds · birds.example", "A heron", "It stayed for an hour."]
        (image,) = [each for each in page.all("img") if "/cards/" in each["src"]]
        assert image["src"] == f"/cards/{CARD.image}"
        assert image["alt"] == "A heron among boats"


async def test_a_card_that_says_little(api: Api) -> None:
    """The host is told once, and stands for what is missing."""
    anna = await api.person("anna")
    bare = replace(CARD, description="", provider_name="", image=None, language=None)
    path = await _show(api, await api.say(anna, URL), bare)
    page = await open_page(api, path)
    assert page.one("a", "preview").text.split() == ["birds.example", "A", "heron"]
    assert not [each for each in page.all("img") if "/cards/" in each["src"]]
    named = replace(bare, title="", provider_name="birds.example")
    path = await _show(api, await api.say(anna, URL), named)
    page = await open_page(api, path)
    assert page.one("a", "preview").text.split() == ["birds.example", "birds.example"]


async def test_whose_page_it_is_stands_beside_what_it_calls_itself(api: Api) -> None:
    anna = await api.person("anna")
    lying = replace(CARD, url="https://evil.example/", provider_name="bank.example")
    page = await open_page(api, await _show(api, await api.say(anna, URL), lying))
    assert page.one("span", "label").text == "bank.example · evil.example"


async def test_no_picture_of_what_is_sensitive(api: Api) -> None:
    """A warning folds the whole card away; without one, the picture alone is left out."""
    anna = await api.person("anna")
    said = await api.say(anna, URL, sensitive=True)
    page = await open_page(api, await _show(api, said, CARD))
    assert page.one("a", "preview")["href"] == URL
    assert not [each for each in page.all("img") if "/cards/" in each["src"]]
    warned = await api.say(anna, URL, spoiler_text="Blood")
    page = await open_page(api, await _show(api, warned, CARD))
    assert "A heron" in page.one("details", "warned").text
    assert [each for each in page.all("img") if "/cards/" in each["src"]]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://birds.example/",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//birds.example/",
        "/@anna",
        "ftp://birds.example/",
        "https://bank.example@evil.example/",
        "http://birds.example/\x00",
        "\x01javascript:alert(1)",
        "",
    ],
)
async def test_s121_only_addresses_of_the_web_are_linked(sqlite_api: Api, url: str) -> None:
    """S121: even if one of another kind got into the database, no page leads there."""
    api = sqlite_api
    anna = await api.person("anna")
    path = await _show(api, await api.say(anna, "look"), replace(CARD, url=url))
    page = await open_page(api, path)
    assert page.all("a", "preview") == []
    assert page.posts == ["look"]


async def test_s121_what_a_page_says_of_itself_is_text(api: Api) -> None:
    """S121 and S124: in each of its fields, whatever a page sends."""
    anna = await api.person("anna")
    hostile = '"><script>ran()</script><iframe src=x></iframe> style="x" {{7*7}}'
    card = replace(
        CARD,
        url="https://evil.example/\"'<script>",
        title=hostile,
        description=hostile,
        provider_name=hostile,
        image_description=hostile,
        image='x"onerror=ran()',
        language='en" onclick="ran()',
    )
    path = await _show(api, await api.say(anna, "look"), card)
    page = await open_page(api, path)
    assert page.all("script") == page.all("iframe") == []
    known = {"style", "onerror", "onclick"}
    assert not [each for each in page.elements if known & set(each.attributes)]
    shown = page.one("a", "preview")
    assert shown["href"] == "https://evil.example/%22'%3Cscript%3E"
    assert shown.text.count(hostile) == 3
