"""Favourites, bookmarks, boosts, pins and muted threads."""

import asyncio

from tests.contract.api import Api, Person, Reply


async def _see(api: Api, status: dict[str, str], who: Person) -> dict[str, object]:
    return (await api.get(f"/api/v1/statuses/{status['id']}", who)).json


async def _do(api: Api, verb: str, status: dict[str, str], who: Person) -> Reply:
    return await api.post(f"/api/v1/statuses/{status['id']}/{verb}", who)


async def test_sr21_sr22_favourites(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "like me")
    for _ in range(2):
        liked = await _do(api, "favourite", said, bert)
        assert (liked.json["favourited"], liked.json["favourites_count"]) == (True, 1)
    assert (await _see(api, said, anna))["favourites_count"] == 1
    notices = (await api.get("/api/v1/notifications", anna)).json
    assert [notice["type"] for notice in notices] == ["favourite"]
    for _ in range(2):
        unliked = await _do(api, "unfavourite", said, bert)
        assert (unliked.json["favourited"], unliked.json["favourites_count"]) == (False, 0)
    assert (await api.get("/api/v1/notifications", anna)).json == []  # NO8


async def test_sr22_sr23_sr26_taking_back_after_a_block(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "like me")
    for verb in ("favourite", "bookmark", "reblog"):
        await _do(api, verb, said, bert)
    await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    assert (await _do(api, "favourite", said, bert)).status == 404
    for verb in ("unfavourite", "unbookmark", "unreblog"):
        assert (await _do(api, verb, said, bert)).status == 200, verb
        assert (await _do(api, verb, said, bert)).status == 404, verb
    seen = await _see(api, said, anna)
    assert (seen["favourites_count"], seen["reblogs_count"]) == (0, 0)


async def test_sr24_lists_are_paged_by_the_mark(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = [await api.say(anna, str(number)) for number in range(3)]
    for status in (said[1], said[0], said[2]):
        await _do(api, "bookmark", status, bert)
        await _do(api, "favourite", status, bert)
    for path in ("/api/v1/bookmarks", "/api/v1/favourites"):
        first = await api.get(f"{path}?limit=2", bert)
        assert [status["content"] for status in first.json] == ["<p>2</p>", "<p>0</p>"]
        link = first.headers["link"]
        assert f"<http://stonechat.test{path}?limit=2&max_id=" in link
        assert 'rel="prev"' in link
        following = link.split("?", 1)[1].split(">", 1)[0]
        second = await api.get(f"{path}?{following}", bert)
        assert [status["content"] for status in second.json] == ["<p>1</p>"]
        assert 'rel="next"' not in second.headers["link"]  # GEN17
        past = second.headers["link"].split("min_id=")[1].split(">")[0]
        assert past.isdigit()


async def test_s043_marks_on_what_was_lost(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.post(f"/api/v1/accounts/{anna.id}/follow", bert)
    said = await api.say(anna, "for followers", visibility="private")
    await _do(api, "bookmark", said, bert)
    await _do(api, "favourite", said, bert)
    assert len((await api.get("/api/v1/bookmarks", bert)).json) == 1
    await api.post(f"/api/v1/accounts/{anna.id}/unfollow", bert)
    assert (await api.get("/api/v1/bookmarks", bert)).json == []
    assert (await api.get("/api/v1/favourites", bert)).json == []


async def test_sr25_sr26_sr27_boosts(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "pass me on")
    boost = (await _do(api, "reblog", said, bert)).json
    assert (boost["reblog"]["id"], boost["content"]) == (said["id"], "")
    assert (boost["reblog"]["reblogs_count"], boost["reblog"]["reblogged"]) == (1, True)
    assert boost["reblogged"] is True
    assert boost["account"]["id"] == bert.id
    assert boost["uri"].endswith("/activity")
    again = (await _do(api, "reblog", boost, bert)).json
    assert (again["id"], again["reblog"]["reblogs_count"]) == (boost["id"], 1)
    people = await api.get(f"/api/v1/statuses/{boost['id']}/reblogged_by")  # SR30
    assert [account["id"] for account in people.json] == [bert.id]
    assert [n["type"] for n in (await api.get("/api/v1/notifications", anna)).json] == ["reblog"]
    undone = (await _do(api, "unreblog", said, bert)).json
    assert (undone["id"], undone["reblogs_count"], undone["reblogged"]) == (said["id"], 0, False)
    assert (await api.get("/api/v1/notifications", anna)).json == []
    assert (await api.get(f"/api/v1/accounts/{bert.id}")).json["statuses_count"] == 0


async def test_sr27_what_may_be_boosted(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.post(f"/api/v1/accounts/{anna.id}/follow", bert)
    private = await api.say(anna, "for followers", visibility="private")
    assert (await _do(api, "reblog", private, bert)).status == 404
    own = await _do(api, "reblog", private, anna)
    assert (own.status, own.json["visibility"]) == (200, "private")
    direct = await api.say(anna, "for @bert", visibility="direct")
    assert (await _do(api, "reblog", direct, anna)).status == 422
    unlisted = await api.say(anna, "quietly")
    path = f"/api/v1/statuses/{unlisted['id']}/reblog"
    quiet = await api.post(path, bert, json={"visibility": "unlisted"})
    assert quiet.json["visibility"] == "unlisted"  # SR28


async def test_deleting_a_boost_by_its_own_id(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "pass me on")
    boost = (await _do(api, "reblog", said, bert)).json
    deleted = await api.call("DELETE", f"/api/v1/statuses/{boost['id']}", bert)
    assert deleted.status == 200
    assert (await _see(api, said, bert))["reblogs_count"] == 0


async def test_sr31_a_muted_thread(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    root = await api.say(anna, "root")
    assert (await _do(api, "mute", root, anna)).json["muted"] is True
    answer = await api.say(bert, "@anna hear me", in_reply_to_id=root["id"])
    await _do(api, "favourite", root, bert)
    assert (await api.get("/api/v1/notifications", anna)).json == []
    assert (await _see(api, answer, anna))["muted"] is True
    assert (await _do(api, "unmute", root, anna)).json["muted"] is False
    await api.say(bert, "@anna and now", in_reply_to_id=root["id"])
    assert len((await api.get("/api/v1/notifications", anna)).json) == 1


async def test_sr32_sr33_pins(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = [await api.say(anna, str(number)) for number in range(6)]
    for status in said[:5]:
        assert (await _do(api, "pin", status, anna)).json["pinned"] is True
    sixth = await _do(api, "pin", said[5], anna)
    assert sixth.status == 422
    assert sixth.json["error"].endswith("You have already pinned the maximum number of posts")
    assert (await _do(api, "pin", said[0], anna)).status == 422
    for _ in range(2):
        assert (await _do(api, "unpin", said[0], anna)).json["pinned"] is False
    theirs = await _do(api, "pin", said[1], bert)
    assert theirs.json["error"].endswith("Someone else's post cannot be pinned")
    direct = await api.say(anna, "@bert", visibility="direct")
    assert (await _do(api, "pin", direct, anna)).status == 422
    boost = (await _do(api, "reblog", said[1], anna)).json
    refused = await _do(api, "pin", boost, anna)
    assert refused.json["error"].endswith("A boost cannot be pinned")
    private = await api.say(anna, "for followers", visibility="private")
    assert (await _do(api, "pin", private, anna)).status == 200


async def test_s047_blocked_people_are_left_out(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    said = await api.say(anna, "like me")
    for who in (bert, cleo):
        await _do(api, "favourite", said, who)
        await _do(api, "reblog", said, who)
    await api.post(f"/api/v1/accounts/{bert.id}/block", cleo)
    for name in ("favourited_by", "reblogged_by"):
        path = f"/api/v1/statuses/{said['id']}/{name}"
        assert [a["acct"] for a in (await api.get(path, cleo)).json] == ["cleo"]
        assert [a["acct"] for a in (await api.get(path, bert)).json] == ["bert"]
        assert len((await api.get(path)).json) == 2  # SR29: anybody may ask about a public one


async def test_marks_at_once_count_once(api: Api) -> None:
    """[SR21] Sixteen requests for one mark, and for its end: the counter is exact."""
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "like me")
    for verb, favourites, boosts in (
        ("favourite", 1, 0),
        ("reblog", 1, 1),
        ("unfavourite", 0, 1),
        ("unreblog", 0, 0),
    ):
        replies = await asyncio.gather(*(_do(api, verb, said, bert) for _ in range(16)))
        assert {reply.status for reply in replies} == {200}
        seen = await _see(api, said, anna)
        assert (seen["favourites_count"], seen["reblogs_count"]) == (favourites, boosts), verb


async def test_deletes_and_pins_at_once(api: Api) -> None:
    """Eight requests delete one status: counters go down once. Pins keep their bound."""
    anna, bert = await api.person("anna"), await api.person("bert")
    root = await api.say(bert, "root")
    said = await api.say(anna, "answer", in_reply_to_id=root["id"])
    boost = (await _do(api, "reblog", root, anna)).json
    for status in (said, boost):
        path = f"/api/v1/statuses/{status['id']}"
        replies = await asyncio.gather(*(api.call("DELETE", path, anna) for _ in range(8)))
        assert sorted(reply.status for reply in replies) == [200] + [404] * 7
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).json["statuses_count"] == 0
    seen = await _see(api, root, bert)
    assert (seen["replies_count"], seen["reblogs_count"]) == (0, 0)
    many = [await api.say(anna, str(number)) for number in range(8)]
    pinned = await asyncio.gather(*(_do(api, "pin", status, anna) for status in many))
    assert sorted(reply.status for reply in pinned) == [200] * 5 + [422] * 3
