"""What statuses take: ST15 to ST20, and what edits and deletions do to it: SR5, SR11, SR13."""

import asyncio
from typing import Any

from stonechat.domain.ids import AccountId, MediaId
from stonechat.services import cleaning
from stonechat.storage import media
from tests.contract.api import Api, Person, Reply
from tests.contract.people import run_jobs
from tests.contract.uploads import V1, film, picture, ready_film, send, stored
from tests.films import film as clip
from tests.films import song
from tests.pictures import plain

SITE = "http://stonechat.test"


async def post(api: Api, who: Person, **fields: Any) -> Reply:
    api.clock.move(milliseconds=1)
    return await api.post("/api/v1/statuses", who, json=fields)


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
    uploaded = await send(api, anna, plain())
    assert set(reply.json["media_attachments"][0]) == set(uploaded.json)


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
    for kind, content in (("video", clip()), ("audio", song("mp3", "mp3"))):
        made, beside = await ready_film(api, anna, content), await picture(api, anna)
        assert made["type"] == kind
        alone = made["id"]
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
    found = await media.find(api.env.db, AccountId(int(anna.id)), MediaId(int(held)))
    assert found is not None
    assert found.view.description == "held"


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


async def test_what_is_changed_while_it_is_taken_is_shown(postgres_api: Api) -> None:
    """A description that is changed between the look at a medium and its taking is not lost."""
    api = postgres_api
    anna = await api.person("anna")
    media_id = await picture(api, anna, description="before")

    async def reword() -> None:
        reply = await api.call("PUT", f"{V1}/{media_id}", anna, json={"description": "after"})
        assert reply.status == 200

    api.recorder.before("UPDATE media SET status_id", reword)
    said = await api.say(anna, "look", media_ids=[media_id])
    assert [each["description"] for each in said["media_attachments"]] == ["after"]


async def test_a_sweep_leaves_what_is_taken_again_meanwhile(postgres_api: Api) -> None:
    """Media of a status deleted long ago that are posted again while the sweep is under way."""
    api = postgres_api
    anna = await api.person("anna")
    media_id = await picture(api, anna)
    old = await api.say(anna, "look", media_ids=[media_id])
    await api.call("DELETE", f"/api/v1/statuses/{old['id']}", anna)
    api.clock.move(days=31)
    # The new status holds the row when the sweep comes to it, and commits while that waits.
    swept: list[asyncio.Task[None]] = []

    async def sweep() -> None:
        swept.append(asyncio.create_task(cleaning.clean_up(api.env, {})))
        await asyncio.sleep(0.5)

    api.recorder.before("INSERT INTO status_mentions", sweep)
    await api.person("bert")
    again = await post(api, anna, status="again, @bert", media_ids=[media_id])
    assert again.status == 200, again.body
    assert swept
    await asyncio.gather(*swept)
    await run_jobs(api)
    shown = again.json["media_attachments"][0]["url"].removeprefix(SITE)
    assert (await api.get(shown)).status == 200
