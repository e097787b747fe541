"""Media of the community: made of addresses, and shown to whom they are for."""

import json
from typing import Any

import pytest

from stonechat.domain import limits
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.contract.previews import URL, stones
from tests.contract.selfcommunity.community import label
from tests.contract.selfcommunity.media_calls import (
    COMPLETE,
    KEYS,
    MEDIA,
    chunk,
    fault,
    make,
    path_of,
    uploaded,
)
from tests.outside import answer
from tests.pictures import plain


async def contribute(api: Api, who: Person, *media_ids: int, **fields: Any) -> Reply:
    api.clock.move(milliseconds=1)
    body = {"action": None, "text": "see", "categories": [], "medias": list(media_ids), **fields}
    return await api.post("/api/v2/status/", who, json=body)


async def test_pages(api: Api) -> None:
    """2.5: a page with its preview, in the vendor's `sc_link`; a bare address without one."""
    amy = await api.person("amy")
    async with stones(api) as site:
        page = await make(api, amy, type="url", url=URL)
        assert list(page) == KEYS
        assert (page["type"], page["url"]) == ("url", URL)
        assert (page["title"], page["description"]) == ("Stones", "All about them")
        assert (page["image_width"], page["image_height"]) == (60, 40)
        embed = page["embed"]
        assert (embed["embed_type"], embed["metadata"]["url"]) == ("sc_link", URL)
        assert embed["metadata"]["images"] == [page["image"]]
        assert (await api.get(path_of(page["image"]))).status == 200
        # Another picture: of the site, the same one once more, and none.
        site.pages["/other.png"] = answer(plain(size=(30, 10)), kind="image/png")
        path = f"{MEDIA}{page['id']}/"
        changed = await api.call("PUT", path, amy, json={"image": "http://site.example/other.png"})
        assert (changed.status, changed.json["image_width"]) == (200, 30)
        asked = len(site.paths)
        same = await api.call("PUT", path, amy, json={"image": changed.json["image"]})
        assert (same.json["image"], len(site.paths)) == (changed.json["image"], asked)
        none = await api.call("PUT", path, amy, json={"image": URL})
        assert fault(none) == ("image", "invalid")
        fetched = await make(api, amy, type="image", url="http://site.example/stone.png")
        assert (fetched["type"], fetched["image_height"]) == ("image", 40)
        missing = await api.post(
            MEDIA, amy, json={"type": "image", "url": "http://site.example/no.png"}
        )
        assert fault(missing) == ("url", "invalid")
    await run_jobs(api)
    assert (await api.get(path_of(page["image"]))).status == 404
    bare = await make(api, amy, type="url", url="http://nowhere.example/")
    assert (bare["title"], bare["image"]) == ("http://nowhere.example/", None)
    assert bare["embed"]["metadata"]["title"] == "http://nowhere.example/"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2/x.png",
        "http://169.254.169.254/latest",
        "http://localhost/x.png",
        "http://[::1]/x.png",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://site.example:22/",
        "http://a@site.example/x.png",
        "http://stonechat.test/x.png",
        "x",
        "http://" + "a" * 5000,
    ],
)
async def test_s108_pictures_by_address_are_guarded(api: Api, url: str) -> None:
    """S108: the same guard as everywhere, and no word about what is behind it."""
    amy = await api.person("amy")
    reply = await api.post(MEDIA, amy, json={"type": "image", "url": url})
    assert (reply.status, fault(reply)[0]) == (400, "url"), reply.body
    assert api.outside.asked in ([], ["stonechat.test"])


async def test_shares_and_what_mastodon_sees(api: Api) -> None:
    """4.10: a share leads to the original; links are no attachments in the other dialect."""
    amy, bob, eve = [await api.person(name) for name in ("amy", "bob", "eve")]
    said = await api.say(amy, "original")
    share = await make(api, bob, type="share", shared_object=int(said["id"]))
    assert (share["type"], share["embed"]["embed_type"]) == ("share", "sc_shared_object")
    assert share["embed"]["metadata"] == {"type": "status", "id": int(said["id"])}
    page = await make(api, bob, type="url", url="http://nowhere.example/")
    image = await uploaded(api, bob, plain())
    passed_on = await contribute(api, bob, share["id"], page["id"], image["id"])
    assert passed_on.status == 201, passed_on.body
    kinds = [(each["type"], each["order"]) for each in passed_on.json["medias"]]
    assert kinds == [("share", 0), ("url", 1), ("image", 2)]
    status = (await api.get(f"/api/v1/statuses/{passed_on.json['id']}")).json
    assert [each["type"] for each in status["media_attachments"]] == ["image"]
    # A share of the share is one of the original, by the client's other name too.
    again = await make(api, eve, type="share", share_object=passed_on.json["id"])
    assert again["embed"]["metadata"]["id"] == int(said["id"])
    second = await make(api, bob, type="share", shared_object=int(said["id"]))
    third = await make(api, bob, type="share", shared_object=int(said["id"]))
    twice = await contribute(api, bob, second["id"], third["id"])
    assert fault(twice)[0] == "medias"
    # Somebody else may see it as long as it is shown to them, and never change it.
    seen = await api.get(f"{MEDIA}{page['id']}/", eve)
    assert seen.status == 200
    for method, body in (("PUT", {"image": "http://site.example/x.png"}), ("DELETE", None)):
        reply = await api.call(method, f"{MEDIA}{page['id']}/", eve, json=body)
        absent = await api.call(method, f"{MEDIA}77/", eve, json=body)
        assert (reply.status, reply.body) == (404, absent.body)
    # A page that stands alone is a card there.
    page = await make(api, bob, type="url", url="http://nowhere.example/")
    alone = (await contribute(api, bob, page["id"])).json
    status = (await api.get(f"/api/v1/statuses/{alone['id']}")).json
    assert (status["card"]["url"], status["media_attachments"]) == ("http://nowhere.example/", [])
    card = await api.get(f"/api/v1/statuses/{alone['id']}/card")
    assert card.json == status["card"]
    assert "nowhere.example" in (await api.get(f"/@bob/{alone['id']}")).body.decode()
    by_media = await api.get(f"/api/v1/accounts/{bob.id}/statuses?only_media=true")
    assert [each["id"] for each in by_media.json] == [str(passed_on.json["id"])]
    # An edit in the other dialect takes no link away.
    edited = await api.call(
        "PUT", f"/api/v1/statuses/{passed_on.json['id']}", bob, json={"status": "new"}
    )
    assert (edited.status, edited.json["media_attachments"]) == (200, [])
    after = (await api.get(f"/api/v2/status/{passed_on.json['id']}/", bob)).json
    assert [each["type"] for each in after["medias"]] == ["share", "url"]


async def test_s039_media_that_may_not_be_taken(api: Api) -> None:
    """S039, S085: another's, what is taken, too many, and links in the other dialect."""
    amy, bob = await api.person("amy"), await api.person("bob")
    page = await make(api, amy, type="url", url="http://nowhere.example/")
    assert fault(await contribute(api, bob, page["id"])) == ("medias", "does_not_exist")
    wrong = await api.post(
        "/api/v1/statuses", amy, json={"status": "x", "media_ids": [str(page["id"])]}
    )
    assert wrong.status == 422
    assert (await api.get(f"/api/v1/media/{page['id']}", amy)).status == 404
    assert (await contribute(api, amy, page["id"])).status == 201
    assert fault(await contribute(api, amy, page["id"])) == ("medias", "does_not_exist")
    many = await contribute(api, amy, *range(1, limits.CONTRIBUTION_MEDIA_MAX + 2))
    assert fault(many)[0] == "medias"
    assert (await contribute(api, amy, *range(1, 10_001))).status == 400
    held = await api.call("DELETE", f"{MEDIA}{page['id']}/", amy)
    assert held.status == 400


async def test_s102_media_of_what_is_for_some(api: Api) -> None:
    """S102: an upload that a private status shows is absent for whoever does not see that one."""
    amy, bob = await api.person("amy"), await api.person("bob")
    image = await uploaded(api, amy, plain())
    fields = {"status": "x", "media_ids": [str(image["id"])], "visibility": "private"}
    assert (await api.post("/api/v1/statuses", amy, json=fields)).status == 200
    for path, method in (
        (f"{MEDIA}{image['id']}/", "GET"),
        (f"{MEDIA}{image['id']}/click/", "POST"),
    ):
        reply = await api.call(method, path, bob)
        absent = await api.call(method, path.replace(str(image["id"]), "77"), bob)
        assert (reply.status, reply.body) == (404, absent.body)
    own = await api.get(f"{MEDIA}{image['id']}/", amy)
    assert "?for=" in own.json["image"]
    assert (await api.post(f"{MEDIA}{image['id']}/click/", amy, json={"ip": "1.2.3.4"})).body == b""
    share = await api.post(MEDIA, bob, json={"type": "share", "shared_object": image["id"]})
    assert fault(share) == ("shared_object", "does_not_exist")


async def test_pictures_inside_a_text(api: Api) -> None:
    """3.5: an `eimage` goes with the text that shows it, to whom that is for, without its seal."""
    ada = await api.person("ada", role="admin")
    amy, bob, eve = [await api.person(name) for name in ("amy", "bob", "eve")]
    for fields, is_open in (
        ({}, True),
        ({"addressing": [await label(api, ada, "x", amy, bob)]}, False),
    ):
        image = await uploaded(api, amy, plain(), type="eimage")
        text = f'<p>look <img src="{image["image"]}" alt="red"></p>'
        said = await contribute(api, amy, text=text, **fields)
        assert said.status == 201, said.body
        assert [each["id"] for each in said.json["medias"]] == [image["id"]]
        path = f"/api/v2/status/{said.json['id']}/"
        shown = (await api.get(path, bob)).json["html"].partition('src="')[2].partition('"')[0]
        bare = image["image"].partition("?")[0]
        assert (shown == bare, shown.startswith(bare)) == (is_open, True)
        assert (await api.get(path_of(shown))).status == 200
        assert (await api.get(path_of(bare))).status == (200 if is_open else 404)
        assert image["image"] not in (await api.get(path, bob)).body.decode()
        assert (await api.get(path, eve)).status == (200 if is_open else 404)
    # Somebody else's picture in one's own text stays whose it is.
    stolen = await contribute(api, bob, text=f'<p><img src="{image["image"]}"></p>', **fields)
    assert (stolen.status, stolen.json["medias"]) == (201, [])
    assert "?for=" not in stolen.json["html"]


async def test_films_and_cards_of_the_other_dialect(api: Api) -> None:
    """3.5: a film is a page of the type `video`, a card is a medium of the type `url`."""
    amy = await api.person("amy")
    image = await uploaded(api, amy, plain())
    said = await api.say(amy, "look", media_ids=[str(image["id"])])
    shown = (await api.get(f"/api/v2/status/{said['id']}/", amy)).json["medias"]
    assert [each["id"] for each in shown] == [image["id"]]
    assert "?for=" not in shown[0]["image"]
    assert (await api.post(f"{MEDIA}{image['id']}/click/")).status == 204
    async with stones(api):
        linked = await api.say(amy, f"see {URL}")
        await run_jobs(api)
    (card,) = (await api.get(f"/api/v2/status/{linked['id']}/", amy)).json["medias"]
    assert list(card) == KEYS
    assert (card["type"], card["title"], card["image_width"]) == ("url", "Stones", 60)
    # An edit that sends it back keeps it.
    body = {"action": None, "text": f"see {URL}", "categories": [], "medias": [card["id"]]}
    edited = await api.call("PUT", f"/api/v2/status/{linked['id']}/", amy, json=body)
    assert (edited.status, edited.json["medias"]) == (200, [card])


async def test_s086_types_and_fields(api: Api) -> None:
    """S086, S087: what is missing, unknown or of another shape is named."""
    amy = await api.person("amy")
    for body, expected in (
        ({}, ("type", "required")),
        ({"type": "video"}, ("type", "invalid_choice")),
        ({"type": ["url"]}, ("type", "invalid_choice")),
        ({"type": "url"}, ("url", "required")),
        ({"type": "url", "url": ["http://a.example/"]}, ("url", "invalid")),
        ({"type": "share"}, ("shared_object", "required")),
        ({"type": "share", "event_object": 3}, ("event_object", "invalid")),
        ({"type": "share", "shared_object": 2**63}, ("shared_object", "does_not_exist")),
        ({"type": "share", "shared_object": [1, 2]}, ("shared_object", "invalid")),
        ({"type": "embed"}, ("embed", "required")),
    ):
        reply = await api.post(MEDIA, amy, json=body)
        assert (reply.status, fault(reply)) == (400, expected), body
    for body, field in (
        ({}, "upload_id"),
        ({"upload_id": "1"}, "md5"),
        ({"upload_id": "1", "md5": "z" * 32}, "md5"),
        ({"upload_id": "1", "md5": "a" * 32, "type": "video"}, "type"),
        ({"upload_id": "1", "md5": "a" * 32}, "upload_id"),
    ):
        reply = await api.post(COMPLETE, amy, json=body)
        assert (reply.status, fault(reply)[0]) == (400, field), body
    assert (await api.post(MEDIA, json={"type": "url"})).status == 401
    assert json.loads((await api.get(f"{MEDIA}1/")).body)["errors"]


CORPUS = ("\0", "a\0b", "{{7*7}}", "' OR 1=1 --", "%_\\", "\u202e", "\U000e0041", "x" * 40_000)


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
async def test_s083_s091_strange_texts(api: Api, text: str) -> None:
    """S083, S084, S091: taken literally or refused, in every field; never a fault of ours."""
    amy = await api.person("amy")
    embed = {"embed_type": text, "embed_id": text, "url": text, "metadata": {text: text}}
    bodies: list[Any] = [
        {"type": text, "url": text},
        {"type": "url", "url": text},
        {"type": "url", "url": f"http://nowhere.example/{text}"},
        {"type": "image", "url": text},
        {"type": "share", "shared_object": text},
        {"type": "embed", "embed": embed},
        {"type": "embed", "embed": {"embed_type": "a", "embed_id": "b", "metadata": {"a": text}}},
    ]
    for body in bodies:
        assert (await api.post(MEDIA, amy, json=body)).status in (201, 400), body
    for body in (
        {"upload_id": text, "md5": text},
        {"upload_id": "1", "md5": "a" * 32, "type": text},
    ):
        assert (await api.post(COMPLETE, amy, json=body)).status == 400
    sent = await chunk(api, amy, b"abc", "bytes 0-2/3", name=text.replace("\0", "")[:2000] or "x")
    assert sent.status in (201, 400), sent.body
    assert (await api.post(f"{MEDIA}1/click/", json={"ip": text})).status in (400, 404)
    if "\0" in text:
        assert (await api.post(MEDIA, amy, json=bodies[-1])).status == 400
