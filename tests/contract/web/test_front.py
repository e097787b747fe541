"""The front page, the page about the server, and pages of tags."""

from dataclasses import replace

import pytest

from stonechat import __version__
from stonechat.kernel.settings import Settings
from tests.contract.api import Api
from tests.contract.web.pages import open_page


async def test_an_empty_server_says_what_it_is_and_how_to_sign_in(api: Api) -> None:
    page = await open_page(api, "/")
    assert page.one("title").text == "Stonechat"
    assert page.one("h1").text == "Stonechat"
    assert page.one("p", "lead").text == "A Stonechat server: say what is so now."
    # Without TLS the address must be typed with its scheme, or apps look for https.
    assert page.one("code", "address").text == "http://stonechat.test"
    assert "/beacons" in [each["href"] for each in page.all("a") if each.text == "sign in here"]
    assert page.posts == []
    assert "Nobody has said anything" in page.one("p", "nothing").text
    assert page.all("nav", "paging") == []
    assert page.meta("og:url") == "http://stonechat.test/"


async def test_the_newest_public_posts_and_the_way_to_older_ones(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = [await api.say(anna, f"number {number}") for number in range(25)]
    await api.say(anna, "for followers", visibility="private")
    await api.say(anna, "unlisted", visibility="unlisted")
    await api.say(anna, "direct", visibility="direct")
    await api.say(bert, "@anna an answer", in_reply_to_id=said[24]["id"])
    await api.post(f"/api/v1/statuses/{said[0]['id']}/reblog", bert)

    page = await open_page(api, "/")
    assert page.posts == [f"number {number}" for number in range(24, 4, -1)]
    older = page.one("a", "older")["href"]
    assert older == f"?max_id={said[5]['id']}"
    second = await open_page(api, f"/{older}")
    assert second.posts == [f"number {number}" for number in range(4, -1, -1)]
    assert second.one("h1").text == "Older posts"
    assert second.all("code", "address") == []
    assert second.one("nav", "paging").text.split("\n")[1] == "Back to the newest"
    assert second.all("a", "older") == []


async def test_a_page_costs_three_statements_whatever_its_length(api: Api) -> None:
    anna = await api.person("anna")
    for length in (1, 20):
        for number in range(length):
            await api.say(anna, f"#soup {number}")
        for path in ("/", "/tags/soup"):
            api.recorder.forget()
            await open_page(api, path)
            assert api.recorder.count == 3


@pytest.mark.parametrize(
    "query", ["max_id=rubbish", "max_id=0", "max_id=-1", "max_id=9" + "9" * 40, "limit=0"]
)
async def test_rubbish_in_the_query_is_no_fault_of_ours(api: Api, query: str) -> None:
    """S081 and S082."""
    anna = await api.person("anna")
    await api.say(anna, "hello")
    page = await open_page(api, f"/?{query}")
    assert len(page.posts) <= 1


@pytest.mark.parametrize(
    ("registrations", "words"),
    [("open", "Everybody may make one"), ("approval", "Ask for one"), ("closed", "to strangers")],
)
async def test_who_may_join(api: Api, settings: Settings, registrations: str, words: str) -> None:
    secure = replace(settings, registrations=registrations, base_url="https://status.example.org")
    page = await open_page(Api(api.env.db, secure), "/")
    assert words in page.one("section", "card").text
    assert page.one("code", "address").text == "status.example.org"


async def test_about(api: Api, settings: Settings) -> None:
    anna = await api.person("anna")
    await api.say(anna, "hello")
    told = replace(
        settings,
        title="Moor & Heath <b>",
        description="For people who watch birds.",
        extended_description="Begun in 2026.\n\nSee https://example.org/costs <script>",
        rules=("Be kind.", "No <b>selling</b>."),
        contact_account="anna",
        contact_email="anna@example.org",
    )
    page = await open_page(Api(api.env.db, told), "/about")
    assert page.one("title").text == "About · Moor & Heath <b>"
    assert "No <b>selling</b>." in page.one("ol", "rules").text
    assert "https://example.org/costs" in [each["href"] for each in page.all("a")]
    assert page.all("script") == []
    assert page.all("b") == []
    contact = page.one("a", "person")
    assert contact["href"] == "/@anna"
    assert "mailto:anna@example.org" in [each["href"] for each in page.all("a")]
    assert f"Stonechat {__version__}" in [each.text for each in page.all("dd")]


async def test_about_says_so_when_there_is_nobody_to_ask(api: Api) -> None:
    page = await open_page(api, "/about")
    assert "not said yet how to reach them" in page.one("main").text


async def test_a_tag(api: Api) -> None:
    anna = await api.person("anna")
    await api.say(anna, "hot #Soup")
    await api.say(anna, "cold #soup", visibility="unlisted")
    await api.say(anna, "sweet #süß")
    page = await open_page(api, "/tags/SOUP")
    assert page.posts == ["hot #Soup"]
    assert page.one("h1").text == "#soup"
    assert page.link("canonical") == "http://stonechat.test/tags/soup"
    assert (await open_page(api, "/tags/S%C3%BC%C3%9F")).posts == ["sweet #süß"]
    assert (await open_page(api, "/tags/unused")).posts == []
    for spelling in ("123", "a%20b", "%23%23", "a" * 101):
        await open_page(api, f"/tags/{spelling}", 404)
