"""The life of a card: from a link in a status to a preview, and to its end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from stonechat.domain import limits
from stonechat.services.consequences import HANDLERS
from tests.contract.api import Api, Person
from tests.contract.people import run_jobs
from tests.contract.previews import PAGE, URL, card_of, stones, work
from tests.outside import Site, answer
from tests.pictures import opened, plain


@pytest_asyncio.fixture
async def site(api: Api) -> AsyncIterator[Site]:
    async with stones(api) as opened:
        yield opened


@pytest_asyncio.fixture
async def anna(api: Api) -> Person:
    return await api.person("anna")


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
    """S050: a status that was edited or deleted while its page was fetched."""
    kept, edited, deleted = [await api.say(anna, f"{number} {URL}") for number in range(3)]

    async def page(head: bytes, writer: asyncio.StreamWriter) -> None:
        edit = {"status": "no link"}
        await api.call("PUT", f"/api/v1/statuses/{edited['id']}", anna, json=edit)
        await api.call("DELETE", f"/api/v1/statuses/{deleted['id']}", anna)
        writer.write(answer(PAGE))

    site.pages["/page"] = page
    await work(api)
    # Whichever came first has fetched the page; the others look again when its claim has ended.
    api.clock.move(seconds=limits.CARD_CLAIM_SECONDS)
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


async def test_what_a_card_costs_in_statements(api: Api, site: Site, anna: Person) -> None:
    """The job is left in the write set that posts; the card by itself is one statement more."""
    counts: list[int] = []
    for text in ("plain", URL):
        api.recorder.forget()
        said = await api.say(anna, text)
        counts.append(api.recorder.count)
    assert counts[0] == counts[1]
    await work(api)
    for who, statements in ((None, 3), (anna, 4)):
        api.recorder.forget()
        await api.get(f"/api/v1/statuses/{said['id']}/card", who)
        assert api.recorder.count == statements


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
