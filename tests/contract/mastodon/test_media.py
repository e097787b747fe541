"""Media: uploading, reading, describing, throwing away. ME1 to ME12.

What decoders make of which file is tested with them; here it is who may do what, and when.
"""

import asyncio

import pytest

from stonechat.domain import limits
from tests.contract.api import Api
from tests.contract.people import run_jobs
from tests.contract.uploads import (
    BROKEN,
    V1,
    V2,
    film,
    multipart,
    picture,
    ready_film,
    send,
    stored,
)
from tests.films import film as clip
from tests.films import song
from tests.pictures import animated, plain

KEYS = {
    "id",
    "type",
    "url",
    "preview_url",
    "remote_url",
    "preview_remote_url",
    "text_url",
    "meta",
    "description",
    "blurhash",
}
NOT_FOUND = {"error": "Record not found"}
SITE = "http://stonechat.test"


@pytest.mark.parametrize("path", [V1, V2])
async def test_a_picture_is_ready_at_once(api: Api, path: str) -> None:
    """ME1, ME9: 200 with every key; measures of the original and of the preview."""
    anna = await api.person("anna")
    reply = await send(
        api, anna, plain(size=(600, 400)), path, description=" a red field ", focus="0.1,-0.2"
    )
    assert reply.status == 200, reply.body
    made = reply.json
    assert set(made) == KEYS
    assert made["type"] == "image"
    assert made["description"] == "a red field"
    assert made["remote_url"] is made["preview_remote_url"] is made["text_url"] is None
    assert made["url"].startswith(f"{SITE}/media/{anna.id}/{made['id']}/")
    original, small = made["meta"]["original"], made["meta"]["small"]
    assert (original["width"], original["height"]) == (600, 400)
    assert (original["size"], original["aspect"]) == ("600x400", 1.5)
    assert set(small) == {"width", "height", "size", "aspect"}
    assert made["meta"]["focus"] == {"x": 0.1, "y": -0.2}
    assert len(made["blurhash"]) >= 6
    assert (await api.get(f"{V1}/{made['id']}", anna)).json == made


async def test_a_film_takes_its_time(api: Api) -> None:
    """ME1, ME5, ME6: 202 and 206 without an address, then 200 with one; no source stays."""
    anna = await api.person("anna")
    begun = await film(api, anna, description="it moves")
    assert begun.status == 202
    assert set(begun.json) == KEYS
    assert begun.json["url"] is begun.json["preview_url"] is begun.json["meta"] is None
    path = f"{V1}/{begun.json['id']}"
    waiting = await api.get(path, anna)
    assert (waiting.status, waiting.json) == (206, begun.json)
    assert len(await stored(api, "uploads")) == 1
    await run_jobs(api)
    made = await api.get(path, anna)
    assert (made.status, made.json["type"]) == (200, "gifv")
    assert made.json["description"] == "it moves"
    assert made.json["url"].partition("?")[0].endswith(".mp4")
    assert {"width", "height", "frame_rate", "duration", "bitrate"} <= set(
        made.json["meta"]["original"]
    )
    await run_jobs(api)
    assert await stored(api, "uploads") == set()
    assert len(await stored(api)) == 2


async def test_me5_what_is_what(api: Api) -> None:
    """ME5: still pictures are images, what moves without sound is gifv, the rest video or audio."""
    anna = await api.person("anna")
    for kind in ("JPEG", "PNG", "WEBP"):
        assert (await send(api, anna, plain(kind))).json["type"] == "image", kind
    for content, kind in (
        (plain("GIF"), "image"),
        (animated("GIF", 2), "gifv"),
        (clip("webm", video="libvpx", sound=None), "gifv"),
        (clip("mp4"), "video"),
        (song("mp3", "mp3"), "audio"),
        (song("ogg", "libopus"), "audio"),
    ):
        made = await ready_film(api, anna, content)
        assert made["type"] == kind
        assert made["meta"]["original"]
        fetched = await api.get(made["url"].removeprefix(SITE))
        expected = {"image": "image/", "gifv": "video/mp4", "video": "video/mp4", "audio": "audio/"}
        assert fetched.headers["content-type"].startswith(expected[kind])


async def test_version_1_waits_for_a_film(api: Api) -> None:
    """ME1: version 1 answers with what is ready."""
    anna = await api.person("anna")

    async def work() -> None:
        for _ in range(1000):
            if await run_jobs(api):
                return
            await asyncio.sleep(0.01)

    reply, _ = await asyncio.gather(send(api, anna, animated("GIF", 3), V1), work())
    assert (reply.status, reply.json["type"]) == (200, "gifv")
    assert reply.json["url"] is not None


async def test_a_film_that_is_none(api: Api) -> None:
    """ME3, ME6: what cannot be made says why, from then on; and is not attached."""
    anna = await api.person("anna")
    begun = await send(api, anna, BROKEN)
    assert begun.status == 202
    await run_jobs(api)
    await run_jobs(api)
    reply = await api.get(f"{V1}/{begun.json['id']}", anna)
    assert reply.status == 422
    assert reply.json["error"]
    assert await stored(api, "uploads") == await stored(api) == set()
    refused = await api.post(
        "/api/v1/statuses", anna, json={"status": "x", "media_ids": [begun.json["id"]]}
    )
    assert refused.status == 422


async def test_callers(api: Api) -> None:
    """ME2: a scope for reading is not enough, and nobody uploads unknown. No body is received."""
    await api.person("anna")
    reading = await api.token("anna", "read")
    for path in (V1, V2):
        assert (await send(api, None, plain(), path)).status == 401
        assert (await send(api, "made-up", plain(), path)).status == 401
        assert (await send(api, reading, plain(), path)).status == 403
    assert not (api.env.settings.data_dir / "spool").exists()
    with_parameter = await send(api, None, plain(), f"{V2}?access_token={await api.token('anna')}")
    assert with_parameter.status == 200


async def test_files_that_are_no_media(api: Api) -> None:
    """ME3: type by content; a picture that is cut is refused at once and leaves nothing."""
    anna = await api.person("anna")
    for content in (b"", b"hello", b"<html>", b"%PDF-1.7", b"\0" * 5000):
        reply = await send(api, anna, content)
        assert (reply.status, reply.json) == (
            422,
            {"error": "File type of uploaded media could not be verified"},
        ), content
    cut = await send(api, anna, plain(size=(500, 500))[:200])
    assert cut.status == 422
    for how in ({"json": {}}, {"form": {"description": "x"}}, multipart({"a": "b"}, {})):
        reply = await api.post(V2, anna, **how)
        assert (reply.status, reply.json) == (
            422,
            {"error": "Validation failed: File can't be blank"},
        )
    assert (await api.post(V2, anna, json={"file": "text"})).status == 422
    assert await stored(api) == await stored(api, "uploads") == set()


@pytest.mark.parametrize(
    ("description", "status"),
    [("x" * 1500, 200), ("x" * 1501, 422), ("\U0001f469\u200d\U0001f467" * 1500, 200)],
)
async def test_descriptions_have_a_bound(api: Api, description: str, status: int) -> None:
    """ME4: 1,500 characters as readers count them."""
    anna = await api.person("anna")
    assert (await send(api, anna, plain(), description=description)).status == status
    media_id = await picture(api, anna)
    changed = await api.call("PUT", f"{V1}/{media_id}", anna, json={"description": description})
    assert changed.status == status
    if status == 422:
        assert changed.json["error"].startswith("Validation failed: Description is too long")


async def test_focus(api: Api) -> None:
    """ME9: two numbers, each within -1 and 1."""
    anna = await api.person("anna")
    media_id = await picture(api, anna)
    path = f"{V1}/{media_id}"
    for sent, focus in (("0,0", (0, 0)), ("-7, 1e9", (-1, 1)), ("0.25,-0.5", (0.25, -0.5))):
        reply = await api.call("PUT", path, anna, form={"focus": sent})
        assert reply.json["meta"]["focus"] == {"x": focus[0], "y": focus[1]}
    for sent in ("1", "1,2,3", "a,b", "nan,0", "0,inf", "1" * 101):
        assert (await api.call("PUT", path, anna, json={"focus": sent})).status == 422, sent
    assert (await api.get(path, anna)).json["meta"]["focus"] == {"x": 0.25, "y": -0.5}


async def test_reading_and_changing_is_for_the_owner_until_a_status_has_it(api: Api) -> None:
    """ME6, ME7, ME8: free and own is found; attached, another's and absent are not."""
    anna, bert = await api.person("anna"), await api.person("bert")
    media_id = await picture(api, anna, description="old", focus="0.5,0.5")
    path = f"{V1}/{media_id}"
    changed = await api.call("PUT", path, anna, json={"description": "new"})
    assert (changed.status, changed.json["description"]) == (200, "new")
    assert changed.json["meta"]["focus"] == {"x": 0.5, "y": 0.5}
    emptied = await api.call("PUT", path, anna, json={"description": ""})
    assert emptied.json["description"] is None
    for method in ("GET", "PUT", "DELETE"):
        for who, at in ((bert, path), (anna, f"{V1}/1"), (anna, f"{V1}/x")):
            reply = await api.call(method, at, who)
            assert (reply.status, reply.json) == (404, NOT_FOUND), (method, at)
    said = await api.say(anna, "look", media_ids=[media_id])
    for method in ("GET", "PUT"):
        reply = await api.call(method, path, anna)
        assert (reply.status, reply.json) == (404, NOT_FOUND)
    held = await api.call("DELETE", path, anna)
    assert (held.status, held.json) == (
        422,
        {"error": "Media attachment is currently used by a status"},
    )
    # Delete and redraft: what a deleted status had is free again.
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    assert (await api.get(path, anna)).status == 200
    assert (await api.call("PUT", path, anna, json={"description": "again"})).status == 200
    again = await api.say(anna, "look again", media_ids=[media_id])
    assert again["media_attachments"][0]["description"] == "again"


async def test_deleting(api: Api) -> None:
    """ME8: {} and then 404; the files go with it."""
    anna = await api.person("anna")
    media_id = await picture(api, anna)
    assert await stored(api)
    gone = await api.call("DELETE", f"{V1}/{media_id}", anna)
    assert (gone.status, gone.json) == (200, {})
    assert (await api.get(f"{V1}/{media_id}", anna)).status == 404
    assert (await api.call("DELETE", f"{V1}/{media_id}", anna)).status == 404
    await run_jobs(api)
    assert await stored(api) == set()
    begun = await film(api, anna)
    assert (await api.call("DELETE", f"{V1}/{begun.json['id']}", anna)).status == 200
    await run_jobs(api)
    await run_jobs(api)
    assert await stored(api) == await stored(api, "uploads") == set()


async def test_a_thumbnail_stands_for_a_film(api: Api) -> None:
    """ME7, ME11: with the upload, and in its place later; a picture is its own."""
    anna = await api.person("anna")
    content = multipart({}, {"file": animated("GIF", 3), "thumbnail": plain(size=(90, 30))})
    begun = await api.post(V2, anna, **content)
    assert begun.status == 202
    await run_jobs(api)
    path = f"{V1}/{begun.json['id']}"
    made = (await api.get(path, anna)).json
    assert (made["meta"]["small"]["width"], made["meta"]["small"]["height"]) == (90, 30)
    other = multipart({"description": "two"}, {"thumbnail": plain(size=(30, 90))})
    changed = await api.call("PUT", path, anna, **other)
    assert (changed.status, changed.json["description"]) == (200, "two")
    assert changed.json["url"] == made["url"]
    assert changed.json["preview_url"] != made["preview_url"]
    small = changed.json["meta"]["small"]
    assert (small["width"], small["height"]) == (30, 90)
    await run_jobs(api)
    assert len(await stored(api)) == 2
    bad = await api.call("PUT", path, anna, **multipart({}, {"thumbnail": b"<html>"}))
    assert bad.status == 422
    media_id = await picture(api, anna)
    kept = (await api.get(f"{V1}/{media_id}", anna)).json
    same = await api.call("PUT", f"{V1}/{media_id}", anna, **other)
    assert same.json["preview_url"] == kept["preview_url"]


async def test_sizes_have_bounds(sqlite_api: Api) -> None:
    """ME12: one byte more than a picture may have, and as much as a film may have."""
    anna = await sqlite_api.person("anna")
    over = plain() + b"\0" * limits.MEDIA_IMAGE_BYTES_MAX
    reply = await send(sqlite_api, anna, over)
    assert (reply.status, reply.json) == (
        422,
        {"error": "Validation failed: File must be less than 16 MB"},
    )
    huge = animated("GIF", 3) + b"\0" * limits.MEDIA_FILM_BYTES_MAX
    reply = await send(sqlite_api, anna, huge)
    assert (reply.status, reply.json) == (
        422,
        {"error": "Validation failed: File must be less than 99 MB"},
    )
    assert await stored(sqlite_api, "uploads") == set()
