"""Blocks, mutes and blocked domains; and that after one of them nobody meets anybody."""

from tests.contract.api import Api, Person
from tests.contract.people import (
    boost,
    counts,
    home,
    names,
    notices,
    page_link,
    raw_verb,
    relation,
    run_jobs,
    verb,
)


async def people(api: Api, *given: str) -> list[Person]:
    return [await api.person(name) for name in given]


async def test_block_ends_everything_both_ways(api: Api) -> None:
    """[AC19] S045: follows, requests, lists, endorsements, notices and homes, all at once."""
    anna, bert = await people(api, "anna", "bert")
    await verb(api, anna, "follow", bert)
    await verb(api, bert, "follow", anna)
    await verb(api, anna, "endorse", bert)
    made = (await api.post("/api/v1/lists", bert, json={"title": "friends"})).json
    await api.post(f"/api/v1/lists/{made['id']}/accounts", bert, json={"account_ids": [anna.id]})
    of_bert = await api.say(bert, "@anna hello")
    of_anna = await api.say(anna, "@bert hello")
    await api.post(f"/api/v1/statuses/{of_anna['id']}/favourite", bert)
    await boost(api, bert, of_anna["id"])
    assert len(await notices(api, anna)) == 4
    assert len(await notices(api, bert)) == 2
    assert {of_bert["id"], of_anna["id"]} == set(await home(api, anna))

    for _ in range(2):
        view = await verb(api, anna, "block", bert)
        assert (view["blocking"], view["following"], view["followed_by"]) == (True, False, False)
        assert view["endorsed"] is False
        assert await counts(api, anna) == await counts(api, bert) == (0, 0)
    assert (await relation(api, bert, anna))["blocked_by"] is True
    assert await notices(api, anna) == await notices(api, bert) == []
    assert await home(api, anna) == [of_anna["id"]]
    assert of_anna["id"] not in await home(api, bert)
    assert (await api.get(f"/api/v1/lists/{made['id']}/accounts", bert)).json == []
    assert (await api.get(f"/api/v1/statuses/{of_anna['id']}", bert)).status == 404
    assert (await api.get(f"/api/v1/accounts/{anna.id}/statuses", bert)).json == []

    for _ in range(2):
        view = await verb(api, anna, "unblock", bert)
        assert view["blocking"] is view["following"] is False
    assert await counts(api, anna) == (0, 0)


async def test_block_ends_requests(api: Api) -> None:
    """[AC19] [AC33]"""
    anna, bert = await people(api, "anna", "bert")
    for who in (anna, bert):
        path = "/api/v1/accounts/update_credentials"
        await api.call("PATCH", path, who, json={"locked": True})
    await verb(api, anna, "follow", bert)
    await verb(api, bert, "follow", anna)
    view = await verb(api, anna, "block", bert)
    assert (view["requested"], view["requested_by"]) == (False, False)
    for who in (anna, bert):
        assert (await api.get("/api/v1/follow_requests", who)).json == []
        assert await notices(api, who) == []
    gone = await api.post(f"/api/v1/follow_requests/{bert.id}/authorize", anna)
    assert gone.status == 404


async def test_nobody_keeps_away_from_themselves(api: Api) -> None:
    """[AC19] [AC20]"""
    (anna,) = await people(api, "anna")
    for name in ("block", "mute"):
        refused = await raw_verb(api, anna, name, anna)
        assert (refused.status, refused.json) == (403, {"error": "This action is not allowed"})
        assert (await raw_verb(api, anna, name, "999")).status == 404
    view = await relation(api, anna, anna)
    assert view["blocking"] is view["muting"] is False


async def test_s047_a_block_hides_each_from_the_other(api: Api) -> None:
    """S047: with a friend of both in between, every surface is silent, for either of them."""
    anna, bert, fred = await people(api, "anna", "bert", "fred")
    for who in (anna, bert):
        await verb(api, who, "follow", fred)
        await verb(api, fred, "follow", who)
    of_bert = await api.say(bert, "from bert")
    of_anna = await api.say(anna, "from anna")
    of_fred = await api.say(fred, "from fred")
    for who in (anna, bert):
        await api.post(f"/api/v1/statuses/{of_fred['id']}/favourite", who)
        await boost(api, who, of_fred["id"])
    await verb(api, anna, "block", bert)

    boosts = {bert.id: await boost(api, fred, of_bert["id"])}
    boosts[anna.id] = await boost(api, fred, of_anna["id"])
    mentioning = {bert.id: await api.say(fred, "@bert listen")}
    mentioning[anna.id] = await api.say(fred, "@anna listen")
    said = {bert.id: of_bert, anna.id: of_anna}
    for who, other in ((anna, bert), (bert, anna)):
        at_home = await home(api, who)
        assert boosts[other.id] not in at_home
        assert said[other.id]["id"] not in at_home
        profile = await api.get(f"/api/v1/accounts/{fred.id}/statuses?limit=40", who)
        assert boosts[other.id] not in [each["id"] for each in profile.json]
        for path in ("followers", "following"):
            assert other.name not in await names(api, f"/api/v1/accounts/{fred.id}/{path}", who)
        for kind in ("favourited_by", "reblogged_by"):
            path = f"/api/v1/statuses/{of_fred['id']}/{kind}"
            assert other.name not in await names(api, path, who)
        found = await names(api, f"/api/v1/accounts/search?q={other.name}", who)
        assert found == []
        assert other.name not in [name for _, name in await notices(api, who)]
    # Whoever blocks does not meet what is said to the blocked one either.
    assert mentioning[bert.id]["id"] not in await home(api, anna)
    # A mention of somebody whom one has blocked, or who has blocked one, leads nowhere.
    for who, other in ((anna, bert), (bert, anna)):
        status = await api.say(who, f"@{other.name} can you hear me")
        assert status["mentions"] == []
    assert await names(api, f"/api/v1/accounts/{fred.id}/followers") == ["bert", "anna"]


async def test_s043_s045_losing_a_follow_takes_private_things_away(api: Api) -> None:
    """S043, S045: a private status is gone from every list the moment the follow is."""
    anna, bert = await people(api, "anna", "bert")
    await verb(api, anna, "follow", bert)
    said = await api.say(bert, "for followers #secret", visibility="private")
    status = f"/api/v1/statuses/{said['id']}"
    for mark in ("bookmark", "favourite"):
        assert (await api.post(f"{status}/{mark}", anna)).status == 200
    lists = (
        "/api/v1/bookmarks",
        "/api/v1/favourites",
        "/api/v1/timelines/home",
        f"/api/v1/accounts/{bert.id}/statuses",
    )
    for path in lists:
        assert [each["id"] for each in (await api.get(path, anna)).json] == [said["id"]]
    await verb(api, bert, "remove_from_followers", anna)
    for path in lists:
        assert (await api.get(path, anna)).json == [], path
    for path in (status, f"{status}/context", f"{status}/history", f"{status}/favourited_by"):
        assert (await api.get(path, anna)).status == 404
    assert (await api.get("/api/v1/timelines/tag/secret", anna)).json == []


async def test_lists_of_blocks_and_mutes(api: Api) -> None:
    """[AC34]: newest first, paged by ids that only the links know."""
    anna, *others = await people(api, "anna", "bert", "carl", "dora")
    for kind in ("block", "mute"):
        for other in others:
            await verb(api, anna, kind, other)
        first = await api.get(f"/api/v1/{kind}s?limit=2", anna)
        assert [each["username"] for each in first.json] == ["dora", "carl"]
        following = page_link(first.headers, "next")
        assert "limit=2&max_id=" in following
        second = await api.get(following, anna)
        assert [each["username"] for each in second.json] == ["bert"]
        assert page_link(second.headers, "next") == ""
        newer = page_link(first.headers, "prev")
        assert "since_id=" in newer
        assert (await api.get(newer, anna)).json == []
        assert (await api.get(f"/api/v1/{kind}s", others[0])).json == []


async def test_mute_keeps_the_follow(api: Api) -> None:
    """[AC20] [TL6] [NO7]"""
    anna, bert, carl = await people(api, "anna", "bert", "carl")
    await verb(api, anna, "follow", bert)
    await verb(api, anna, "follow", carl)
    before = await api.say(bert, "before")
    about = await api.say(carl, "@bert look")
    view = await verb(api, anna, "mute", bert)
    assert (view["muting"], view["muting_notifications"], view["following"]) == (True, True, True)
    assert view["muting_expires_at"] is None
    assert await counts(api, bert) == (1, 0)
    assert (await relation(api, bert, anna))["muting"] is False
    during = await api.say(bert, "@anna during")
    assert await home(api, anna) == []
    assert await notices(api, anna) == []
    (muted,) = (await api.get("/api/v1/mutes", anna)).json
    assert (muted["username"], muted["mute_expires_at"]) == ("bert", None)

    view = await verb(api, anna, "mute", bert, notifications=False)
    assert (view["muting"], view["muting_notifications"]) == (True, False)
    await api.say(bert, "@anna again")
    assert await notices(api, anna) == [("mention", "bert")]

    for _ in range(2):
        view = await verb(api, anna, "unmute", bert)
        assert view["muting"] is view["muting_notifications"] is False
    assert {before["id"], during["id"]} < set(await home(api, anna))
    assert about["id"] not in await home(api, anna)


async def test_a_mute_ends_by_itself(api: Api) -> None:
    """[AC20] [GT4]: at its moment, and the home is whole again; prolonged, it goes on."""
    anna, bert = await people(api, "anna", "bert")
    await verb(api, anna, "follow", bert)
    said = await api.say(bert, "hello")
    view = await verb(api, anna, "mute", bert, duration=300)
    assert view["muting_expires_at"].endswith("Z")
    assert "." not in view["muting_expires_at"]
    (muted,) = (await api.get("/api/v1/mutes", anna)).json
    assert muted["mute_expires_at"].startswith(view["muting_expires_at"][:-1])
    api.clock.move(seconds=200)
    await verb(api, anna, "mute", bert, duration="300")
    api.clock.move(seconds=200)
    assert await run_jobs(api) == 1
    assert (await relation(api, anna, bert))["muting"] is True
    api.clock.move(seconds=101)
    assert (await relation(api, anna, bert))["muting"] is False
    assert (await api.get("/api/v1/mutes", anna)).json == []
    assert await run_jobs(api) == 1
    assert await home(api, anna) == [said["id"]]

    view = await verb(api, anna, "mute", bert, duration=300)
    view = await verb(api, anna, "mute", bert, duration=0)
    assert (view["muting"], view["muting_expires_at"]) == (True, None)
    api.clock.move(seconds=400)
    assert await run_jobs(api) == 1
    assert (await relation(api, anna, bert))["muting"] is True
    for odd in (-1, 10**12):
        assert (await raw_verb(api, anna, "mute", bert, duration=odd)).status == 422


async def test_following_a_muted_account_brings_nothing_home(api: Api) -> None:
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(bert, "hello")
    await verb(api, anna, "mute", bert)
    await verb(api, anna, "follow", bert)
    assert await home(api, anna) == []
    await verb(api, anna, "unmute", bert)
    assert await home(api, anna) == [said["id"]]


async def test_blocked_domains(api: Api) -> None:
    """[AC35]"""
    anna, bert = await people(api, "anna", "bert")
    path = "/api/v1/domain_blocks"
    assert (await api.get(path, anna)).json == []
    for given in ("Bad.Example", "bad.example", "worse.example.", "b\u00fccher.example"):
        made = await api.post(path, anna, form={"domain": given})
        assert (made.status, made.json) == (200, {})
        api.clock.move(milliseconds=1)
    assert (await api.get(path, anna)).json == [
        "xn--bcher-kva.example",
        "worse.example",
        "bad.example",
    ]
    page = await api.get(f"{path}?limit=1", anna)
    assert page.json == ["xn--bcher-kva.example"]
    assert 'rel="next"' in page.headers["link"]
    for odd in ("", " ", "not a domain", "..", "x" * 300):
        refused = await api.post(path, anna, json={"domain": odd})
        assert refused.status == 422, odd
        assert refused.json["error"].startswith("Validation failed: Domain")
    assert (await api.post(path, anna)).status == 422
    for _ in range(2):
        gone = await api.call("DELETE", path, anna, form={"domain": "BAD.example"})
        assert (gone.status, gone.json) == (200, {})
    assert "bad.example" not in (await api.get(path, anna)).json
    assert (await api.get(path, bert)).json == []
