"""Media: uploading, reading, describing, throwing away, and what statuses take: ME, ST15 to ST20.

What decoders make of which file is tested with them; here it is who may do what, and when.
"""

import asyncio
from typing import Any

import pytest

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, MediaId
from stonechat.services import cleaning, media
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.contract.uploads import multipart, picture, send
from tests.pictures import animated, plain

V1 = "/api/v1/media"
V2 = "/api/v2/media"
FIRST_JOB = "SELECT payload FROM jobs WHERE run_ms >= 0 ORDER BY run_ms LIMIT 1"
BROKEN = b"\x1a\x45\xdf\xa3" + b"\0" * 500
"""It begins as a film."""
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


async def film(api: Api, who: Person, **fields: str) -> Reply:
    """Upload something that takes its time."""
    return await send(api, who, animated("GIF", 3), **fields)


async def ready_film(api: Api, who: Person, **fields: str) -> dict[str, Any]:
    begun = await film(api, who, **fields)
    assert begun.status == 202, begun.body
    await run_jobs(api)
    reply = await api.get(f"{V1}/{begun.json['id']}", who)
    assert reply.status == 200, reply.body
    return reply.json


async def stored(api: Api, shelf: str = "media") -> set[str]:
    """What lies on a shelf."""
    return {name async for name in api.env.blobs.list_names(shelf)}


async def post(api: Api, who: Person, **fields: Any) -> Reply:
    api.clock.move(milliseconds=1)
    return await api.post("/api/v1/statuses", who, json=fields)


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


async def test_a_job_that_runs_twice_makes_it_once(api: Api) -> None:
    """A runner that was taken for dead has named and stored the files already."""
    anna = await api.person("anna")
    begun = await film(api, anna)
    row = await api.env.db.one(FIRST_JOB)
    assert row is not None
    await run_jobs(api)
    before = (await api.get(f"{V1}/{begun.json['id']}", anna)).json
    files = await stored(api)
    await api.env.db.write(
        lambda tx: tx.run(
            "INSERT INTO jobs (id, kind, payload, run_ms) VALUES (1, 'process_media', $1, 0)",
            row[0],
        )
    )
    await run_jobs(api)
    await run_jobs(api)
    assert (await api.get(f"{V1}/{begun.json['id']}", anna)).json == before
    assert await stored(api) == files
    assert await api.env.db.one(FIRST_JOB) is None


async def test_a_job_that_broke_off_is_taken_up(api: Api) -> None:
    """Names were written, files were not: the next run stores them under these very names."""
    anna = await api.person("anna")
    await ready_film(api, anna)
    begun = await film(api, anna)
    suffixes = {name.rpartition(".")[2] for name in await stored(api)} - {"mp4"}
    names = f"{'a' * 32}.mp4", f"{'b' * 32}.{suffixes.pop()}"
    await api.env.db.write(
        lambda tx: tx.run(
            "UPDATE media SET file = $3, preview = $4 WHERE account_id = $1 AND id = $2",
            int(anna.id),
            int(begun.json["id"]),
            *names,
        )
    )
    await run_jobs(api)
    made = (await api.get(f"{V1}/{begun.json['id']}", anna)).json
    assert made["url"].partition("?")[0].endswith(names[0])
    assert made["preview_url"].partition("?")[0].endswith(names[1])
    assert await stored(api) >= set(names)
    assert len(await stored(api)) == 4


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
    refused = await post(api, anna, status="x", media_ids=[begun.json["id"]])
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


async def test_the_order_is_that_of_the_ids(api: Api) -> None:
    """ST19, ST20: media alone are a post; each once, in the order of `media_ids`."""
    anna = await api.person("anna")
    ids = [await picture(api, anna) for _ in range(4)]
    wanted = [ids[2], ids[0], ids[3], ids[1]]
    reply = await post(api, anna, media_ids=[*wanted, ids[2]])
    assert reply.status == 200, reply.body
    assert reply.json["content"] in ("", "<p></p>")
    assert [each["id"] for each in reply.json["media_attachments"]] == wanted
    found = await api.get(f"/api/v1/statuses/{reply.json['id']}")
    assert found.json["media_attachments"] == reply.json["media_attachments"]
    assert set(reply.json["media_attachments"][0]) == KEYS


async def test_st15_no_more_than_four(api: Api) -> None:
    """ST15"""
    anna = await api.person("anna")
    ids = [await picture(api, anna) for _ in range(5)]
    reply = await post(api, anna, status="x", media_ids=ids)
    assert (reply.status, reply.json) == (422, {"error": "Cannot attach more than 4 files"})
    assert (await post(api, anna, status="x", media_ids=ids[:4])).status == 200


async def test_st16_a_video_stands_alone(api: Api) -> None:
    """ST16: beside anything else it is refused; a moving picture is none."""
    anna = await api.person("anna")
    moving = (await ready_film(api, anna))["id"]
    still = await picture(api, anna)
    assert (await post(api, anna, status="x", media_ids=[moving, still])).status == 200
    for kind in ("video", "audio"):
        alone, beside = (await ready_film(api, anna))["id"], await picture(api, anna)
        await api.env.db.write(
            lambda tx, kind=kind, alone=alone: tx.run(
                "UPDATE media SET type = $3 WHERE account_id = $1 AND id = $2",
                int(anna.id),
                int(alone),
                kind,
            )
        )
        reply = await post(api, anna, status="x", media_ids=[beside, alone])
        assert (reply.status, reply.json) == (
            422,
            {"error": "Cannot attach a video to a post that already contains images"},
        )
        assert (await post(api, anna, status="x", media_ids=[alone])).status == 200


async def test_st17_s039_what_is_not_mine_or_not_free(api: Api) -> None:
    """ST17, S039: another's, attached, scheduled, thrown away, never there: one answer."""
    anna, bert = await api.person("anna"), await api.person("bert")
    mine, theirs = await picture(api, anna), await picture(api, bert)
    used, gone, later = [await picture(api, anna) for _ in range(3)]
    await api.say(anna, "first", media_ids=[used])
    await api.call("DELETE", f"{V1}/{gone}", anna)
    due = "2031-01-01T00:00:00Z"
    assert (await post(api, anna, status="x", media_ids=[later], scheduled_at=due)).status == 200
    for each in (theirs, used, gone, later, "1"):
        reply = await post(api, anna, status="x", media_ids=[mine, each])
        assert (reply.status, reply.json) == (
            422,
            {"error": f"Media {each} not found or already attached to another post"},
        )
    both = await post(api, anna, status="x", media_ids=[theirs, gone])
    assert both.json["error"] == (
        f"Media {theirs}, {gone} not found or already attached to another post"
    )
    # Nothing was taken by what was refused.
    assert (await api.get(f"{V1}/{mine}", anna)).status == 200
    assert (await api.get(f"{V1}/{theirs}", bert)).status == 200
    assert (await api.get(f"{V1}/{later}", anna)).status == 404
    assert (await post(api, anna, status="x", media_ids=[mine])).status == 200


async def test_st17_one_of_many_at_once_gets_it(api: Api) -> None:
    """ST17: eight posts at once want the same picture."""
    anna = await api.person("anna")
    media_id = await picture(api, anna)
    replies = await asyncio.gather(
        *(
            api.post("/api/v1/statuses", anna, json={"status": str(n), "media_ids": [media_id]})
            for n in range(8)
        )
    )
    assert sorted(reply.status for reply in replies) == [200] + [422] * 7
    seen = (await api.get(f"/api/v1/accounts/{anna.id}/statuses", anna)).json
    assert [len(each["media_attachments"]) for each in seen] == [1]


async def test_st18_what_is_still_processed(api: Api) -> None:
    """ST18"""
    anna = await api.person("anna")
    begun = await film(api, anna)
    reply = await post(api, anna, status="x", media_ids=[begun.json["id"]])
    words = "Cannot attach files that have not finished processing. Try again in a moment!"
    assert (reply.status, reply.json) == (422, {"error": words})
    await run_jobs(api)
    assert (await post(api, anna, status="x", media_ids=[begun.json["id"]])).status == 200


async def test_sr5_delete_with_media(api: Api) -> None:
    """SR5: with `delete_media` the files go; else they wait for what is said next."""
    anna = await api.person("anna")
    first, second = await picture(api, anna), await picture(api, anna)
    kept = await api.say(anna, "one", media_ids=[first])
    lost = await api.say(anna, "two", media_ids=[second])
    await api.call("DELETE", f"/api/v1/statuses/{kept['id']}", anna)
    await api.call("DELETE", f"/api/v1/statuses/{lost['id']}?delete_media=true", anna)
    await run_jobs(api)
    assert (await api.get(f"{V1}/{first}", anna)).status == 200
    assert (await api.get(f"{V1}/{second}", anna)).status == 404
    assert len(await stored(api)) == 2


async def test_sr11_sr13_editing_media(api: Api) -> None:
    """SR11, SR13: an edit describes anew, takes off and puts on; history keeps what was."""
    anna = await api.person("anna")
    first, second = await picture(api, anna, description="one"), await picture(api, anna)
    said = await api.say(anna, "look", media_ids=[first])
    path = f"/api/v1/statuses/{said['id']}"
    changes = [
        {"id": first, "description": "uno", "focus": "1,1"},
        {"id": second, "description": "due"},
    ]
    api.clock.move(seconds=1)
    edited = await api.call(
        "PUT",
        path,
        anna,
        json={"status": "look", "media_ids": [second, first], "media_attributes": changes},
    )
    assert edited.status == 200, edited.body
    shown = edited.json["media_attachments"]
    assert [each["description"] for each in shown] == ["due", "uno"]
    assert shown[1]["meta"]["focus"] == {"x": 1.0, "y": 1.0}
    api.clock.move(seconds=1)
    edited = await api.call("PUT", path, anna, json={"status": "look"})
    assert edited.json["media_attachments"] == []
    history = (await api.get(f"{path}/history", anna)).json
    assert [[each["description"] for each in one["media_attachments"]] for one in history] == [
        ["one"],
        ["due", "uno"],
        [],
    ]
    # What the history shows stays with the status, and its files stay for a day and longer.
    assert (await post(api, anna, status="x", media_ids=[first])).status == 422
    api.clock.move(hours=30)
    await cleaning.clean_up(api.env, {})
    await run_jobs(api)
    old = history[0]["media_attachments"][0]["url"].removeprefix(SITE)
    assert (await api.get(old)).status == 200
    again = await api.call("PUT", path, anna, json={"status": "look", "media_ids": [first]})
    assert [each["id"] for each in again.json["media_attachments"]] == [first]


async def test_another_cannot_reword_what_is_not_theirs(api: Api) -> None:
    """S039: `media_attributes` of an edit reach no further than the status and what is free."""
    anna, bert = await api.person("anna"), await api.person("bert")
    theirs = await picture(api, bert, description="theirs")
    held = await picture(api, anna, description="held")
    await api.say(anna, "one", media_ids=[held])
    said = await api.say(anna, "two")
    changes = [{"id": each, "description": "changed"} for each in (theirs, held)]
    reply = await api.call(
        "PUT",
        f"/api/v1/statuses/{said['id']}",
        anna,
        json={"status": "three", "media_attributes": changes},
    )
    assert reply.status == 200
    assert (await api.get(f"{V1}/{theirs}", bert)).json["description"] == "theirs"
    found = await media.media.find(api.env.db, AccountId(int(anna.id)), MediaId(int(held)))
    assert found is not None
    assert found.view.description == "held"


async def test_me14_what_nobody_holds_is_swept(api: Api) -> None:
    """ME14: a day after the upload; what a status or a scheduled one holds stays."""
    anna = await api.person("anna")
    free, held, later = [await picture(api, anna) for _ in range(3)]
    begun = (await film(api, anna)).json["id"]
    broken = (await send(api, anna, BROKEN)).json["id"]
    said = await api.say(anna, "look", media_ids=[held])
    due = "2031-01-01T00:00:00Z"
    await post(api, anna, status="x", media_ids=[later], scheduled_at=due)
    api.clock.move(hours=23)
    await cleaning.clean_up(api.env, {})
    assert (await api.get(f"{V1}/{free}", anna)).status == 200
    api.clock.move(hours=2)
    await cleaning.clean_up(api.env, {})
    for _ in range(3):
        await run_jobs(api)
    for media_id in (free, begun, broken):
        assert (await api.get(f"{V1}/{media_id}", anna)).status == 404
    assert len(await stored(api)) == 4
    assert await stored(api, "uploads") == set()
    # What a deleted status had lies as long as the status does.
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    api.clock.move(days=29)
    await cleaning.clean_up(api.env, {})
    await run_jobs(api)
    assert len(await stored(api)) == 4
    api.clock.move(days=2)
    await cleaning.clean_up(api.env, {})
    for _ in range(3):
        await run_jobs(api)
    assert len(await stored(api)) == 2
    me = AccountId(int(anna.id))
    assert await media.media.find(api.env.db, me, MediaId(int(held))) is None


async def test_uploads_that_nothing_shows_have_a_bound(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody fills the disk with what nobody sees."""
    monkeypatch.setattr(limits, "MEDIA_FREE_PER_ACCOUNT_MAX", 3)
    anna = await sqlite_api.person("anna")
    ids = [await picture(sqlite_api, anna) for _ in range(3)]
    over = await send(sqlite_api, anna, plain())
    assert over.status == 422
    assert "3 files that no post shows" in over.json["error"]
    await sqlite_api.say(anna, "x", media_ids=ids[:1])
    assert (await send(sqlite_api, anna, plain())).status == 200


async def upload_with_key(api: Api, who: Person, key: str, content: bytes) -> Reply:
    form = multipart({"description": "one"}, {"file": content})
    form["headers"]["Idempotency-Key"] = key
    return await api.post(V2, who, **form)


async def test_64_uploads_with_one_key_are_one(api: Api) -> None:
    """One row, one id, and every answer a success; also a day later, and then no more."""
    anna = await api.person("anna")
    replies = await asyncio.gather(*(upload_with_key(api, anna, "k", plain()) for _ in range(64)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.json["id"] for reply in replies}) == 1
    assert len({reply.body for reply in replies}) == 1
    counted = await api.env.db.one("SELECT COUNT(*) FROM media WHERE account_id = $1", int(anna.id))
    assert counted is not None
    assert counted[0] == 1
    assert len(await stored(api)) == 2
    retried = await upload_with_key(api, anna, "k", b"something else")
    assert (retried.status, retried.json) == (200, replies[0].json)
    # The key of a status is another thing, and so is that of another person.
    said = await api.post(
        "/api/v1/statuses", anna, json={"status": "x"}, headers={"Idempotency-Key": "k"}
    )
    assert said.json["content"] == "<p>x</p>"
    bert = await api.person("bert")
    assert (await upload_with_key(api, bert, "k", plain())).json["id"] != replies[0].json["id"]


async def test_64_films_with_one_key_are_one(api: Api) -> None:
    anna = await api.person("anna")
    replies = await asyncio.gather(
        *(upload_with_key(api, anna, "k", animated("GIF", 3)) for _ in range(64))
    )
    assert {reply.status for reply in replies} == {202}
    assert len({reply.json["id"] for reply in replies}) == 1
    assert len(await stored(api, "uploads")) == 1
    await run_jobs(api)
    again = await upload_with_key(api, anna, "k", animated("GIF", 3))
    assert (again.status, again.json["id"]) == (200, replies[0].json["id"])


async def test_a_failed_upload_keeps_no_key(api: Api) -> None:
    anna = await api.person("anna")
    cut = plain(size=(500, 500))[:200]
    replies = await asyncio.gather(*(upload_with_key(api, anna, "k", cut) for _ in range(8)))
    assert {reply.status for reply in replies} == {422}
    assert len({reply.body for reply in replies}) == 1
    assert (await upload_with_key(api, anna, "k", b"no picture")).status == 422
    assert (await upload_with_key(api, anna, "k", plain())).status == 200
    broken = await upload_with_key(api, anna, "f", BROKEN)
    assert broken.status == 202
    await run_jobs(api)
    assert (await upload_with_key(api, anna, "f", plain())).status == 200


async def test_a_retry_does_the_work_of_who_died(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process was killed between the row and the files: whoever comes with its key goes on."""
    anna = await api.person("anna")
    monkeypatch.setattr("stonechat.services.uploads.JOIN_S_MAX", 0.2)
    for key, content, status in (("p", plain(), 200), ("f", animated("GIF", 3), 202)):
        made = (await upload_with_key(api, anna, key, content)).json["id"]
        await api.env.db.write(
            lambda tx, made=made, status=status: tx.run(
                "UPDATE media SET file = NULL, preview = NULL, state = $3"
                " WHERE account_id = $1 AND id = $2",
                int(anna.id),
                int(made),
                "processing" if status == 200 else "arriving",
            )
        )
        await api.env.db.write(lambda tx: tx.run("DELETE FROM jobs WHERE run_ms >= 0"))
        again = await upload_with_key(api, anna, key, content)
        assert (again.status, again.json["id"]) == (status, made)
        await run_jobs(api)
        found = await api.get(f"{V1}/{made}", anna)
        assert found.status == 200
        assert found.json["url"] is not None


async def test_only_media(api: Api) -> None:
    """Timelines of media alone have what has media."""
    anna = await api.person("anna")
    await api.say(anna, "words")
    said = await api.say(anna, "look", media_ids=[await picture(api, anna)])
    for path in (
        "/api/v1/timelines/public?only_media=true",
        f"/api/v1/accounts/{anna.id}/statuses?only_media=true",
    ):
        assert [each["id"] for each in (await api.get(path)).json] == [said["id"]], path
