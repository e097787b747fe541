"""Pictures, films and sounds on the pages of posts."""

import pytest

from tests.contract.api import Api, Person
from tests.contract.uploads import picture, ready_film, send
from tests.contract.web.pages import Html, open_page
from tests.films import film, song
from tests.pictures import plain

SITE = "http://stonechat.test"
HOSTILE = '"><script>ran()</script><img src=x onerror=ran()> style="color:red" {{ran()}}'


async def _big(api: Api, who: Person, **fields: str) -> str:
    """A picture that has a preview smaller than itself; its id."""
    reply = await send(api, who, plain(size=(1600, 900)), **fields)
    assert reply.status == 200, reply.body
    return reply.json["id"]


def _sources(page: Html) -> list[str]:
    """Every address of a file of somebody's that a page names."""
    named = [each.attributes.get(name, "") for each in page.elements for name in _NAMING]
    return [each for each in named if "/media/" in each]


_NAMING = ("src", "href", "poster", "content")


async def test_a_picture_with_its_description(api: Api) -> None:
    """The preview with its measures, a link to the whole, and the description for everybody."""
    anna = await api.person("anna")
    media_id = await _big(api, anna, description="a <red> field\nat noon")
    said = await api.say(anna, "look", media_ids=[media_id], language="en")
    attachment = said["media_attachments"][0]
    for path in ("/", "/@anna", f"/@anna/{said['id']}"):
        page = await open_page(api, path)
        (shown,) = [each for each in page.all("img") if "/media/" in each["src"]]
        assert SITE + shown["src"] == attachment["preview_url"]
        assert shown["alt"] == "a <red> field\nat noon"
        assert shown["lang"] == "en"
        small = attachment["meta"]["small"]
        assert (int(shown["width"]), int(shown["height"])) == (small["width"], small["height"])
        whole = attachment["url"].removeprefix(SITE)
        assert [each["href"] for each in page.all("a") if "/media/" in each["href"]] == [whole]
        assert "a <red> field\nat noon" in page.one("div", "caption").text
        assert "open" not in page.one("details").attributes
        for address in (shown["src"], whole):
            assert (await api.get(address)).headers["content-type"] in ("image/jpeg", "image/png")


async def test_what_a_link_to_a_picture_shows_elsewhere(api: Api) -> None:
    """OpenGraph: address, type, measures and description, a small picture being its own preview."""
    anna = await api.person("anna")
    first = await _big(api, anna, description="first")
    second = await picture(api, anna)
    said = await api.say(anna, "look", media_ids=[first, second])
    page = await open_page(api, f"/@anna/{said['id']}")
    small = said["media_attachments"][0]["meta"]["small"]
    urls = [each["preview_url"] for each in said["media_attachments"]]
    types = [(await api.get(url.removeprefix(SITE))).headers["content-type"] for url in urls]
    assert page.metadata("og:image") == [
        ("og:image", urls[0]),
        ("og:image:type", types[0]),
        ("og:image:width", str(small["width"])),
        ("og:image:height", str(small["height"])),
        ("og:image:alt", "first"),
        ("og:image", urls[1]),
        ("og:image:type", types[1]),
        ("og:image:width", "60"),
        ("og:image:height", "40"),
    ]
    assert page.meta("twitter:card") == "summary_large_image"
    plainly = await api.say(anna, "nothing to see")
    page = await open_page(api, f"/@anna/{plainly['id']}")
    assert page.metadata("og:image") == [("og:image", f"{SITE}/static/avatar.png")]
    assert page.meta("twitter:card") == "summary"


async def test_a_film(api: Api) -> None:
    anna = await api.person("anna")
    made = await ready_film(api, anna, film(frames=48), description="red and blue")
    said = await api.say(anna, "watch", media_ids=[made["id"]])
    made = said["media_attachments"][0]
    page = await open_page(api, f"/@anna/{said['id']}")
    shown = page.one("video")
    assert SITE + shown["src"] == made["url"]
    assert SITE + shown["poster"] == made["preview_url"]
    assert (shown["width"], shown["height"]) == ("64", "48")
    assert shown["aria-label"] == "red and blue"
    assert "controls" in shown.attributes
    assert not {"autoplay", "loop", "muted"} & shown.attributes.keys()
    # Whoever has no player has a link.
    assert [each["href"] for each in page.all("a") if each.text == "red and blue"] == [shown["src"]]
    assert page.one("p", "length").text == "0:02"
    assert page.metadata("og:video") == [
        ("og:video", made["url"]),
        ("og:video:type", "video/mp4"),
        ("og:video:width", "64"),
        ("og:video:height", "48"),
    ]
    assert page.metadata("og:image")[0] == ("og:image", made["preview_url"])


async def test_an_animation_and_a_song(api: Api) -> None:
    """Neither has been described: each has a name all the same."""
    anna = await api.person("anna")
    moving = await ready_film(api, anna)
    said = await api.say(anna, "", media_ids=[moving["id"]])
    page = await open_page(api, f"/@anna/{said['id']}")
    shown = page.one("video")
    assert {"loop", "muted", "controls"} <= shown.attributes.keys()
    assert shown["aria-label"] == "An animation without a description"
    assert page.one("title").text == "anna: An animation · Stonechat"

    humming = await ready_film(api, anna, song("mp3", "libmp3lame"))
    said = await api.say(anna, "", media_ids=[humming["id"]])
    humming = said["media_attachments"][0]
    page = await open_page(api, f"/@anna/{said['id']}")
    heard = page.one("audio")
    assert SITE + heard["src"] == humming["url"]
    assert heard["aria-label"] == "A recording without a description"
    assert page.metadata("og:audio") == [
        ("og:audio", humming["url"]),
        ("og:audio:type", "audio/mpeg"),
    ]
    assert page.metadata("og:image") == [("og:image", f"{SITE}/static/avatar.png")]


async def test_sensitive_media_are_folded_away(api: Api) -> None:
    """They stand in no preview elsewhere; without words, their description is in no title."""
    anna = await api.person("anna")
    first = await picture(api, anna, description="a wound")
    second = await picture(api, anna)
    said = await api.say(anna, "", media_ids=[first, second], sensitive=True)
    page = await open_page(api, f"/@anna/{said['id']}")
    folded = page.one("details", "warned")
    assert "open" not in folded.attributes
    assert " ".join(page.all("summary")[0].text.split()) == "Sensitive media: 2 pictures"
    assert "a wound" in folded.text
    assert page.one("title").text == "anna: Sensitive media: 2 pictures · Stonechat"
    assert page.meta("og:description") == "Sensitive media: 2 pictures"
    assert page.metadata("og:image") == [("og:image", f"{SITE}/static/avatar.png")]
    assert page.meta("twitter:card") == "summary"
    assert all(each["loading"] == "lazy" for each in page.all("img") if "/media/" in each["src"])

    third = await picture(api, anna)
    warned = await api.say(anna, "text", media_ids=[third], spoiler_text="Blood")
    page = await open_page(api, f"/@anna/{warned['id']}")
    # One fold, not one within another.
    assert [each.text for each in page.all("span", "label")] == ["Content warning:"]
    assert page.metadata("og:image") == [("og:image", f"{SITE}/static/avatar.png")]


async def test_a_post_without_words_has_a_title(api: Api) -> None:
    anna = await api.person("anna")
    for fields, title in (
        ([{"description": "a door"}, {"description": "a key"}, {}], "a door; a key"),
        ([{}, {}], "2 pictures"),
        ([{}], "A picture"),
        ([{"description": "very " * 40}], "very " * 12 + "very…"),
    ):
        media = [await picture(api, anna, **each) for each in fields]
        said = await api.say(anna, "", media_ids=media)
        page = await open_page(api, f"/@anna/{said['id']}")
        assert page.one("title").text == f"anna: {title} · Stonechat"
        assert page.meta("description")


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_s049_media_that_are_not_for_everybody_are_on_no_page(
    api: Api, visibility: str
) -> None:
    """S049: neither address nor description, on pages, in feeds, in metadata, in titles."""
    anna, bert = await api.person("anna"), await api.person("bert")
    public = await api.say(anna, "hello #soup")
    media_id = await picture(api, anna, description="for your eyes")
    secret = await api.say(
        anna,
        "@bert #soup",
        visibility=visibility,
        media_ids=[media_id],
        in_reply_to_id=public["id"],
    )
    name = secret["media_attachments"][0]["url"].rpartition("/")[2].partition(".")[0]
    pages = ["/", "/@anna", "/@anna/with_replies", "/tags/soup", f"/@anna/{public['id']}"]
    for path in (*pages, "/@anna/feed.atom", f"/@anna/{secret['id']}"):
        for who in (None, bert, anna):
            body = (await api.get(path, who)).body.decode()
            assert "for your eyes" not in body, path
            assert media_id not in body, path
            assert name not in body, path


async def test_s049_unfinished_and_loose_media_are_on_no_page(api: Api) -> None:
    """S049: what was uploaded is nobody else's before a public post shows it, nor afterwards."""
    anna = await api.person("anna")
    media_id = await picture(api, anna, description="loose")
    said = await api.say(anna, "with", media_ids=[await picture(api, anna)])
    page = await open_page(api, "/@anna")
    assert len(_sources(page)) == 2
    assert not [each for each in _sources(page) if media_id in each]
    path = f"/api/v1/statuses/{said['id']}"
    edited = await api.call("PUT", path, anna, json={"status": "without", "media_ids": []})
    assert edited.status == 200, edited.body
    assert _sources(await open_page(api, f"/@anna/{said['id']}")) == []
    await api.call("DELETE", path, anna)
    assert _sources(await open_page(api, "/@anna")) == []


async def test_s124_a_description_is_text(api: Api) -> None:
    """S119 and S124: nothing of it becomes an element, an attribute or a style."""
    anna = await api.person("anna")
    media_id = await picture(api, anna, description=HOSTILE)
    said = await api.say(anna, "", media_ids=[media_id])
    for path in ("/@anna", f"/@anna/{said['id']}"):
        page = await open_page(api, path)
        (shown,) = [each for each in page.all("img") if "/media/" in each["src"]]
        assert shown["alt"] == HOSTILE
        assert page.all("script") == []
        assert not [each for each in page.elements if {"style", "onerror"} & set(each.attributes)]
    assert page.metadata("og:image:alt") == [("og:image:alt", HOSTILE)]
