"""Notifications end to end: what makes one, what takes it back, who never sees it."""

import re
from typing import Any

import pytest

from tests.contract.api import Api, Person, Reply

NOTICES = "/api/v1/notifications"
NOT_FOUND = {"error": "Record not found"}


def kinds(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [notice["type"] for notice in reply.json]


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [notice["id"] for notice in reply.json]


def link(reply: Reply, relation: str) -> str:
    """The path and query of a link of a page."""
    found = re.search(rf'<http://stonechat\.test([^>]*)>; rel="{relation}"', reply.headers["link"])
    assert found, reply.headers["link"]
    return found[1]


async def do(api: Api, who: Person, path: str, **fields: Any) -> None:
    api.clock.move(milliseconds=1)
    reply = await api.post(f"/api/v1/{path}", who, json=fields)
    assert reply.status == 200, reply.body


async def follow(api: Api, who: Person, whom: Person, **fields: Any) -> None:
    await do(api, who, f"accounts/{whom.id}/follow", **fields)


async def test_no1_no16_each_deed_makes_one_notice(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    own = await api.say(anna, "Soup is ready")
    await do(api, bert, f"statuses/{own['id']}/favourite")
    await do(api, bert, f"statuses/{own['id']}/reblog")
    await follow(api, bert, anna)
    answer = await api.say(bert, "@anna Coming", in_reply_to_id=own["id"])

    reply = await api.get(NOTICES, anna)
    assert kinds(reply) == ["mention", "follow", "reblog", "favourite"]
    mention, followed, boosted, favourited = reply.json
    for notice in reply.json:
        assert notice["account"]["id"] == bert.id
        assert notice["group_key"] == f"ungrouped-{notice['id']}"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", notice["created_at"])
    assert mention["status"]["id"] == answer["id"]
    assert "status" not in followed
    # Of a boost the reader is shown their own status, not the one that passes it on.
    assert boosted["status"]["id"] == favourited["status"]["id"] == own["id"]
    assert boosted["status"]["reblog"] is None
    assert favourited["status"]["favourites_count"] == 1
    assert (await api.get(NOTICES, bert)).json == []


async def test_no1_edits_and_watched_authors(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await follow(api, anna, bert, notify=True)
    said = await api.say(bert, "Open")
    await do(api, anna, f"statuses/{said['id']}/reblog")
    api.clock.move(seconds=1)
    edit = {"status": "Open until 6"}
    assert (await api.call("PUT", f"/api/v1/statuses/{said['id']}", bert, json=edit)).status == 200

    reply = await api.get(NOTICES, anna)
    assert kinds(reply) == ["update", "status"]
    assert {notice["status"]["id"] for notice in reply.json} == {said["id"]}


async def test_no2_pages_and_filters(api: Api) -> None:
    anna, bert, cora = [await api.person(name) for name in ("anna", "bert", "cora")]
    own = await api.say(anna, "Who is in?")
    for person in (bert, cora):
        await do(api, person, f"statuses/{own['id']}/favourite")
    for number in range(84):
        await api.say(bert, f"@anna {number}")

    everything = ids(await api.get(f"{NOTICES}?limit=80", anna))
    assert len(everything) == 80
    assert len((await api.get(f"{NOTICES}?limit=200", anna)).json) == 80
    first = await api.get(NOTICES, anna)
    assert ids(first) == everything[:40]
    assert link(first, "prev") == f"{NOTICES}?min_id={everything[0]}"
    older = await api.get(link(first, "next"), anna)
    assert ids(older) == everything[40:]
    last = await api.get(link(older, "next"), anna)
    assert kinds(last) == ["mention"] * 4 + ["favourite"] * 2
    assert ids(await api.get(link(older, "prev"), anna)) == everything[:40]
    lowest = await api.get(f"{NOTICES}?limit=2&min_id={ids(last)[-1]}", anna)
    assert ids(lowest) == ids(last)[3:5]

    chosen = await api.get(f"{NOTICES}?types[]=favourite&types[]=follow&limit=1", anna)
    assert kinds(chosen) == ["favourite"]
    assert link(chosen, "next").endswith(
        f"?limit=1&max_id={ids(chosen)[0]}&types[]=favourite&types[]=follow"
    )
    assert kinds(await api.get(link(chosen, "next"), anna)) == ["favourite"]
    others = await api.get(f"{NOTICES}?exclude_types[]=mention", anna)
    assert kinds(others) == ["favourite", "favourite"]
    of_cora = await api.get(f"{NOTICES}?account_id={cora.id}", anna)
    assert [notice["account"]["id"] for notice in of_cora.json] == [cora.id]
    assert (await api.get(f"{NOTICES}?account_id=rubbish", anna)).json == []
    both = f"account_id={bert.id}&types[]=favourite&exclude_types[]=mention"
    assert kinds(await api.get(f"{NOTICES}?{both}", anna)) == ["favourite"]
    empty = await api.get(f"{NOTICES}?limit=0", anna)
    assert (empty.json, "link" in empty.headers) == ([], False)


async def test_no4_unknown_types_match_nothing(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.say(bert, "Hello @anna")
    chosen = await api.get(f"{NOTICES}?types[]=mention&types[]=admin.sign_up", anna)
    assert kinds(chosen) == ["mention"]
    assert kinds(await api.get(f"{NOTICES}?types[]=quote", anna)) == []
    assert kinds(await api.get(f"{NOTICES}?exclude_types[]=quote", anna)) == ["mention"]


async def test_no5_show_dismiss_and_clear(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    for number in range(4):
        await api.say(bert, f"@anna {number}")
    newest, second, third, oldest = ids(await api.get(NOTICES, anna))

    one = await api.get(f"{NOTICES}/{newest}", anna)
    assert (one.status, one.json["id"]) == (200, newest)
    absent = await api.get(f"{NOTICES}/1", bert)
    for path in (newest, "rubbish", "policy", "requests"):
        reply = await api.get(f"{NOTICES}/{path}", bert)
        assert (reply.status, reply.body) == (404, absent.body)
    assert (await api.post(f"{NOTICES}/{newest}/dismiss", bert)).json == NOT_FOUND
    assert (await api.post(f"{NOTICES}/dismiss", bert, form={"id": newest})).json == NOT_FOUND
    assert (await api.post(f"{NOTICES}/dismiss", anna)).json == NOT_FOUND

    assert (await api.post(f"{NOTICES}/{second}/dismiss", anna)).json == {}
    assert (await api.post(f"{NOTICES}/dismiss", anna, form={"id": third})).json == {}
    assert ids(await api.get(NOTICES, anna)) == [newest, oldest]
    await api.say(anna, "@bert keep this")
    assert (await api.post(f"{NOTICES}/clear", anna)).json == {}
    assert ids(await api.get(NOTICES, anna)) == []
    assert kinds(await api.get(NOTICES, bert)) == ["mention"]


async def test_clearing_takes_more_than_one_transaction(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stonechat.services.notifications.CLEARED_AT_ONCE_MAX", 2)
    anna, bert = await api.person("anna"), await api.person("bert")
    for number in range(5):
        await api.say(bert, f"@anna {number}")
    assert (await api.post(f"{NOTICES}/clear", anna)).status == 200
    assert ids(await api.get(NOTICES, anna)) == []


async def test_no6_unread_count(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    own = await api.say(anna, "Hm")
    for number in range(3):
        await api.say(bert, f"@anna {number}")
    await do(api, bert, f"statuses/{own['id']}/favourite")
    count = f"{NOTICES}/unread_count"
    assert (await api.get(count, anna)).json == {"count": 4}
    assert (await api.get(f"{count}?limit=2", anna)).json == {"count": 2}
    assert (await api.get(f"{count}?types[]=favourite", anna)).json == {"count": 1}
    assert (await api.get(f"{count}?exclude_types[]=favourite", anna)).json == {"count": 3}
    assert (await api.get(f"{count}?account_id={anna.id}", anna)).json == {"count": 0}

    read = ids(await api.get(NOTICES, anna))[1]
    await do(api, anna, "markers", notifications={"last_read_id": read})
    assert (await api.get(count, anna)).json == {"count": 1}
    assert (await api.get(count, bert)).json == {"count": 0}


async def test_no7_whom_nobody_is_told_of(api: Api) -> None:
    anna, bert, cora, dora = [await api.person(name) for name in ("anna", "bert", "cora", "dora")]
    own = await api.say(anna, "@anna talking to myself")
    await do(api, anna, f"statuses/{own['id']}/favourite")
    await do(api, anna, f"accounts/{bert.id}/block")
    await do(api, anna, f"accounts/{cora.id}/mute")
    await api.say(bert, "@anna blocked")
    await api.say(cora, "@anna muted")
    await do(api, cora, f"statuses/{own['id']}/favourite")
    assert ids(await api.get(NOTICES, anna)) == []
    # An answer to somebody who blocks its author finds nothing to answer.
    answer = {"status": "@anna why?", "in_reply_to_id": own["id"]}
    assert (await api.post("/api/v1/statuses", bert, json=answer)).status == 404

    await do(api, anna, f"accounts/{dora.id}/mute", notifications=False)
    await follow(api, dora, anna)
    assert kinds(await api.get(NOTICES, anna)) == ["follow"]


async def test_no7_a_muted_thread_and_a_second_favourite_are_silent(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    own = await api.say(anna, "Long thread")
    await do(api, bert, f"statuses/{own['id']}/favourite")
    await do(api, bert, f"statuses/{own['id']}/favourite")
    await do(api, anna, f"statuses/{own['id']}/mute")
    await api.say(bert, "@anna still on it", in_reply_to_id=own["id"])
    await do(api, bert, f"statuses/{own['id']}/reblog")
    assert kinds(await api.get(NOTICES, anna)) == ["favourite"]
    await do(api, anna, f"statuses/{own['id']}/unmute")
    await api.say(bert, "@anna and again", in_reply_to_id=own["id"])
    assert kinds(await api.get(NOTICES, anna)) == ["mention", "favourite"]


async def test_a_mute_that_has_ended_silences_nobody(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await do(api, anna, f"accounts/{bert.id}/mute", duration=60)
    await api.say(bert, "@anna too early")
    api.clock.move(seconds=61)
    said = await api.say(bert, "@anna in time")
    reply = await api.get(NOTICES, anna)
    assert [notice["status"]["id"] for notice in reply.json] == [said["id"]]


async def test_no8_what_is_undone_is_not_told(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    own = await api.say(anna, "Fresh bread")
    for deed, opposite in (("favourite", "unfavourite"), ("reblog", "unreblog")):
        await do(api, bert, f"statuses/{own['id']}/{deed}")
        assert kinds(await api.get(NOTICES, anna)) == [deed]
        await do(api, bert, f"statuses/{own['id']}/{opposite}")
        assert kinds(await api.get(NOTICES, anna)) == []
    await follow(api, bert, anna)
    assert kinds(await api.get(NOTICES, anna)) == ["follow"]
    await do(api, bert, f"accounts/{anna.id}/unfollow")
    assert kinds(await api.get(NOTICES, anna)) == []
    said = await api.say(bert, "@anna wrong window")
    assert kinds(await api.get(NOTICES, anna)) == ["mention"]
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", bert)
    assert kinds(await api.get(NOTICES, anna)) == []


async def test_what_goes_out_of_sight_goes_out_of_the_list(api: Api) -> None:
    """S043, S047: a block, a mute or the end of a follow hides what was told before."""
    anna, bert, cora, dora = [await api.person(name) for name in ("anna", "bert", "cora", "dora")]
    await follow(api, anna, dora, notify=True)
    hidden = await api.say(dora, "For my followers", visibility="private")
    await api.say(bert, "@anna one")
    await api.say(cora, "@anna two")
    reply = await api.get(NOTICES, anna)
    assert kinds(reply) == ["mention", "mention", "status"]
    of_cora, of_bert, of_dora = ids(reply)

    await do(api, bert, f"accounts/{anna.id}/block")
    await do(api, anna, f"accounts/{cora.id}/mute")
    await do(api, anna, f"accounts/{dora.id}/unfollow")
    assert (await api.get(f"/api/v1/statuses/{hidden['id']}", anna)).status == 404
    page = await api.get(NOTICES, anna)
    assert kinds(page) == []
    for notice_id in (of_bert, of_cora, of_dora):
        reply = await api.get(f"{NOTICES}/{notice_id}", anna)
        assert (reply.status, reply.json) == (404, NOT_FOUND)
    assert (await api.get(f"{NOTICES}/unread_count", anna)).json == {"count": 0}


async def test_a_page_of_hidden_notices_leads_on(api: Api) -> None:
    """S055: what is hidden never ends the list before its end."""
    anna, bert, dora = [await api.person(name) for name in ("anna", "bert", "dora")]
    await follow(api, anna, dora, notify=True)
    seen = await api.say(bert, "@anna oldest")
    for number in range(6):
        await api.say(dora, f"Private {number}", visibility="private")
    await do(api, anna, f"accounts/{dora.id}/unfollow")

    page = await api.get(f"{NOTICES}?limit=2", anna)
    pages = 1
    while not page.json:
        page = await api.get(link(page, "next"), anna)
        pages += 1
    assert [notice["status"]["id"] for notice in page.json] == [seen["id"]]
    assert pages <= 4


async def test_s042_an_answer_to_what_one_cannot_see_tells_nobody(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    hidden = await api.say(anna, "Between us", visibility="private")
    for parent in (hidden["id"], "1"):
        answer = {"status": "@anna I saw that", "in_reply_to_id": parent}
        reply = await api.post("/api/v1/statuses", bert, json=answer)
        assert reply.status == 404
        assert reply.json["error"].startswith("The post you are trying to reply to")
    assert (await api.get(NOTICES, anna)).json == []


async def test_grouped_notifications_are_not_offered(api: Api) -> None:
    """The version that is announced has none, so nobody asks; whoever does is told so."""
    anna = await api.person("anna")
    for path in ("/api/v2/notifications", "/api/v2/notifications/policy"):
        assert (await api.get(path, anna)).status == 404


async def test_a_page_costs_the_same_whatever_its_length(api: Api) -> None:
    anna = await api.person("anna")
    people = [await api.person(f"person{number}") for number in range(8)]
    for number in range(40):
        await api.say(people[number % 8], f"@anna {number}")
    counts: set[int] = set()
    for limit in (1, 5, 40):
        api.recorder.forget()
        assert len((await api.get(f"{NOTICES}?limit={limit}", anna)).json) == limit
        counts.add(api.recorder.count)
    # Token, page, statuses, marks; heads and authors that are not kept yet; who did it.
    assert max(counts) <= 7
    api.recorder.forget()
    await api.get(f"{NOTICES}?limit=40", anna)
    assert api.recorder.count == 5
