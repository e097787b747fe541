"""Tags: one of them, following and featuring, and what a follow brings home."""

import re
from typing import Any

from stonechat.domain import limits
from stonechat.kernel.ids import EPOCH_MS
from stonechat.services.consequences import HANDLERS
from tests.contract.api import Api, Person, Reply

NOT_FOUND = {"error": "Record not found"}
DAY_S = 86_400


def names(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [tag["name"] for tag in reply.json]


async def home(api: Api, who: Person) -> list[str]:
    return [status["id"] for status in (await api.get("/api/v1/timelines/home", who)).json]


async def follow_tag(api: Api, who: Person, name: str) -> dict[str, Any]:
    reply = await api.post(f"/api/v1/tags/{name}/follow", who)
    assert reply.status == 200, reply.body
    return reply.json


async def test_ta1_a_tag_and_its_week(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    # Noon, so that moving by days never crosses into a day too many.
    now = api.clock.now()
    api.clock.move(hours=12 - now.hour, minutes=-now.minute)
    await api.say(anna, "eight days ago #Soup")
    api.clock.move(days=7)
    await api.say(anna, "yesterday #soup")
    api.clock.move(days=1)
    for who in (anna, bert, bert):
        await api.say(who, "today #SOUP")
    gone = await api.say(bert, "a slip #soup")
    await api.call("DELETE", f"/api/v1/statuses/{gone['id']}", bert)
    for visibility in ("unlisted", "private", "direct"):
        await api.say(bert, "not to be counted #soup", visibility=visibility)

    tag = (await api.get("/api/v1/tags/Soup")).json
    assert (tag["name"], tag["url"]) == ("soup", "http://stonechat.test/tags/soup")
    assert len(tag["history"]) == 7
    midnight = int(api.clock.now().timestamp()) // DAY_S * DAY_S
    assert tag["history"][0] == {"day": str(midnight), "uses": "3", "accounts": "2"}
    assert tag["history"][1] == {"day": str(midnight - DAY_S), "uses": "1", "accounts": "1"}
    assert {day["uses"] for day in tag["history"][2:]} == {"0"}
    assert "following" not in tag
    assert EPOCH_MS % (DAY_S * 1000) == 0

    signed_in = (await api.get("/api/v1/tags/soup", anna)).json
    assert (signed_in["following"], signed_in["featuring"]) == (False, False)
    unused = await api.get("/api/v1/tags/never-used".replace("-", ""))
    assert (unused.status, unused.json["name"]) == (200, "neverused")
    assert {day["accounts"] for day in unused.json["history"]} == {"0"}
    assert (await api.get("/api/v1/tags/caf%C3%A9")).json["name"] == "cafe"


async def test_ta1_ta2_what_is_no_tag_is_not_found(api: Api) -> None:
    anna = await api.person("anna")
    for name in ("tag-name", "1234", "%23", "a%20b", "x" * 101, "%E2%80%8B"):
        for reply in (
            await api.get(f"/api/v1/tags/{name}"),
            await api.post(f"/api/v1/tags/{name}/follow", anna),
            await api.post(f"/api/v1/tags/{name}/unfollow", anna),
            await api.post(f"/api/v1/tags/{name}/feature", anna),
            await api.post(f"/api/v1/tags/{name}/unfeature", anna),
        ):
            assert (reply.status, reply.json) == (404, NOT_FOUND), name


async def test_ta2_follow_and_feature_twice_is_once(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    for verb, mark in (("follow", "following"), ("feature", "featuring")):
        for _ in range(2):
            reply = await api.post(f"/api/v1/tags/Bread/{verb}", anna)
            assert (reply.status, reply.json["name"], reply.json[mark]) == (200, "bread", True)
        assert (await api.get("/api/v1/tags/bread", anna)).json[mark] is True
        assert (await api.get("/api/v1/tags/bread", bert)).json[mark] is False
    assert names(await api.get("/api/v1/followed_tags", anna)) == ["bread"]
    for verb, mark in (("unfollow", "following"), ("unfeature", "featuring")):
        for _ in range(2):
            reply = await api.post(f"/api/v1/tags/bread/{verb}", anna)
            assert (reply.status, reply.json[mark]) == (200, False)
    assert names(await api.get("/api/v1/followed_tags", anna)) == []
    assert (await api.post("/api/v1/tags/bread/follow")).status == 401


async def test_ta3_pages_of_followed_tags(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    for number in range(5):
        await follow_tag(api, anna, f"tag{number}")
    await follow_tag(api, bert, "other")
    page = await api.get("/api/v1/followed_tags?limit=2", anna)
    assert names(page) == ["tag4", "tag3"]
    assert all(tag["following"] and len(tag["history"]) == 7 for tag in page.json)
    onward = re.search(r'<http://stonechat\.test([^>]*)>; rel="next"', page.headers["link"])
    back = re.search(r'<http://stonechat\.test([^>]*)>; rel="prev"', page.headers["link"])
    assert onward
    assert back
    assert "since_id=" in back[1]
    assert names(await api.get(onward[1], anna)) == ["tag2", "tag1"]
    assert names(await api.get(back[1], anna)) == []


async def test_followed_tags_have_a_bound(api: Api) -> None:
    anna = await api.person("anna")
    for number in range(limits.FOLLOWED_TAGS_MAX):
        row = (int(anna.id), f"tag{number}", number + 1)
        sql = "INSERT INTO tag_follows (account_id, tag, id) VALUES ($1, $2, $3)"
        await api.env.db.write(lambda tx, row=row, sql=sql: tx.run(sql, *row))
    assert (await api.post("/api/v1/tags/onemore/follow", anna)).status == 422
    # One that is followed already is no one more.
    assert (await api.post("/api/v1/tags/tag7/follow", anna)).status == 200


async def test_ta3_what_is_said_under_a_followed_tag_comes_home(api: Api) -> None:
    anna, bert, cora = [await api.person(name) for name in ("anna", "bert", "cora")]
    await follow_tag(api, anna, "soup")
    await follow_tag(api, anna, "lunch")
    await api.post(f"/api/v1/accounts/{cora.id}/follow", anna)
    wanted = [
        await api.say(bert, "#Soup and #lunch, once"),
        await api.say(cora, "#soup from whom she follows"),
        await api.say(bert, "@cora #soup as an answer to a stranger"),
        await api.say(anna, "my own #soup"),
    ]
    await api.say(bert, "no tag")
    for visibility in ("unlisted", "private", "direct"):
        await api.say(bert, "#soup for fewer", visibility=visibility)
    boosted = await api.say(bert, "#other")
    await api.post(f"/api/v1/statuses/{boosted['id']}/reblog", bert)
    assert await home(api, anna) == [status["id"] for status in wanted[::-1]]
    own = await home(api, bert)
    assert len(own) == len(set(own))

    assert (await api.post("/api/v1/tags/soup/unfollow", anna)).status == 200
    await api.say(bert, "#soup after all")
    assert len(await home(api, anna)) == len(wanted)


async def test_followed_tags_respect_blocks_and_mutes(api: Api) -> None:
    people = [await api.person(name) for name in ("anna", "bert", "cora", "dora", "emil")]
    anna, bert, cora, dora, emil = people
    await follow_tag(api, anna, "soup")
    await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    await api.post(f"/api/v1/accounts/{anna.id}/block", cora)
    await api.post(f"/api/v1/accounts/{dora.id}/mute", anna)
    for who in (bert, cora, dora):
        await api.say(who, "#soup")
    await api.say(emil, "#soup with @bert")
    await api.say(emil, "#soup with @dora")
    assert await home(api, anna) == []
    seen = await api.say(emil, "#soup")
    assert await home(api, anna) == [seen["id"]]


async def test_a_tag_that_very_many_follow_comes_home_by_a_job(api: Api, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "FANOUT_IN_TRANSACTION_FOLLOWERS_MAX", 1)
    anna, bert, cora = [await api.person(name) for name in ("anna", "bert", "cora")]
    for who in (anna, bert):
        await follow_tag(api, who, "soup")
    said = await api.say(cora, "#soup")
    assert await home(api, anna) == []
    rows = await api.env.db.all(
        "SELECT kind FROM jobs WHERE kind = 'fan_out_tags' AND failed_ms IS NULL"
    )
    assert [row[0] for row in rows] == ["fan_out_tags"]
    for _ in range(2):
        await HANDLERS["fan_out_tags"](api.env, {"status_id": int(said["id"])})
    assert await home(api, anna) == await home(api, bert) == [said["id"]]


async def test_ta4_featured_tags(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.say(anna, "#SoupOfTheDay")
    await api.say(anna, "#soupoftheday", visibility="unlisted")
    await api.say(anna, "#soupoftheday", visibility="private")
    await api.say(bert, "#soupoftheday")
    path = "/api/v1/featured_tags"
    made = await api.post(path, anna, form={"name": "#SoupOfTheDay"})
    assert made.status == 200
    assert made.json["name"] == "SoupOfTheDay"
    assert made.json["statuses_count"] == "2"
    assert made.json["last_status_at"] == api.clock.now().date().isoformat()
    again = await api.post(path, anna, json={"name": "soupoftheday"})
    assert (again.status, again.json["id"]) == (200, made.json["id"])
    assert (await api.get(path, anna)).json == [made.json]
    assert (await api.get(path, bert)).json == []

    for missing in ({}, {"name": ""}):
        assert (await api.post(path, anna, json=missing)).status == 400
    assert (await api.post(path, anna, json={"name": "no-tag"})).status == 422
    foreign = await api.call("DELETE", f"{path}/{made.json['id']}", bert)
    absent = await api.call("DELETE", f"{path}/1", bert)
    assert (foreign.status, foreign.body) == (404, absent.body)
    for number in range(limits.FEATURED_TAGS_MAX - 1):
        assert (await api.post(path, anna, json={"name": f"tag{number}"})).status == 200
    unused = (await api.get(path, anna)).json[-1]
    assert (unused["statuses_count"], unused["last_status_at"]) == ("0", None)
    assert (await api.post(path, anna, json={"name": "onemore"})).status == 422
    assert (await api.call("DELETE", f"{path}/{made.json['id']}", anna)).json == {}
    assert (await api.post(path, anna, json={"name": "onemore"})).status == 200


async def test_ta4_suggested_are_the_tags_one_uses(api: Api) -> None:
    anna = await api.person("anna")
    for text in ("#soup #bread", "#soup #tea", "#soup #tea"):
        await api.say(anna, text)
    await api.say(anna, "#secret", visibility="private")
    path = "/api/v1/featured_tags/suggestions"
    assert names(await api.get(path, anna)) == ["soup", "tea", "bread"]
    await api.post("/api/v1/tags/tea/feature", anna)
    assert names(await api.get(path, anna)) == ["soup", "bread"]
