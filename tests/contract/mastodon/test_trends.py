"""Trends and suggestions: what many take up, and whom one might follow."""

from typing import Any

from tests.contract.api import Api, Person, Reply


def names(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [tag["name"] for tag in reply.json]


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [each["id"] for each in reply.json]


async def people(api: Api, *wanted: str) -> list[Person]:
    return [await api.person(name) for name in wanted]


async def mark(api: Api, status: dict[str, Any], *deeds: tuple[Person, str]) -> None:
    for who, deed in deeds:
        reply = await api.post(f"/api/v1/statuses/{status['id']}/{deed}", who)
        assert reply.status == 200, reply.body


async def follow(api: Api, who: Person, *whom: Person) -> None:
    for each in whom:
        reply = await api.post(f"/api/v1/accounts/{each.id}/follow", who)
        assert reply.status == 200, reply.body


async def discoverable(api: Api, *wanted: Person) -> None:
    for who in wanted:
        path = "/api/v1/accounts/update_credentials"
        reply = await api.call("PATCH", path, who, json={"discoverable": True})
        assert reply.status == 200, reply.body


async def test_tr1_tags_trend_by_the_people_who_use_them(api: Api) -> None:
    anna, bert, cora = await people(api, "anna", "bert", "cora")
    await api.say(anna, "#old")
    await api.say(bert, "#old")
    api.clock.move(days=4)
    for who in (anna, bert, cora):
        await api.say(who, "#Soup")
    for who in (anna, bert):
        await api.say(who, "#tea #tea")
    for _ in range(5):
        await api.say(cora, "#mine")
    for who in (anna, bert, cora):
        await api.say(who, "#secret", visibility="private")
    for path in ("/api/v1/trends/tags", "/api/v1/trends"):
        reply = await api.get(path)
        assert names(reply) == ["soup", "tea"]
        assert reply.json[0]["history"][0]["accounts"] == "3"
        assert "following" not in reply.json[0]
    await api.post("/api/v1/tags/tea/follow", anna)
    signed_in = await api.get("/api/v1/trends/tags", anna)
    assert [tag["following"] for tag in signed_in.json] == [False, True]
    first = await api.get("/api/v1/trends/tags?limit=1")
    assert names(first) == ["soup"]
    onward = 'http://stonechat.test/api/v1/trends/tags?offset=1&limit=1>; rel="next"'
    assert onward in first.headers["link"]
    assert names(await api.get("/api/v1/trends/tags?offset=1&limit=1")) == ["tea"]
    assert names(await api.get("/api/v1/trends/tags?offset=2")) == []
    assert names(await api.get("/api/v1/trends/tags?offset=-5&limit=-1")) == ["soup"]


async def test_tr1_statuses_trend_by_their_marks(api: Api) -> None:
    anna, bert, cora, dora = await people(api, "anna", "bert", "cora", "dora")
    quiet = await api.say(anna, "one mark is no trend")
    await mark(api, quiet, (bert, "favourite"))
    liked = await api.say(anna, "liked")
    await mark(api, liked, (bert, "favourite"), (cora, "favourite"))
    loved = await api.say(bert, "loved")
    await mark(api, loved, (anna, "favourite"), (cora, "favourite"), (cora, "reblog"))
    marks = ((bert, "favourite"), (cora, "favourite"), (dora, "favourite"))
    for hidden in (
        await api.say(anna, "unlisted", visibility="unlisted"),
        await api.say(anna, "behind a warning", sensitive=True),
        await api.say(anna, "an answer", in_reply_to_id=quiet["id"]),
    ):
        await mark(api, hidden, *marks)
    path = "/api/v1/trends/statuses"
    assert ids(await api.get(path)) == [loved["id"], liked["id"]]
    assert (await api.get(path)).json[0]["reblogs_count"] == 1
    assert ids(await api.get(f"{path}?limit=1&offset=1", dora)) == [liked["id"]]

    # The order is kept for some minutes; who may see what is asked for every time.
    assert (await api.post(f"/api/v1/accounts/{bert.id}/block", dora)).status == 200
    assert ids(await api.get(path, dora)) == [liked["id"]]
    await api.call("DELETE", f"/api/v1/statuses/{loved['id']}", bert)
    assert ids(await api.get(path)) == [liked["id"]]
    await mark(api, quiet, (cora, "favourite"), (dora, "favourite"))
    assert ids(await api.get(path)) == [liked["id"]]
    api.clock.move(minutes=6)
    assert ids(await api.get(path)) == [quiet["id"], liked["id"]]
    api.clock.move(days=4)
    assert ids(await api.get(path)) == []


async def test_tr1_a_day_halves_what_a_mark_is_worth(api: Api) -> None:
    anna, bert, cora, dora = await people(api, "anna", "bert", "cora", "dora")
    old = await api.say(anna, "of yesterday")
    await mark(api, old, *((who, "favourite") for who in (bert, cora, dora)))
    api.clock.move(days=1)
    new = await api.say(anna, "of today")
    await mark(api, new, (bert, "favourite"), (cora, "favourite"))
    assert ids(await api.get("/api/v1/trends/statuses")) == [new["id"], old["id"]]


async def test_tr1_no_links_trend(api: Api) -> None:
    reply = await api.get("/api/v1/trends/links")
    assert (reply.status, reply.json) == (200, [])


async def test_trends_are_worked_out_once_for_everybody(api: Api) -> None:
    anna, bert = await people(api, "anna", "bert")
    for who in (anna, bert):
        await api.say(who, "#soup")
    assert names(await api.get("/api/v1/trends/tags")) == ["soup"]
    api.recorder.forget()
    assert names(await api.get("/api/v1/trends/tags", anna)) == ["soup"]
    # Token, the days of the tags, the viewer's marks on them.
    assert api.recorder.count == 3


async def test_ac38_friends_of_friends_come_first(api: Api) -> None:
    everybody = await people(api, "anna", "bert", "cora", "dora", "emil", "fred", "gina")
    anna, bert, cora, dora, emil, fred, gina = everybody
    await discoverable(api, dora, emil, fred, cora, anna)
    await follow(api, anna, bert, cora)
    await follow(api, bert, dora, emil, gina, anna)
    await follow(api, cora, dora)
    for who in (bert, cora, dora, gina):
        await follow(api, who, fred)
    reply = await api.get("/api/v2/suggestions", anna)
    assert reply.status == 200
    found = [(each["account"]["username"], each["sources"]) for each in reply.json]
    near, far = ["friends_of_friends"], ["most_followed"]
    assert found == [("dora", near), ("fred", near), ("emil", near)]
    assert {each["source"] for each in reply.json} == {"past_interactions"}
    plain = await api.get("/api/v1/suggestions", anna)
    assert [each["username"] for each in plain.json] == ["dora", "fred", "emil"]
    assert ids(await api.get("/api/v1/suggestions?limit=1&offset=1", anna)) == [fred.id]

    strangers = await api.get("/api/v2/suggestions", gina)
    found = [(each["account"]["username"], each["sources"]) for each in strangers.json]
    assert found == [("dora", far), ("emil", far), ("cora", far), ("anna", far)]


async def test_ac38_who_is_never_suggested(api: Api) -> None:
    everybody = await people(api, "anna", "bert", "cora", "dora", "emil", "fred")
    anna, bert, cora, dora, emil, fred = everybody
    await discoverable(api, bert, cora, dora, emil, anna)
    path = "/api/v1/suggestions"
    assert set(ids(await api.get(path, anna))) == {bert.id, cora.id, dora.id, emil.id}
    assert fred.id not in ids(await api.get(path, anna))
    await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    await api.post(f"/api/v1/accounts/{anna.id}/block", cora)
    await api.post(f"/api/v1/accounts/{dora.id}/mute", anna)
    assert ids(await api.get(path, anna)) == [emil.id]
    for target in (emil.id, emil.id, "1", "rubbish"):
        reply = await api.call("DELETE", f"{path}/{target}", anna)
        assert (reply.status, reply.json) == (200, {})
    assert ids(await api.get(path, anna)) == []
    assert emil.id in ids(await api.get(path, bert))


async def test_whose_follows_are_hidden_suggests_nobody(api: Api) -> None:
    anna, bert, cora = await people(api, "anna", "bert", "cora")
    await discoverable(api, cora)
    await follow(api, anna, bert)
    await follow(api, bert, cora)
    reply = await api.get("/api/v2/suggestions", anna)
    assert [each["source"] for each in reply.json] == ["past_interactions"]
    path, hiding = "/api/v1/accounts/update_credentials", {"hide_collections": True}
    assert (await api.call("PATCH", path, bert, json=hiding)).status == 200
    reply = await api.get("/api/v2/suggestions", anna)
    assert [each["source"] for each in reply.json] == ["global"]
