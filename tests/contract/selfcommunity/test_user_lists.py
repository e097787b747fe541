"""The lists around a user, and what lies between two of them."""

import asyncio

from tests.contract.api import Api, Person
from tests.contract.people import change, counts, home, notices, verb
from tests.contract.selfcommunity.community import ask, category, contribute


async def listed(api: Api, path: str, who: Person | None = None) -> list[str]:
    reply = await ask(api, "GET", path, who)
    assert reply.status == 200, reply.body
    return [each["username"] for each in reply.json["results"]]


async def fact(api: Api, whom: Person, key: str, who: Person) -> object:
    reply = await ask(api, "GET", f"/user/{whom.id}/{key}/", who)
    assert (reply.status, list(reply.json)) == (200, [key])
    return reply.json[key]


async def test_following(api: Api) -> None:
    """[1.4] [T]: one POST toggles; the same row in every dialect; a locked account is asked."""
    anna, bert = await api.person("anna"), await api.person("bert")
    reply = await ask(api, "POST", f"/user/{bert.id}/follow/", anna)
    assert (reply.status, reply.body) == (204, b"")
    assert await counts(api, bert) == (1, 0)
    assert await notices(api, bert) == [("follow", "anna")]
    assert await fact(api, bert, "is_followed", anna) is True
    assert await fact(api, anna, "is_follower", bert) is True
    assert await fact(api, bert, "connection_status", anna) == "followed"
    assert await fact(api, bert, "is_connection", anna) is False
    statuses = await ask(
        api, "POST", "/user/connection/statuses/", anna, users=[int(bert.id), 7, "x"]
    )
    assert statuses.json == {"connection_statuses": {bert.id: "followed"}}
    shown = (await ask(api, "GET", f"/user/{bert.id}/")).json
    assert (shown["followers_counter"], shown["followings_counter"]) == (1, 0)
    assert (await ask(api, "POST", f"/user/{bert.id}/follow/", anna)).status == 204
    assert await counts(api, bert) == (0, 0)
    await change(api, bert, locked=True)
    await ask(api, "POST", f"/user/{bert.id}/follow/", anna)
    assert await fact(api, bert, "is_followed", anna) is False
    assert await notices(api, bert) == [("follow_request", "anna")]
    await ask(api, "POST", f"/user/{bert.id}/follow/", anna)
    assert await notices(api, bert) == []
    await verb(api, bert, "block", anna)
    blocked = await ask(api, "POST", f"/user/{bert.id}/follow/", anna)
    assert (blocked.status, blocked.json["errors"][0]["code"]) == (403, "permission_denied")
    assert (await ask(api, "POST", f"/user/{anna.id}/follow/", anna)).status == 403
    assert (await ask(api, "POST", "/user/7/follow/", anna)).status == 404


async def test_many_toggles_at_once(api: Api) -> None:
    """64 at once: counters agree with the rows, whatever order they came in."""
    anna, bert = await api.person("anna"), await api.person("bert")
    path = f"/user/{bert.id}/"
    replies = await asyncio.gather(
        *(ask(api, "POST", path + verb_, anna) for verb_ in ("follow/", "hide/") * 32)
    )
    assert {reply.status for reply in replies} == {204}
    assert await fact(api, bert, "is_followed", anna) is False
    assert await fact(api, bert, "is_hidden", anna) is False
    assert await counts(api, bert) == await counts(api, anna) == (0, 0)


async def test_hiding(api: Api) -> None:
    """[2.8] [6.1]: a mute, in the community's words; the other does not notice it."""
    anna, bert = await api.person("anna"), await api.person("bert")
    cleo = await api.person("cleo")
    await ask(api, "POST", f"/user/{bert.id}/follow/", anna)
    said = await contribute(api, bert, "hello")
    assert await home(api, anna) == [str(said["id"])]
    for whom in (bert, cleo):
        assert (await ask(api, "POST", f"/user/{whom.id}/hide/", anna)).status == 204
    assert await home(api, anna) == []
    assert await fact(api, bert, "is_hidden", anna) is True
    assert await fact(api, anna, "is_hidden_by", bert) is False
    ids = (await ask(api, "GET", "/user/hidden_users_id/", anna)).json
    assert ids == [int(cleo.id), int(bert.id)]
    assert await listed(api, "/user/hidden_users/", anna) == ["cleo", "bert"]
    assert await listed(api, "/user/hidden_users/?search=er", anna) == ["bert"]
    await ask(api, "POST", f"/user/{bert.id}/hide/", anna)
    assert await home(api, anna) == [str(said["id"])]
    await verb(api, cleo, "block", anna)
    assert await fact(api, cleo, "is_hidden_by", anna) is True


async def test_circles(api: Api) -> None:
    """[2.8]: whom I follow myself comes first; who hides them, or blocks me, shows nobody."""
    anna, bert = await api.person("anna"), await api.person("bert")
    cleo, dora = await api.person("cleo"), await api.person("dora")
    for follower in (bert, cleo, dora):
        await ask(api, "POST", f"/user/{anna.id}/follow/", follower)
    await ask(api, "POST", f"/user/{bert.id}/follow/", dora)
    path = f"/user/{anna.id}/followers/"
    assert await listed(api, path) == ["dora", "cleo", "bert"]
    assert await listed(api, path, dora) == ["bert", "dora", "cleo"]
    assert await listed(api, path + "?mutual=1", dora) == ["bert"]
    second = (await ask(api, "GET", path + "?limit=1&offset=1", dora)).json
    assert (second["count"], second["results"][0]["username"]) == (3, "dora")
    assert second["next"].endswith("?limit=1&offset=2")
    assert second["previous"].endswith("?limit=1&offset=0")
    last = (await ask(api, "GET", path + "?limit=2&offset=2", dora)).json
    assert ([each["username"] for each in last["results"]], last["next"]) == (["cleo"], None)
    assert await listed(api, f"/user/{dora.id}/followings/", cleo) == ["anna", "bert"]
    await verb(api, dora, "mute", cleo)
    assert await listed(api, path, dora) == ["bert", "dora"]
    await change(api, anna, hide_collections=True)
    assert await listed(api, path, dora) == []
    assert await listed(api, path, anna) == ["dora", "cleo", "bert"]
    await verb(api, dora, "block", bert)
    assert await listed(api, f"/user/{dora.id}/followings/", bert) == []


async def test_categories_counters_and_what_is_not_here(api: Api) -> None:
    """[1.3] [2.8]: a bare list of categories; empty pages; friendships are refused."""
    admin, anna = await api.person("rooty", role="admin"), await api.person("anna")
    bert = await api.person("bert")
    made = await category(api, admin, "Bees")
    other = await category(api, admin, "Wasps")
    for each in (made, other):
        assert (await ask(api, "POST", f"/category/{each['id']}/follow/", anna)).status == 204
    assert (await ask(api, "POST", f"/category/{made['id']}/follow/", bert)).status == 204
    path = f"/user/{anna.id}/categories/"
    whole = (await ask(api, "GET", path)).json
    assert sorted(each["name"] for each in whole) == ["Bees", "Wasps"]
    assert [each["name"] for each in (await ask(api, "GET", path + "?mutual=1", bert)).json] == [
        "Bees"
    ]
    counters = (await ask(api, "GET", f"/user/{anna.id}/counters/")).json
    assert counters == {
        "discussions": 0,
        "posts": 0,
        "statuses": 0,
        "polls": 0,
        "followings": 0,
        "followers": 0,
        "categories": 2,
    }
    for noun in ("connections", "groups", "events", "courses"):
        reply = await ask(api, "GET", f"/user/{anna.id}/{noun}/", bert)
        assert reply.json == {"count": 0, "next": None, "previous": None, "results": []}
    points = await ask(api, "GET", f"/user/{anna.id}/loyalty/points/", bert)
    assert points.json == {"points": 0}
    verbs = ("request", "accept", "reject", "remove", "cancel_request", "cancel_reject")
    for name in verbs:
        reply = await ask(api, "POST", f"/user/{anna.id}/connection/{name}/", bert)
        assert (reply.status, reply.json["errors"][0]["code"]) == (403, "permission_denied")
    for name in ("requests", "requests_sent"):
        assert (await ask(api, "GET", f"/user/connection/{name}/", bert)).status == 403
    seen = await ask(api, "POST", f"/user/{anna.id}/connection_requests/mark_seen/", bert)
    assert seen.status == 403
