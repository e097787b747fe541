"""What fetching a card may cost others, and where a page may lead the server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from stonechat.domain import limits
from stonechat.jobs.runner import Runner
from stonechat.services.consequences import HANDLERS
from tests.contract.api import Api, Person
from tests.contract.previews import PAGE, URL, card_of, stones, work
from tests.outside import Site, answer, redirect
from tests.pictures import plain


@pytest_asyncio.fixture
async def site(api: Api) -> AsyncIterator[Site]:
    async with stones(api) as opened:
        yield opened


@pytest_asyncio.fixture
async def anna(api: Api) -> Person:
    return await api.person("anna")


@pytest.mark.slow
async def test_s116_a_thousand_statuses_with_one_link_are_one_fetch(
    api: Api, site: Site, anna: Person
) -> None:
    """S116: on two workers, with a page that takes its time."""

    async def slow(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(answer(PAGE))

    site.pages["/page"] = slow
    said = [await api.say(anna, f"{number} {URL}#part{number}") for number in range(1000)]
    workers = [Runner(api.env, HANDLERS) for _ in range(2)]
    for _ in range(limits.CARD_WAITS_MAX + 1):
        while any(await asyncio.gather(*(worker.run_due() for worker in workers))):
            pass
        api.clock.move(seconds=15)
    assert site.paths == ["/page", "/stone.png"]
    for status in said[::99]:
        assert (await card_of(api, status))["title"] == "Stones"


async def test_s116_an_address_is_fetched_once_a_day(api: Api, site: Site, anna: Person) -> None:
    """S116; mastodon.md 1.11: cards are kept for two weeks."""
    for hours in (0, 1, 23, 14 * 24 - 25):
        api.clock.move(hours=hours)
        await api.say(anna, URL)
        await work(api)
    assert site.paths == ["/page", "/stone.png"]
    site.pages["/page"] = answer(PAGE.replace("Stones", "Newer stones"))
    api.clock.move(hours=2)
    said = await api.say(anna, URL)
    await work(api)
    assert site.paths.count("/page") == 2
    assert (await card_of(api, said))["title"] == "Newer stones"


async def test_s116_one_status_with_many_links_is_one_fetch(
    api: Api, site: Site, anna: Person
) -> None:
    """S116: one card per status."""
    site.pages["/"] = answer("<title>Stones</title>")
    await api.say(anna, " ".join(f"http://site.example/?{n}" for n in range(15)))
    await work(api)
    assert site.paths == ["/?0"]


async def test_s116_a_host_has_a_budget(api: Api, site: Site, anna: Person) -> None:
    """S116: so many fetches an hour and no more; what comes then has to wait."""
    budget = limits.CARD_FETCHES_PER_HOST_AND_HOUR_MAX
    now_ms = api.env.clock.now_ms()

    async def fill(tx: Any) -> None:
        for number in range(budget):
            await tx.run(
                "INSERT INTO cards (url, host, fetched_ms) VALUES ($1, $2, $3)",
                f"http://site.example/{number}",
                "site.example",
                now_ms,
            )

    await api.env.db.write(fill)
    said = await api.say(anna, URL)
    await work(api)
    assert site.requests == []
    for _ in range(5):
        api.clock.move(minutes=16)
        await work(api)
    assert (await card_of(api, said))["title"] == "Stones"


async def test_s116_redirects_and_circles_are_claimed_like_pages(
    api: Api, site: Site, anna: Person
) -> None:
    """S116: a hundred addresses that lead to one page trouble that page once; circles end."""
    async with api.outside.site("short.example") as short:
        for number in range(5):
            short.pages[f"/{number}"] = redirect(URL)
        said = [await api.say(anna, f"http://short.example/{n}") for n in range(5)]
        short.pages["/circle"] = redirect("http://site.example/circle")
        site.pages["/circle"] = redirect("http://short.example/circle")
        circle = await api.say(anna, "http://short.example/circle")
        await work(api)
        for status in said:
            card = await card_of(api, status)
            assert (card["title"], card["url"]) == ("Stones", URL)
            assert card["image"]
        assert await card_of(api, circle) is None
        assert sorted(site.paths) == ["/circle", "/page", "/stone.png"]
        assert len(short.requests) == 6
        # The page itself is remembered by now.
        await api.say(anna, URL)
        await work(api)
        assert len(site.requests) == 3


async def test_s116_a_worker_that_died_holds_a_page_up_for_a_minute(
    api: Api, site: Site, anna: Person
) -> None:
    """S116: its claim ends, and the status gets its card all the same."""
    now_ms = api.env.clock.now_ms()
    claim = "INSERT INTO cards (url, host, fetched_ms, content) VALUES ($1, $2, $3, '')"
    await api.env.db.write(lambda tx: tx.run(claim, URL, "site.example", now_ms))
    said = await api.say(anna, URL)
    for _ in range(7):
        await work(api)
        assert (site.requests, await card_of(api, said)) == ([], None)
        api.clock.move(seconds=limits.CARD_CLAIM_SECONDS / 7 + 0.01)
    await work(api)
    api.clock.move(seconds=15)
    await work(api)
    assert (await card_of(api, said))["title"] == "Stones"


INNER = [
    "http://10.0.0.1/x.png",
    "http://127.0.0.2/x.png",
    "http://127.2/x.png",
    "http://[::1]/x.png",
    "http://169.254.169.254/latest/meta-data",
    "http://localhost/x.png",
    "http://stonechat.test/pictures/x.png",
    "http://inner.example/x.png",
    "http://site.example:8080/x.png",
    "file:///etc/passwd",
    "//10.0.0.1/x.png",
    "/leads/inside.png",
]


@pytest.mark.parametrize("target", INNER)
async def test_s108_s110_what_a_page_points_at_is_guarded_like_the_page(
    sqlite_api: Api, target: str
) -> None:
    """S110: picture, oEmbed, icon and canonical address lead inside; S108: by the same guard."""
    api = sqlite_api
    anna = await api.person("anna")
    async with (
        api.outside.site("site.example") as site,
        api.outside.site("inner.example") as inner,
    ):
        api.outside.names["inner.example"].append(
            api.outside.names["inner.example"][0]._replace(address="192.168.0.1")
        )
        site.pages["/leads/inside.png"] = redirect("http://10.0.0.1/x.png")
        site.pages["/page"] = answer(
            f"""<title>T</title><meta property=og:image content="{target}">
            <link rel=canonical href="{target}"><link rel=icon href="{target}">
            <link rel=alternate type=application/json+oembed href="{target}">"""
        )
        said = await api.say(anna, URL)
        await work(api)
        card = await card_of(api, said)
        assert (card["title"], card["image"]) == ("T", None)
        assert card["url"].startswith("http://site.example/")
        assert inner.requests == []
        assert set(site.paths) <= {"/page", "/leads/inside.png"}


@pytest.mark.parametrize(
    "link",
    ["http://10.0.0.1/", "http://169.254.169.254/", "http://127.0.0.2/", "http://inner.example/"],
)
async def test_s108_a_link_that_leads_inside_has_no_card(sqlite_api: Api, link: str) -> None:
    """S107, S108: the one thing here that strangers can make the server fetch."""
    api = sqlite_api
    anna = await api.person("anna")
    async with api.outside.site("inner.example") as inner:
        endpoint = api.outside.names["inner.example"][0]
        api.outside.names["inner.example"].append(endpoint._replace(address="192.168.0.1"))
        said = await api.say(anna, link)
        await work(api)
        assert await card_of(api, said) is None
        assert inner.requests == []


@pytest.mark.parametrize(
    "picture",
    [
        answer(b"no picture", kind="image/png"),
        answer(b"<svg xmlns='http://www.w3.org/2000/svg'/>", kind="image/svg+xml"),
        answer(plain()[:40], kind="image/png"),
        answer(plain(), status="404 Not Found"),
        answer(b"\x89PNG\r\n\x1a\n" + bytes(limits.CARD_IMAGE_BYTES_MAX), kind="image/png"),
        answer(b"ID3" + bytes(1000), kind="image/png"),
        b"",
    ],
)
async def test_a_card_without_its_picture(sqlite_api: Api, picture: bytes) -> None:
    api = sqlite_api
    anna = await api.person("anna")
    async with api.outside.site("site.example") as site:
        site.pages["/page"] = answer(PAGE)
        site.pages["/stone.png"] = picture
        said = await api.say(anna, URL)
        await work(api)
        card = await card_of(api, said)
        assert (card["title"], card["image"], card["width"]) == ("Stones", None, 0)


async def test_pages_share_a_picture(api: Api, site: Site, anna: Person) -> None:
    """S116: the logo of a site is fetched once for all of its pages."""
    site.pages["/other"] = answer(PAGE.replace("Stones", "Others"))
    said = [await api.say(anna, url) for url in (URL, "http://site.example/other")]
    await work(api)
    cards = [await card_of(api, status) for status in said]
    assert cards[0]["image"] == cards[1]["image"]
    assert sorted(site.paths) == ["/other", "/page", "/stone.png"]
    # An address that was fetched for its picture is no page.
    link = await api.say(anna, "http://site.example/stone.png")
    await work(api)
    assert await card_of(api, link) is None
    assert len(site.requests) == 3


async def test_s113_the_deadline_is_for_page_and_picture_together(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S113, S110: a picture that never comes costs the picture, and no more time."""
    api = sqlite_api
    monkeypatch.setattr(limits, "CARD_SECONDS_MAX", 0.6)

    async def slow(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with api.outside.site("site.example") as site:
        anna = await api.person("anna")
        site.pages["/page"] = answer(PAGE)
        site.pages["/stone.png"] = slow
        said = await api.say(anna, URL)
        began = asyncio.get_running_loop().time()
        await work(api)
        assert asyncio.get_running_loop().time() - began < 5
        assert (await card_of(api, said))["image"] is None
