"""Following and not following any more: what each verb answers, and what it leaves behind."""

import pytest

from stonechat.domain import limits
from stonechat.domain.relationships import followings_max
from tests.contract.api import Api
from tests.contract.people import (
    boost,
    change,
    counts,
    home,
    notices,
    raw_verb,
    relation,
    run_jobs,
    verb,
)

KEYS = {
    "id",
    "following",
    "showing_reblogs",
    "notifying",
    "languages",
    "followed_by",
    "blocking",
    "blocked_by",
    "muting",
    "muting_notifications",
    "muting_expires_at",
    "requested",
    "requested_by",
    "domain_blocking",
    "endorsed",
    "note",
}


async def test_follow_and_unfollow(api: Api) -> None:
    """[AC15] [AC17] [AC39]: at once, once, and gone without a trace."""
    anna, bert = await api.person("anna"), await api.person("bert")
    for _ in range(2):
        view = await verb(api, anna, "follow", bert)
        assert view.keys() == KEYS
        assert (view["id"], view["following"], view["requested"]) == (bert.id, True, False)
        assert (view["showing_reblogs"], view["notifying"], view["languages"]) == (
            True,
            False,
            None,
        )
        assert await counts(api, anna) == (0, 1)
        assert await counts(api, bert) == (1, 0)
        assert await notices(api, bert) == [("follow", "anna")]
    assert (await relation(api, bert, anna))["followed_by"] is True
    for _ in range(2):
        view = await verb(api, anna, "unfollow", bert)
        assert view["following"] is view["showing_reblogs"] is False
        assert await counts(api, anna) == await counts(api, bert) == (0, 0)
        assert await notices(api, bert) == []


async def test_follow_of_a_locked_account_is_a_request(api: Api) -> None:
    """[AC15] [AC33]: asked, granted, and the follow as it was asked for."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await change(api, bert, locked=True)
    said = await api.say(bert, "for followers", visibility="private")
    view = await verb(api, anna, "follow", bert, reblogs=False, notify=True)
    assert (view["following"], view["requested"]) == (False, True)
    assert view["showing_reblogs"] is view["notifying"] is False
    assert (await relation(api, bert, anna))["requested_by"] is True
    assert await counts(api, bert) == (0, 0)
    assert await notices(api, bert) == [("follow_request", "anna")]
    waiting = await api.get("/api/v1/follow_requests", bert)
    assert [each["id"] for each in waiting.json] == [anna.id]
    me = await api.get("/api/v1/accounts/verify_credentials", bert)
    assert me.json["source"]["follow_requests_count"] == 1
    assert (await api.get(f"/api/v1/statuses/{said['id']}", anna)).status == 404

    granted = await api.post(f"/api/v1/follow_requests/{anna.id}/authorize", bert)
    assert (granted.json["followed_by"], granted.json["requested_by"]) == (True, False)
    view = await relation(api, anna, bert)
    assert (view["following"], view["requested"]) == (True, False)
    assert (view["showing_reblogs"], view["notifying"]) == (False, True)
    assert await counts(api, bert) == (1, 0)
    assert await notices(api, bert) == [("follow", "anna")]
    assert await home(api, anna) == [said["id"]]
    again = await api.post(f"/api/v1/follow_requests/{anna.id}/authorize", bert)
    assert (again.status, again.json) == (404, {"error": "Record not found"})


async def test_reject_and_withdraw_a_request(api: Api) -> None:
    """[AC17] [AC33] [GT2]: either side may end a request, and its notice goes with it."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await change(api, bert, locked=True)
    await verb(api, anna, "follow", bert)
    rejected = await api.post(f"/api/v1/follow_requests/{anna.id}/reject", bert)
    assert (rejected.json["followed_by"], rejected.json["requested_by"]) == (False, False)
    assert await notices(api, bert) == []
    assert (await api.post(f"/api/v1/follow_requests/{anna.id}/reject", bert)).status == 404

    await verb(api, anna, "follow", bert)
    view = await verb(api, anna, "unfollow", bert)
    assert view["requested"] is False
    assert await notices(api, bert) == []
    assert (await api.get("/api/v1/follow_requests", bert)).json == []
    assert await counts(api, bert) == (0, 0)


async def test_unlocking_lets_everybody_in(api: Api) -> None:
    """An open account has no door to wait at: the job lets in who waits, and nobody twice."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    await change(api, carl, locked=True)
    await verb(api, anna, "follow", carl)
    await verb(api, bert, "follow", carl)
    await change(api, carl, locked=False)
    assert await run_jobs(api) == 1
    assert await counts(api, carl) == (2, 0)
    assert (await relation(api, anna, carl))["following"] is True
    assert sorted(await notices(api, carl)) == [("follow", "anna"), ("follow", "bert")]


async def test_follow_again_changes_one_choice_and_keeps_the_others(api: Api) -> None:
    """[AC16]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    await verb(api, anna, "follow", bert)
    view = await verb(api, anna, "follow", bert, reblogs=False)
    assert (view["showing_reblogs"], view["notifying"], view["languages"]) == (False, False, None)
    view = await verb(api, anna, "follow", bert, notify="true")
    assert (view["showing_reblogs"], view["notifying"], view["languages"]) == (False, True, None)
    view = await verb(api, anna, "follow", bert, languages=["DE", "en-GB", "de"])
    assert (view["showing_reblogs"], view["notifying"]) == (False, True)
    assert view["languages"] == ["de", "en"]
    reply = await api.post(
        f"/api/v1/accounts/{bert.id}/follow", anna, form={"languages[]": "", "reblogs": "1"}
    )
    assert (reply.json["showing_reblogs"], reply.json["languages"]) == (True, None)
    refused = await raw_verb(api, anna, "follow", bert, languages=["klingon"])
    assert (refused.status, refused.json["error"]) == (
        422,
        "Validation failed: Languages is invalid",
    )
    assert await counts(api, bert) == (1, 0)


async def test_whom_nobody_can_follow(api: Api) -> None:
    """[AC15] [GEN7]: oneself, who is not there, and whom a block keeps apart."""
    anna, bert = await api.person("anna"), await api.person("bert")
    own = await raw_verb(api, anna, "follow", anna)
    assert (own.status, own.json) == (
        403,
        {"error": "Following your own account is not allowed"},
    )
    for nobody in ("999", "-1", "rubbish", "9" * 30):
        missing = await raw_verb(api, anna, "follow", nobody)
        assert (missing.status, missing.json) == (404, {"error": "Record not found"})
    await verb(api, bert, "block", anna)
    for one, other in ((anna, bert), (bert, anna)):
        refused = await raw_verb(api, one, "follow", other)
        assert (refused.status, refused.json) == (403, {"error": "This action is not allowed"})


async def test_so_many_may_be_followed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Section 6.1: 7500, or eleven for ten followers beyond; a follow that stands may change."""
    assert followings_max(0) == followings_max(6818) == 7500
    assert followings_max(10_000) == 11_000
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    monkeypatch.setattr(limits, "FOLLOWINGS_MAX", 1)
    await verb(api, anna, "follow", bert)
    refused = await raw_verb(api, anna, "follow", carl)
    assert refused.status == 422
    assert refused.json["error"] == "Validation failed: You cannot follow more than 1 people"
    assert (await verb(api, anna, "follow", bert, notify=True))["notifying"] is True


async def test_remove_from_followers(api: Api) -> None:
    """[AC18]: the follower keeps nothing, and the counters know."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await verb(api, anna, "follow", bert)
    said = await api.say(bert, "still here")
    assert await home(api, anna) == [said["id"]]
    for _ in range(2):
        view = await verb(api, bert, "remove_from_followers", anna)
        assert view["followed_by"] is False
        assert await counts(api, anna) == await counts(api, bert) == (0, 0)
    assert (await relation(api, anna, bert))["following"] is False
    assert await home(api, anna) == []
    assert await notices(api, bert) == []


async def test_home_is_filled_by_a_follow_and_emptied_by_its_end(api: Api) -> None:
    """[TL6]: what comes in is what would have come had one followed before."""
    anna, bert, carl, dora = [await api.person(name) for name in ("anna", "bert", "carl", "dora")]
    plain = await api.say(bert, "plain")
    private = await api.say(bert, "private", visibility="private")
    direct = await api.say(bert, "@anna direct", visibility="direct")
    of_carl = await api.say(carl, "carl")
    await api.say(bert, "@carl an answer", in_reply_to_id=of_carl["id"])
    own_thread = await api.say(bert, "and on", in_reply_to_id=plain["id"])
    boosted = await boost(api, bert, of_carl["id"])
    german = await api.say(bert, "auf Deutsch", language="de")
    await verb(api, anna, "block", dora)
    about_dora = await api.say(bert, "@dora said so")

    await verb(api, anna, "follow", bert)
    wanted = [german["id"], boosted, own_thread["id"], private["id"], plain["id"]]
    assert await home(api, anna) == wanted
    await verb(api, anna, "unfollow", bert)
    assert await home(api, anna) == []
    assert direct["id"] not in wanted
    assert about_dora["id"] not in wanted

    await verb(api, anna, "follow", bert, reblogs=False, languages=["en"])
    assert await home(api, anna) == [own_thread["id"], private["id"], plain["id"]]


async def test_no_more_than_the_newest_come_in(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    monkeypatch.setattr(limits, "HOME_BACKFILL_STATUSES", 3)
    said = [(await api.say(bert, f"number {number}"))["id"] for number in range(5)]
    await verb(api, anna, "follow", bert)
    assert await home(api, anna) == said[:1:-1]


async def test_unfollowing_leaves_what_others_pass_on(api: Api) -> None:
    """[TL6]: a friend's boost stands in the friend's name."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    await verb(api, anna, "follow", carl)
    await verb(api, anna, "follow", bert)
    said = await api.say(bert, "pass it on")
    for _ in range(41):
        await api.say(carl, "so that it is not fresh any more")
    boosted = await boost(api, carl, said["id"])
    assert boosted in await home(api, anna)
    await verb(api, anna, "unfollow", bert)
    assert boosted in await home(api, anna)
    assert said["id"] not in await home(api, anna)


async def test_unfollowing_takes_off_lists_and_profile(api: Api) -> None:
    """[LI7] [AC30]"""
    anna, bert = await api.person("anna"), await api.person("bert")
    await verb(api, anna, "follow", bert)
    made = (await api.post("/api/v1/lists", anna, json={"title": "friends"})).json
    added = await api.post(
        f"/api/v1/lists/{made['id']}/accounts", anna, json={"account_ids": [bert.id]}
    )
    assert added.status == 200, added.body
    holding = await api.get(f"/api/v1/accounts/{bert.id}/lists", anna)
    assert [each["title"] for each in holding.json] == ["friends"]
    assert (await api.get(f"/api/v1/accounts/{anna.id}/lists", bert)).json == []
    assert (await verb(api, anna, "endorse", bert))["endorsed"] is True
    view = await verb(api, anna, "unfollow", bert)
    assert view["endorsed"] is False
    assert (await api.get(f"/api/v1/accounts/{bert.id}/lists", anna)).json == []
    assert (await api.get(f"/api/v1/lists/{made['id']}/accounts", anna)).json == []


async def test_relationships_in_the_order_asked(api: Api) -> None:
    """[AC14]"""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    await verb(api, anna, "follow", carl)
    path = "/api/v1/accounts/relationships"
    reply = await api.get(
        f"{path}?id[]={carl.id}&id[]=999&id[]={bert.id}&id[]={carl.id}&id[]=x&id[]={anna.id}", anna
    )
    assert [each["id"] for each in reply.json] == [carl.id, bert.id, anna.id]
    assert [each["following"] for each in reply.json] == [True, False, False]
    assert all(each.keys() == KEYS for each in reply.json)
    single = await api.get(f"{path}?id={bert.id}", anna)
    assert [each["id"] for each in single.json] == [bert.id]
    assert (await api.get(path, anna)).json == []
    await api.env.db.write(
        lambda tx: tx.run("UPDATE accounts SET state = 'suspended' WHERE id = $1", int(bert.id))
    )
    assert (await api.get(f"{path}?id[]={bert.id}", anna)).json == []
    shown = await api.get(f"{path}?id[]={bert.id}&with_suspended=true", anna)
    assert [each["id"] for each in shown.json] == [bert.id]
    many = "&".join(f"id[]={number}" for number in range(101))
    assert (await api.get(f"{path}?{many}", anna)).status == 422


async def test_notes(api: Api) -> None:
    """[AC28] S084: private, at most 2000 characters, gone when empty."""
    anna, bert = await api.person("anna"), await api.person("bert")
    view = await verb(api, anna, "note", bert, comment=" met at the fair ")
    assert view["note"] == "met at the fair"
    assert (await relation(api, bert, anna))["note"] == ""
    exact = "\N{SNOWMAN}" * 2000
    assert (await verb(api, anna, "note", bert, comment=exact))["note"] == exact
    for too_long in (exact + "x", "x" * 200_000):
        refused = await raw_verb(api, anna, "note", bert, comment=too_long)
        assert refused.status == 422
        assert refused.json["error"] == (
            "Validation failed: Comment is too long (maximum is 2000 characters)"
        )
    assert (await raw_verb(api, anna, "note", bert, comment="x" * 1_000_000)).status == 413
    assert (await relation(api, anna, bert))["note"] == exact
    assert (await verb(api, anna, "note", bert))["note"] == ""


async def test_endorsements(api: Api) -> None:
    """[AC30]: only whom one follows; under both names; shown to everybody."""
    anna, bert, carl = [await api.person(name) for name in ("anna", "bert", "carl")]
    refused = await raw_verb(api, anna, "endorse", bert)
    assert refused.status == 422
    assert refused.json["error"] == (
        "Validation failed: You must be already following the person you want to endorse"
    )
    for whom, name in ((bert, "endorse"), (carl, "pin"), (carl, "endorse")):
        await verb(api, anna, "follow", whom)
        assert (await verb(api, anna, name, whom))["endorsed"] is True
    for path in ("/api/v1/endorsements", f"/api/v1/accounts/{anna.id}/endorsements"):
        first = await api.get(f"{path}?limit=1", anna)
        assert [each["id"] for each in first.json] == [carl.id]
        assert f"max_id={carl.id}" in first.headers["link"]
        second = await api.get(f"{path}?limit=1&max_id={carl.id}", anna)
        assert [each["id"] for each in second.json] == [bert.id]
    everybody = await api.get("/api/v1/endorsements?limit=0", anna)
    assert [each["id"] for each in everybody.json] == [carl.id, bert.id]
    assert "link" not in everybody.headers
    public = await api.get(f"/api/v1/accounts/{anna.id}/endorsements")
    assert len(public.json) == 2
    assert (await verb(api, anna, "unendorse", bert))["endorsed"] is False
    assert (await verb(api, anna, "unpin", carl))["endorsed"] is False
    assert (await api.get("/api/v1/endorsements", anna)).json == []


async def test_familiar_followers(api: Api) -> None:
    """[AC29] S051: of one's own people, who follows somebody, unless either hides it."""
    anna, bert, carl, dora = [await api.person(name) for name in ("anna", "bert", "carl", "dora")]
    for whom in (bert, carl):
        await verb(api, anna, "follow", whom)
        await verb(api, whom, "follow", dora)
    path = "/api/v1/accounts/familiar_followers"
    reply = await api.get(f"{path}?id[]={dora.id}&id[]={bert.id}&id[]={dora.id}&id[]=999", anna)
    assert [(each["id"], [a["username"] for a in each["accounts"]]) for each in reply.json] == [
        (dora.id, ["carl", "bert"]),
        (bert.id, []),
    ]

    async def familiar() -> list[str]:
        (found,) = (await api.get(f"{path}?id={dora.id}", anna)).json
        return [each["username"] for each in found["accounts"]]

    await change(api, carl, hide_collections=True)
    assert await familiar() == ["bert"]
    await change(api, dora, hide_collections=True)
    assert await familiar() == []
    await change(api, dora, hide_collections=False)
    await verb(api, dora, "block", anna)
    assert await familiar() == []
