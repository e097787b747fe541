"""The life of a card: from a link in a status to a preview, and to its end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from stonechat.domain import limits
from stonechat.jobs.runner import Runner
from stonechat.services.consequences import HANDLERS
from tests.contract.api import Api, Person
from tests.contract.people import run_jobs
from tests.outside import Site, answer, redirect
from tests.pictures import opened, plain

URL = "http://site.example/page"
PAGE = """<html lang="en"><head><title>Stones</title>
<meta property="og:description" content="All about them">
<meta property="og:site_name" content="The Site">
<meta property="og:image" content="/stone.png">
<meta property="og:image:alt" content="A stone">
<meta property="article:published_time" content="2026-03-04T05:06:07Z">
<meta name="author" content="Ada">
</head></html>"""


@pytest_asyncio.fixture
async def site(api: Api) -> AsyncIterator[Site]:
    async with api.outside.site("site.example") as opened:
        opened.pages["/page"] = answer(PAGE)
        opened.pages["/stone.png"] = answer(plain(size=(60, 40)), kind="image/png")
        yield opened


@pytest_asyncio.fixture
async def anna(api: Api) -> Person:
    return await api.person("anna")


async def work(api: Api) -> None:
    """Run what is due, to the end."""
    while await run_jobs(api):
        pass


async def card_of(api: Api, status: dict[str, Any], who: Person | None = None) -> Any:
    """The card of a status as it is shown now, in the status and by itself."""
    seen = await api.get(f"/api/v1/statuses/{status['id']}", who)
    alone = await api.get(f"/api/v1/statuses/{status['id']}/card", who)
    assert (seen.status, alone.status) == (200, 200)
    assert alone.json == (seen.json["card"] or {})
    return seen.json["card"]


async def test_st25_sr37_a_card_comes_after_the_status(api: Api, site: Site, anna: Person) -> None:
    """ST25: `card` is null right after posting; SR37: it is in the status, and still by itself."""
    said = await api.say(anna, f"look: {URL}")
    assert said["card"] is None
    assert await card_of(api, said) is None
    assert site.requests == []
    await work(api)
    card = await card_of(api, said)
    image = card.pop("image")
    blurhash = card.pop("blurhash")
    assert card == {
        "url": URL,
        "title": "Stones",
        "description": "All about them",
        "language": "en",
        "type": "link",
        "author_name": "Ada",
        "author_url": "",
        "authors": [{"name": "Ada", "url": "", "account": None}],
        "provider_name": "The Site",
        "provider_url": "http://site.example/",
        "html": "",
        "width": 60,
        "height": 40,
        "image_description": "A stone",
        "embed_url": "",
        "published_at": "2026-03-04T05:06:07.000Z",
    }
    assert len(blurhash) > 5
    assert image.startswith("http://stonechat.test/cards/")
    assert site.paths == ["/page", "/stone.png"]


async def test_s103_the_picture_of_a_card(api: Api, site: Site, anna: Person) -> None:
    """S103: it is ours, and nothing but a picture whatever a browser may see in it."""
    said = await api.say(anna, URL)
    await work(api)
    path = (await card_of(api, said))["image"].removeprefix("http://stonechat.test")
    came = await api.get(path)
    assert came.status == 200
    assert opened(came.body).size == (60, 40)
    assert came.headers["content-type"] in ("image/jpeg", "image/png", "image/webp")
    assert came.headers["x-content-type-options"] == "nosniff"
    assert came.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert came.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "set-cookie" not in came.headers
    stem = path.rpartition("/")[2]
    for name in ("x", "a" * 32 + ".png", f"{stem}x", "..%2f" + stem, stem.partition(".")[0]):
        assert (await api.get(f"/cards/{name}")).status == 404, name


async def test_a_page_that_says_little(api: Api, site: Site, anna: Person) -> None:
    """mastodon.md 2: texts are "" and never null, and `authors` is a list."""
    site.pages["/page"] = answer("<title>Stones</title>")
    said = await api.say(anna, URL)
    await work(api)
    card = await card_of(api, said)
    nothing = {name for name, value in card.items() if value is None}
    assert nothing == {"language", "image", "blurhash", "published_at"}
    empty = {name for name, value in card.items() if value == ""}
    assert empty == {"description", "author_name", "author_url", "provider_name"} | {
        "provider_url",
        "html",
        "image_description",
        "embed_url",
    }
    assert (card["authors"], card["width"], card["height"]) == ([], 0, 0)


@pytest.mark.parametrize(
    "page",
    [
        answer("<p>no title</p>"),
        answer(PAGE, status="404 Not Found"),
        answer(PAGE, status="500 Oh"),
        answer(PAGE, kind="text/plain"),
        answer(plain(), kind="image/png"),
        answer(PAGE, "Content-Encoding: br"),
        answer(),
        b"",
        b"rubbish\r\n\r\n",
    ],
)
async def test_pages_without_a_card(sqlite_api: Api, page: bytes) -> None:
    api = sqlite_api
    anna = await api.person("anna")
    async with api.outside.site("site.example") as site:
        site.pages["/page"] = page
        said = await api.say(anna, URL)
        await work(api)
        assert await card_of(api, said) is None
        # What failed is not asked again today, but it is tomorrow.
        site.pages["/page"] = answer("<title>Stones</title>")
        again = await api.say(anna, URL)
        await work(api)
        assert await card_of(api, again) is None
        assert len(site.requests) == 1
        api.clock.move(hours=25)
        tomorrow = await api.say(anna, URL)
        await work(api)
        assert (await card_of(api, tomorrow))["title"] == "Stones"


async def test_s121_what_a_page_sends_is_text(api: Api, site: Site, anna: Person) -> None:
    """S121: HTML, frames and odd schemes do not come through, neither from tags nor oEmbed."""
    site.pages["/page"] = answer(
        """<html lang="javascript:alert(1)"><head>
        <title>&lt;script&gt;alert(1)&lt;/script&gt;</title>
        <meta property="og:site_name" content="<iframe src=https://evil.example>">
        <meta property="og:type" content="video">
        <meta property="og:video" content="https://evil.example/player.html">
        <meta property="article:author" content="javascript:alert(1)">
        <meta property="og:url" content="javascript:alert(1)">
        <meta property="og:image" content="javascript:alert(1)">
        <meta property="article:published_time" content="soon">
        <link rel="canonical" href="data:text/html,x">
        <link rel="alternate" type="application/json+oembed" href="/oembed">
        <link rel="icon" href="/icon.png"></head>"""
    )
    site.pages["/oembed"] = answer('{"type":"rich","html":"<script>1</script>"}')
    said = await api.say(anna, URL)
    await work(api)
    card = await card_of(api, said)
    assert card["title"] == "<script>alert(1)</script>"
    assert card["provider_name"] == "<iframe src=https://evil.example>"
    assert (card["type"], card["html"], card["embed_url"]) == ("link", "", "")
    assert (card["url"], card["author_url"], card["image"]) == (URL, "", None)
    assert card["provider_url"] == "http://site.example/"
    assert (card["language"], card["published_at"]) == (None, None)
    assert site.paths == ["/page"]


async def test_media_and_quotes_take_the_place_of_a_card(
    api: Api, site: Site, anna: Person
) -> None:
    """mastodon.md 1.11: the first link that leads away, of a status without media and quote."""
    quoted = await api.say(anna, "quote me")
    await api.say(anna, URL, quoted_status_id=quoted["id"])
    await api.say(anna, "http://stonechat.test/@anna/1 and no other link")
    poll = {"options": ["a", "b"], "expires_in": 600}
    asked = await api.say(anna, f"{URL} http://other.example/", poll=poll)
    await api.post(f"/api/v1/statuses/{asked['id']}/reblog", anna)
    await work(api)
    assert site.paths == ["/page", "/stone.png"]
    assert api.outside.asked == ["site.example"] * 2
    assert (await card_of(api, asked))["url"] == URL


async def test_a_boost_shows_the_card_of_what_it_boosts(api: Api, site: Site, anna: Person) -> None:
    said = await api.say(anna, URL)
    boost = (await api.post(f"/api/v1/statuses/{said['id']}/reblog", anna)).json
    await work(api)
    seen = (await api.get(f"/api/v1/statuses/{boost['id']}")).json
    assert (seen["card"], seen["reblog"]["card"]["title"]) == (None, "Stones")
    assert (await api.get(f"/api/v1/statuses/{boost['id']}/card")).json["title"] == "Stones"


async def test_an_edit_changes_the_card(api: Api, site: Site, anna: Person) -> None:
    """mastodon.md 1.10: the card is looked for again if the text changed."""
    site.pages["/other"] = answer("<title>Other</title>")
    said = await api.say(anna, URL)
    path = f"/api/v1/statuses/{said['id']}"
    await work(api)
    edited = await api.call("PUT", path, anna, json={"status": f"{URL} in other words"})
    assert edited.status == 200
    await work(api)
    assert (await card_of(api, said))["title"] == "Stones"
    await api.call("PUT", path, anna, json={"status": "http://site.example/other"})
    assert await card_of(api, said) is None
    await work(api)
    assert (await card_of(api, said))["title"] == "Other"
    await api.call("PUT", path, anna, json={"status": "no link"})
    await work(api)
    assert await card_of(api, said) is None
    assert site.paths == ["/page", "/stone.png", "/other"]


async def test_what_changed_meanwhile_gets_no_card(api: Api, site: Site, anna: Person) -> None:
    """A status that was edited or deleted while its page was fetched."""
    kept, edited, deleted = [await api.say(anna, f"{number} {URL}") for number in range(3)]

    async def page(head: bytes, writer: asyncio.StreamWriter) -> None:
        edit = {"status": "no link"}
        await api.call("PUT", f"/api/v1/statuses/{edited['id']}", anna, json=edit)
        await api.call("DELETE", f"/api/v1/statuses/{deleted['id']}", anna)
        writer.write(answer(PAGE))

    site.pages["/page"] = page
    await work(api)
    assert (await card_of(api, kept))["title"] == "Stones"
    assert await card_of(api, edited) is None
    for path in (f"/api/v1/statuses/{deleted['id']}", f"/api/v1/statuses/{deleted['id']}/card"):
        assert (await api.get(path, anna)).status == 404


async def test_s118_what_one_may_not_see_has_no_card_either(
    api: Api, site: Site, anna: Person
) -> None:
    """S118, S031: a private status's card is as absent as the status."""
    bert = await api.person("bert")
    private = await api.say(anna, URL, visibility="private")
    await work(api)
    path = f"/api/v1/statuses/{private['id']}/card"
    assert (await api.get(path, anna)).json["title"] == "Stones"
    absent = await api.get("/api/v1/statuses/1/card", bert)
    for who in (bert, None):
        hidden = await api.get(path, who)
        assert (hidden.status, hidden.body) == (404, absent.body)


async def test_s118_nobody_is_named_to_the_page(api: Api, site: Site, anna: Person) -> None:
    """S118: an address with a secret is asked as it is, without login, by the server itself."""
    site.pages["/page?token=secret"] = answer("<title>Stones</title>", "Set-Cookie: seen=1")
    said = await api.say(anna, f"{URL}?token=secret#part")
    await work(api)
    assert (await card_of(api, said))["url"] == f"{URL}?token=secret"
    (request,) = site.requests
    names = {line.partition(b":")[0].lower() for line in request.rstrip().split(b"\r\n")[1:]}
    assert names == {b"host", b"accept", b"accept-encoding", b"user-agent", b"connection"}
    assert b"anna" not in request


async def test_s106_reading_fetches_nothing(api: Api, site: Site, anna: Person) -> None:
    """S106: whoever reads, signed in or not, causes neither a fetch nor a job."""
    said = await api.say(anna, URL)
    await api.env.db.write(lambda tx: tx.run("DELETE FROM jobs WHERE id > 0"))
    for who in (None, anna):
        assert await card_of(api, said, who) is None
        for path in ("/api/v1/timelines/public", f"/api/v1/statuses/{said['id']}/context"):
            assert (await api.get(path, who)).status in (200, 401, 422)
        assert (await api.get("/cards/" + "a" * 32 + ".png", who)).status == 404
    assert await run_jobs(api) == 0
    assert (site.requests, api.outside.asked) == ([], [])


async def test_link_cards_can_be_off(sqlite_api: Api) -> None:
    api = sqlite_api
    anna = await api.person("anna")
    async with api.outside.site("site.example") as site:
        site.pages["/page"] = answer(PAGE)
        said = await api.say(anna, URL)
        object.__setattr__(api.env, "settings", replace(api.env.settings, link_cards=False))
        await api.say(anna, URL)
        # Neither what was left to do before, nor what is said now.
        await work(api)
        assert await card_of(api, said) is None
        assert site.requests == []


# What a fetch may cost others


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


# What a page may point at


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


# The end


async def test_old_cards_and_their_pictures_are_swept(api: Api, site: Site, anna: Person) -> None:
    """What is remembered goes after two weeks; a picture when no status shows it any more."""
    said = await api.say(anna, URL)
    await work(api)
    path = (await card_of(api, said))["image"].removeprefix("http://stonechat.test")
    await _clean(api)
    assert (await api.get(path)).status == 200
    api.clock.move(days=16)
    await _clean(api)
    assert await _count(api) == (0, 1)
    # The status is there, and shows it.
    assert (await api.get(path)).status == 200
    assert await card_of(api, said) is not None
    await api.call("PUT", f"/api/v1/statuses/{said['id']}", anna, json={"status": "no link"})
    api.clock.move(days=2)
    await _clean(api)
    assert await _count(api) == (0, 0)
    assert (await api.get(path)).status == 404
    assert [name async for name in api.env.blobs.list_names("cards")] == []


async def test_the_picture_of_a_deleted_status_goes_with_it(
    api: Api, site: Site, anna: Person
) -> None:
    said = await api.say(anna, URL)
    await work(api)
    path = (await card_of(api, said))["image"].removeprefix("http://stonechat.test")
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    api.clock.move(days=limits.DELETED_STATUS_DAYS + 1)
    await _clean(api)
    api.clock.move(days=2)
    await _clean(api)
    assert (await api.get(path)).status == 404
    assert await _count(api) == (0, 0)


async def test_a_picture_that_was_never_kept_is_swept(api: Api) -> None:
    """A worker that died between writing down a name and making its file, or after it."""
    name = "0" * 32 + ".png"
    insert = "INSERT INTO card_images (name, checked_ms) VALUES ($1, $2)"
    now_ms = api.env.clock.now_ms()
    await api.env.db.write(lambda tx: tx.run(insert, name, now_ms))
    await _clean(api)
    assert await _count(api) == (0, 1)
    api.clock.move(days=2)
    await _clean(api)
    assert await _count(api) == (0, 0)


async def _clean(api: Api) -> None:
    await HANDLERS["clean_up"](api.env, {})


async def _count(api: Api) -> tuple[int, int]:
    """How many addresses are remembered, and how many pictures are kept."""
    row = await api.env.db.one(
        "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM cards LIMIT 9) c),"
        " (SELECT COUNT(*) FROM (SELECT 1 FROM card_images LIMIT 9) i)"
    )
    assert row is not None
    return row[0], row[1]
