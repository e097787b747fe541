"""Conversations: direct statuses as each of the people in them meets them."""

import re
from typing import Any

from tests.contract.api import Api, Person, Reply

TALKS = "/api/v1/conversations"
NOT_FOUND = {"error": "Record not found"}


def last_ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [talk["last_status"]["id"] for talk in reply.json]


def link(reply: Reply, relation: str) -> str | None:
    found = re.search(
        rf'<http://stonechat\.test([^>]*)>; rel="{relation}"', reply.headers.get("link", "")
    )
    return found[1] if found else None


async def whisper(api: Api, who: Person, text: str, **fields: Any) -> dict[str, Any]:
    return await api.say(who, text, visibility="direct", **fields)


async def test_co1_co3_a_talk_of_two(api: Api) -> None:
    anna, bert, cora = [await api.person(name) for name in ("anna", "bert", "cora")]
    first = await whisper(api, anna, "@bert lunch?")
    (mine,) = (await api.get(TALKS, anna)).json
    (his,) = (await api.get(TALKS, bert)).json
    assert (mine["unread"], his["unread"]) == (False, True)
    assert [account["id"] for account in mine["accounts"]] == [bert.id]
    assert [account["id"] for account in his["accounts"]] == [anna.id]
    assert mine["last_status"]["id"] == his["last_status"]["id"] == first["id"]

    answer = await whisper(api, bert, "@anna 12:30", in_reply_to_id=first["id"])
    (mine,) = (await api.get(TALKS, anna)).json
    (his,) = (await api.get(TALKS, bert)).json
    assert (mine["unread"], his["unread"]) == (True, False)
    assert mine["last_status"]["id"] == answer["id"]
    assert (await api.get(TALKS, cora)).json == []
    # Who is alone with a note to themselves is shown as its only member.
    await whisper(api, cora, "buy bread")
    (note,) = (await api.get(TALKS, cora)).json
    assert [account["id"] for account in note["accounts"]] == [cora.id]


async def test_co1_pages_by_the_newest_status(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = [(await whisper(api, bert, f"@anna {number}"))["id"] for number in range(5)][::-1]
    page = await api.get(f"{TALKS}?limit=2", anna)
    assert last_ids(page) == said[:2]
    assert link(page, "prev") == f"{TALKS}?limit=2&min_id={said[0]}"
    older = await api.get(link(page, "next") or "", anna)
    assert last_ids(older) == said[2:4]
    assert last_ids(await api.get(link(older, "prev") or "", anna)) == said[:2]
    last = await api.get(link(older, "next") or "", anna)
    assert last_ids(last) == said[4:]
    assert link(last, "next") is None
    later = await api.get(f"{TALKS}?since_id=9007199254740991", anna)
    assert (later.json, "link" in later.headers) == ([], False)
    # An answer brings its conversation to the top, in place of where it stood.
    await whisper(api, anna, "@bert so", in_reply_to_id=said[4])
    assert last_ids(await api.get(TALKS, anna))[1:] == said[:4]


async def test_co2_read_unread_and_delete(api: Api) -> None:
    anna, bert, cora = [await api.person(name) for name in ("anna", "bert", "cora")]
    said = await whisper(api, anna, "@bert secret")
    (his,) = (await api.get(TALKS, bert)).json
    path = f"{TALKS}/{his['id']}"
    read = await api.post(f"{path}/read", bert)
    assert (read.status, read.json["unread"]) == (200, False)
    assert read.json["last_status"]["id"] == said["id"]
    assert (await api.post(f"{path}/unread", bert)).json["unread"] is True
    for other in (cora, anna):
        for verb in ("read", "unread"):
            reply = await api.post(f"{path}/{verb}", other)
            assert (reply.status, reply.json) == (404, NOT_FOUND)
        assert (await api.call("DELETE", path, other)).json == NOT_FOUND
    assert (await api.post(f"{TALKS}/rubbish/read", bert)).status == 404

    assert (await api.call("DELETE", path, bert)).json == {}
    assert (await api.call("DELETE", path, bert)).status == 404
    assert (await api.get(TALKS, bert)).json == []
    assert len((await api.get(TALKS, anna)).json) == 1
    assert (await api.get(f"/api/v1/statuses/{said['id']}", bert)).status == 200
    await whisper(api, anna, "@bert again", in_reply_to_id=said["id"])
    assert len((await api.get(TALKS, bert)).json) == 1


async def test_deleted_statuses_step_out_of_conversations(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    first = await whisper(api, anna, "@bert one")
    second = await whisper(api, anna, "@bert two", in_reply_to_id=first["id"])
    assert last_ids(await api.get(TALKS, bert)) == [second["id"]]
    await api.call("DELETE", f"/api/v1/statuses/{second['id']}", anna)
    assert last_ids(await api.get(TALKS, bert)) == [first["id"]]
    await api.call("DELETE", f"/api/v1/statuses/{first['id']}", anna)
    assert last_ids(await api.get(TALKS, bert)) == []


async def test_s047_a_block_ends_a_talk_for_both(api: Api) -> None:
    anna, bert, cora = [await api.person(name) for name in ("anna", "bert", "cora")]
    await whisper(api, anna, "@bert hello")
    among_three = await whisper(api, cora, "@anna @bert hello both")
    assert len((await api.get(TALKS, bert)).json) == 2
    assert (await api.post(f"/api/v1/accounts/{anna.id}/block", bert)).status == 200
    # What a third person said to the two stays with each of them.
    assert last_ids(await api.get(TALKS, bert)) == [among_three["id"]]
    assert last_ids(await api.get(TALKS, anna)) == [among_three["id"]]
    direct = await api.get("/api/v1/timelines/direct", bert)
    assert [status["id"] for status in direct.json] == [among_three["id"]]


async def test_tl16_the_old_timeline_of_direct_statuses(api: Api) -> None:
    anna, bert, cora = [await api.person(name) for name in ("anna", "bert", "cora")]
    said = [(await whisper(api, anna, f"@bert {number}"))["id"] for number in range(3)][::-1]
    await api.say(anna, "@bert in public")
    await whisper(api, anna, "@cora not for him")
    page = await api.get("/api/v1/timelines/direct?limit=2", bert)
    assert [status["id"] for status in page.json] == said[:2]
    older = await api.get(link(page, "next") or "", bert)
    assert [status["id"] for status in older.json] == said[2:]
    assert len((await api.get("/api/v1/timelines/direct", cora)).json) == 1


async def test_a_page_costs_the_same_whatever_its_length(api: Api) -> None:
    anna = await api.person("anna")
    people = [await api.person(f"person{number}") for number in range(6)]
    for number in range(20):
        await whisper(api, people[number % 6], f"@anna {number}")
    counts: list[int] = []
    for limit in (1, 5, 20, 20):
        api.recorder.forget()
        assert len((await api.get(f"{TALKS}?limit={limit}", anna)).json) == limit
        counts.append(api.recorder.count)
    # Token, page, whom one hides, statuses, marks; heads and authors once; who takes part.
    assert max(counts) <= 8
    assert counts[-1] == 6
