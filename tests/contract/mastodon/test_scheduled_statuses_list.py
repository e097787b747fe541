"""Scheduled statuses: lists of them, seeing one, moving it and calling it off."""

from datetime import timedelta

from tests.contract.api import Api
from tests.contract.people import page_link
from tests.contract.schedules import (
    DAY_FULL,
    NOT_FOUND,
    POSTS,
    SCHEDULED,
    TOO_SOON,
    ahead,
    fill,
    put_off,
    scheduled,
    tomorrow,
    waiting,
)
from tests.contract.uploads import picture

# Lists --------------------------------------------------------------------------------------


async def test_sch7_only_ones_own(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    assert (await api.get(SCHEDULED, anna)).json == []
    assert "link" not in (await api.get(SCHEDULED, anna)).headers
    await scheduled(api, anna, "mine", ahead(api, hours=1))
    assert (await api.get(SCHEDULED, bert)).json == []
    assert (await api.get(SCHEDULED)).status == 401
    wrong = await api.token("anna", "read:accounts write:statuses")
    assert (await api.get(SCHEDULED, wrong)).status == 403
    assert (await api.get(SCHEDULED, await api.token("anna", "read:statuses"))).status == 200


async def test_sch8_pages_by_the_id_of_the_order(api: Api) -> None:
    anna = await api.person("anna")
    for number in range(5):
        # The first one is due last: the order of pages is that of their ids.
        await scheduled(api, anna, str(number), ahead(api, hours=9 - number))
    first = await api.get(f"{SCHEDULED}?limit=2", anna)
    assert [each["params"]["text"] for each in first.json] == ["4", "3"]
    second = await api.get(page_link(first.headers, "next"), anna)
    assert [each["params"]["text"] for each in second.json] == ["2", "1"]
    third = await api.get(page_link(second.headers, "next"), anna)
    assert [each["params"]["text"] for each in third.json] == ["0"]
    assert page_link(third.headers, "next") == ""
    back = page_link(third.headers, "prev")
    assert "min_id=" in back
    assert [each["params"]["text"] for each in (await api.get(back, anna)).json] == ["2", "1"]
    oldest = third.json[0]["id"]
    newest = await api.get(f"{SCHEDULED}?limit=2&since_id={oldest}", anna)
    assert [each["params"]["text"] for each in newest.json] == ["4", "3"]


async def test_sch8_twenty_unless_asked_and_forty_at_most(sqlite_api: Api) -> None:
    anna = await sqlite_api.person("anna")
    await fill(sqlite_api, anna, 45, tomorrow(sqlite_api))
    for query, count in (("", 20), ("?limit=40", 40), ("?limit=400", 40)):
        assert len((await sqlite_api.get(f"{SCHEDULED}{query}", anna)).json) == count


async def test_a_page_costs_the_same_however_long(sqlite_api: Api) -> None:
    api = sqlite_api
    anna = await api.person("anna")
    for count in (1, 44):
        await api.env.db.write(lambda tx: tx.run("DELETE FROM scheduled_statuses"))
        await fill(api, anna, count, tomorrow(api))
        api.recorder.forget()
        await api.get(f"{SCHEDULED}?limit=40", anna)
        assert api.recorder.count == 2  # the viewer, and the page


async def test_sch9_s038_anothers_is_as_one_that_never_was(api: Api) -> None:
    """SCH9, SCH10, S038: seen, moved and called off by its author alone; the same bytes."""
    anna, bert = await api.person("anna"), await api.person("bert")
    made = await scheduled(api, anna, "mine", ahead(api, hours=1))
    later = {"scheduled_at": ahead(api, hours=2)}
    for method, sent in (("GET", None), ("PUT", later), ("PUT", {}), ("DELETE", None)):
        others = await api.call(method, f"{SCHEDULED}/{made['id']}", bert, json=sent)
        missing = await api.call(method, f"{SCHEDULED}/12", bert, json=sent)
        no_id = await api.call(method, f"{SCHEDULED}/abc", bert, json=sent)
        assert (others.status, others.json) == (404, NOT_FOUND)
        assert others.body == missing.body == no_id.body
        assert {each.status for each in (missing, no_id)} == {404}
    assert (await api.get(f"{SCHEDULED}/{made['id']}", anna)).json == made


# Moving and calling off ---------------------------------------------------------------------


async def test_sch10_moving(api: Api) -> None:
    """SCH10: another time, by the same rules; nothing else of it changes."""
    anna = await api.person("anna")
    made = await scheduled(api, anna, "mine", ahead(api, hours=1))
    path = f"{SCHEDULED}/{made['id']}"
    at = ahead(api, hours=2)
    moved = await api.call("PUT", path, anna, json={"scheduled_at": at, "status": "other words"})
    assert (moved.status, moved.json) == (200, made | {"scheduled_at": at})
    assert (await api.get(path, anna)).json == moved.json
    for step in ({"minutes": 4}, {"hours": -1}):
        refused = await api.call("PUT", path, anna, form={"scheduled_at": ahead(api, **step)})
        assert (refused.status, refused.json) == (422, TOO_SOON)
    assert (await api.get(path, anna)).json == moved.json
    reader = await api.token("anna", "read")
    assert (await api.call("PUT", path, reader, json={"scheduled_at": at})).status == 403


async def test_sch10_moving_counts_for_the_day_that_it_goes_to(api: Api) -> None:
    anna = await api.person("anna")
    day = tomorrow(api)
    await fill(api, anna, 50, day)
    made = await scheduled(api, anna, "mine", (day + timedelta(days=1)).isoformat())
    refused = await api.call(
        "PUT", f"{SCHEDULED}/{made['id']}", anna, json={"scheduled_at": day.isoformat()}
    )
    assert (refused.status, refused.json) == (422, DAY_FULL)
    # One of the fifty may move within its day, and makes room when it leaves it.
    for step in (timedelta(hours=5), timedelta(days=3)):
        at = (day + step).isoformat()
        moved = await api.call("PUT", f"{SCHEDULED}/7", anna, json={"scheduled_at": at})
        assert moved.status == 200, moved.body
    again = await api.call(
        "PUT", f"{SCHEDULED}/{made['id']}", anna, json={"scheduled_at": day.isoformat()}
    )
    assert again.status == 200


async def test_sch11_calling_off(api: Api) -> None:
    anna = await api.person("anna")
    made = await scheduled(api, anna, "never mind", ahead(api, hours=1))
    path = f"{SCHEDULED}/{made['id']}"
    reader = await api.token("anna", "read")
    assert (await api.call("DELETE", path, reader)).status == 403
    gone = await api.call("DELETE", path, anna)
    assert (gone.status, gone.json) == (200, {})
    for method in ("GET", "DELETE"):
        reply = await api.call(method, path, anna)
        assert (reply.status, reply.json) == (404, NOT_FOUND)
    assert await waiting(api, anna) == []


# Media --------------------------------------------------------------------------------------


async def test_sch16_media_are_set_aside(api: Api) -> None:
    """SCH16, and the seed's "schedule a toot (with media attachments)"."""
    anna = await api.person("anna")
    first, second = [await picture(api, anna) for _ in range(2)]
    made = await scheduled(api, anna, "", ahead(api, hours=1), media_ids=[second, first])
    assert made["params"]["media_ids"] == [second, first]
    assert [each["id"] for each in made["media_attachments"]] == [second, first]
    path = f"{SCHEDULED}/{made['id']}"
    assert (await api.get(path, anna)).json == made
    assert (await api.get(SCHEDULED, anna)).json == [made]
    at = ahead(api, hours=2)
    moved = await api.call("PUT", path, anna, json={"scheduled_at": at})
    assert moved.json == made | {"scheduled_at": at}
    # Its author can look at them, and nobody else can: the address is sealed.
    url = made["media_attachments"][0]["url"].removeprefix("http://stonechat.test")
    assert (await api.get(url)).status == 200
    assert (await api.get(url.partition("?")[0])).status == 404

    taken = {"error": f"Media {first} not found or already attached to another post"}
    for sent in ({}, {"scheduled_at": at}):
        reply = await api.post(POSTS, anna, json={"status": "x", "media_ids": [first], **sent})
        assert (reply.status, reply.json) == (422, taken)
    assert (await api.call("DELETE", f"/api/v1/media/{first}", anna)).status == 422

    assert (await api.call("DELETE", path, anna)).status == 200
    said = await api.say(anna, "at once", media_ids=[first])
    assert [each["id"] for each in said["media_attachments"]] == [first]
    again = await scheduled(api, anna, "later", ahead(api, hours=1), media_ids=[second])
    assert [each["id"] for each in again["media_attachments"]] == [second]


async def test_sch16_a_refused_order_takes_no_media(api: Api) -> None:
    anna = await api.person("anna")
    kept = await picture(api, anna)
    await fill(api, anna, 50, tomorrow(api))
    full = await put_off(api, anna, "x", tomorrow(api).isoformat(), media_ids=[kept])
    assert (full.status, full.json) == (422, DAY_FULL)
    await scheduled(api, anna, "x", ahead(api, hours=1), media_ids=[kept])


async def test_sch16_a_page_with_media_costs_one_statement_more(sqlite_api: Api) -> None:
    api = sqlite_api
    anna = await api.person("anna")
    for number in range(3):
        kept = await picture(api, anna)
        await scheduled(api, anna, str(number), ahead(api, hours=1), media_ids=[kept])
    api.recorder.forget()
    found = (await api.get(SCHEDULED, anna)).json
    assert [len(each["media_attachments"]) for each in found] == [1, 1, 1]
    assert api.recorder.count == 3
