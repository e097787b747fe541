"""Posting and reading: what Mastodon's clients rely on, fact by fact."""

import asyncio

import pytest

from tests.contract.api import Api

NOT_FOUND = {"error": "Record not found"}


async def test_st1_nothing_to_say(api: Api) -> None:
    anna = await api.person("anna")
    for body in ({}, {"status": ""}, {"status": "  \n "}):
        reply = await api.post("/api/v1/statuses", anna, json=body)
        assert reply.status == 422
        assert reply.json == {"error": "Validation failed: Text can't be blank"}


async def test_st3_st10_answers(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    lost = await api.post("/api/v1/statuses", anna, json={"status": "x", "in_reply_to_id": "1"})
    assert lost.status == 404
    assert lost.json == {"error": "The post you are trying to reply to does not appear to exist."}
    root = await api.say(anna, "root")
    boost = (await api.post(f"/api/v1/statuses/{root['id']}/reblog", bert)).json
    answer = await api.say(bert, "to the boost", in_reply_to_id=boost["id"])
    assert answer["in_reply_to_id"] == root["id"]
    assert answer["in_reply_to_account_id"] == anna.id
    more = await api.say(bert, "and more", in_reply_to_id=answer["id"])
    assert more["in_reply_to_account_id"] == anna.id  # a chain goes on pointing outwards


async def test_st4_unexpected_mentions(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.person("cleo")
    body = {"status": "@bert and @cleo", "allowed_mentions": [bert.id]}
    reply = await api.post("/api/v1/statuses", anna, json=body)
    assert reply.status == 422
    assert reply.json["error"] == "Post would be sent to unexpected accounts"
    assert [account["acct"] for account in reply.json["unexpected_accounts"]] == ["cleo"]
    assert (await api.get("/api/v1/timelines/home", anna)).json == []


async def test_st6_st7_warnings(api: Api) -> None:
    anna = await api.person("anna")
    warned = await api.say(anna, "behind it", spoiler_text="careful")
    assert (warned["spoiler_text"], warned["sensitive"]) == ("careful", True)
    alone = await api.say(anna, "", spoiler_text="only this")
    assert (alone["content"], alone["spoiler_text"]) == ("<p>only this</p>", "")


async def test_st9_s086_unknown_visibility(api: Api) -> None:
    anna = await api.person("anna")
    reply = await api.post("/api/v1/statuses", anna, json={"status": "x", "visibility": "limited"})
    assert reply.status == 422
    assert reply.json == {"error": "Validation failed: Visibility is not included in the list"}


async def test_st12_the_same_key_makes_one(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    key = {"Idempotency-Key": "one"}
    first = await api.post("/api/v1/statuses", anna, json={"status": "first"}, headers=key)
    again = await api.post("/api/v1/statuses", anna, json={"status": "other"}, headers=key)
    blank = await api.post("/api/v1/statuses", anna, json={}, headers=key)
    assert first.status == again.status == blank.status == 200
    assert first.json["id"] == again.json["id"] == blank.json["id"]
    assert again.json["content"] == "<p>first</p>"
    others = await api.post("/api/v1/statuses", bert, json={"status": "mine"}, headers=key)
    assert others.json["id"] != first.json["id"]


async def test_st12_sixty_four_at_once_make_one(api: Api) -> None:
    anna = await api.person("anna")
    key = {"Idempotency-Key": "at once"}
    replies = await asyncio.gather(
        *(api.post("/api/v1/statuses", anna, json={"status": "x"}, headers=key) for _ in range(64))
    )
    assert {reply.status for reply in replies} == {200}
    assert len({reply.json["id"] for reply in replies}) == 1
    account = await api.get(f"/api/v1/accounts/{anna.id}")
    assert account.json["statuses_count"] == 1


async def test_st12_a_refused_request_keeps_no_key(api: Api) -> None:
    anna = await api.person("anna")
    key = {"Idempotency-Key": "k"}
    refused = await api.post("/api/v1/statuses", anna, json={"status": "a" * 501}, headers=key)
    assert refused.status == 422
    mended = await api.post("/api/v1/statuses", anna, json={"status": "a"}, headers=key)
    assert mended.status == 200


async def test_st21_st22_mentions(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("Bert")
    said = await api.say(anna, "@bert @BERT @bert@stonechat.test and @nobody")
    assert [mention["id"] for mention in said["mentions"]] == [bert.id]
    assert said["mentions"][0]["acct"] == "Bert"
    assert "@nobody" in said["content"]


async def test_st23_st24_tags_and_links(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "#Tag #tag #2026 <b>& https://example.org/a?b=1&c=2\nnext\n\nlast")
    assert [tag["name"] for tag in said["tags"]] == ["tag"]
    assert "&lt;b&gt;&amp;" in said["content"]
    assert "<br />next</p><p>last</p>" in said["content"]
    assert 'href="https://example.org/a?b=1&amp;c=2"' in said["content"]


async def test_st25_st26_a_new_status(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "new")
    expected = {
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "favourited": False,
        "reblogged": False,
        "bookmarked": False,
        "muted": False,
        "pinned": False,
        "reblog": None,
        "card": None,
        "poll": None,
        "edited_at": None,
        "filtered": [],
        "media_attachments": [],
        "emojis": [],
        "visibility": "public",
    }
    assert {name: said[name] for name in expected} == expected
    assert said["url"] == f"http://stonechat.test/@anna/{said['id']}"
    assert said["created_at"].endswith("Z")
    assert len(said["created_at"]) == len("2026-03-15T12:34:56.789Z")


async def test_st27_languages(api: Api) -> None:
    anna = await api.person("anna")
    assert (await api.say(anna, "x", language="en_US"))["language"] == "en"
    assert (await api.say(anna, "x", language="de"))["language"] == "de"
    assert (await api.say(anna, "x", language="klingon please"))["language"] == "en"


async def test_st30_sr5_counters(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    root = await api.say(anna, "root")
    answer = await api.say(bert, "answer", in_reply_to_id=root["id"])
    await api.say(bert, "unseen", in_reply_to_id=root["id"], visibility="private")
    seen = (await api.get(f"/api/v1/statuses/{root['id']}")).json
    assert seen["replies_count"] == 1  # S048: the counter does not tell of the private answer
    assert (await api.get(f"/api/v1/accounts/{bert.id}")).json["statuses_count"] == 2
    await api.call("DELETE", f"/api/v1/statuses/{answer['id']}", bert)
    assert (await api.get(f"/api/v1/statuses/{root['id']}")).json["replies_count"] == 0
    assert (await api.get(f"/api/v1/accounts/{bert.id}")).json["statuses_count"] == 1


async def test_sr2_several(api: Api) -> None:
    anna = await api.person("anna")
    ids = [(await api.say(anna, str(number)))["id"] for number in range(3)]
    found = await api.get(f"/api/v1/statuses?id[]={ids[0]}&id[]=1&id[]={ids[2]}")
    assert {status["id"] for status in found.json} == {ids[0], ids[2]}
    query = "&".join(f"id[]={number}" for number in range(21))
    assert (await api.get(f"/api/v1/statuses?{query}")).status == 422


async def test_sr7_a_deleted_parent_and_its_boosts(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    root = await api.say(anna, "root")
    answer = await api.say(bert, "answer", in_reply_to_id=root["id"])
    boost = (await api.post(f"/api/v1/statuses/{root['id']}/reblog", bert)).json
    assert (await api.get(f"/api/v1/accounts/{bert.id}")).json["statuses_count"] == 2
    await api.call("DELETE", f"/api/v1/statuses/{root['id']}", anna)
    assert (await api.get(f"/api/v1/statuses/{boost['id']}", bert)).status == 404
    left = (await api.get(f"/api/v1/statuses/{answer['id']}")).json
    assert left["in_reply_to_id"] is None
    assert (await api.get(f"/api/v1/accounts/{bert.id}")).json["statuses_count"] == 1
    assert [s["id"] for s in (await api.get("/api/v1/timelines/home", bert)).json] == [answer["id"]]


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_s031_s032_s033_what_is_not_for_you_is_not_there(api: Api, visibility: str) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    said = await api.say(anna, "for @cleo", visibility=visibility)
    path = f"/api/v1/statuses/{said['id']}"
    assert (await api.get(path, cleo)).status == 200
    absent = await api.get("/api/v1/statuses/1", bert)
    for who in (bert, None):
        hidden = await api.get(path, who)
        assert (hidden.status, hidden.body) == (404, absent.body)
        assert {name for name in hidden.headers if name != "x-request-id"} == {
            name for name in absent.headers if name != "x-request-id"
        }
    for verb in ("favourite", "reblog", "bookmark", "pin", "mute", "unfavourite", "unreblog"):
        reply = await api.post(f"{path}/{verb}", bert)
        assert (reply.status, reply.json) == (404, NOT_FOUND), verb
    for view in ("context", "history", "favourited_by", "reblogged_by", "source"):
        assert (await api.get(f"{path}/{view}", bert)).status == 404
    for method in ("PUT", "DELETE"):
        assert (await api.call(method, path, bert, json={"status": "x"})).status == 404
    answer = await api.post(
        "/api/v1/statuses", bert, json={"status": "x", "in_reply_to_id": said["id"]}
    )
    assert answer.status == 404  # S042
    assert (await api.get(path, anna)).json["favourites_count"] == 0
    notices = await api.get("/api/v1/notifications", anna)
    assert notices.json == []


async def test_st32_direct_is_for_the_mentioned(api: Api) -> None:
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    said = await api.say(anna, "psst @bert", visibility="direct")
    assert (await api.get(f"/api/v1/statuses/{said['id']}", bert)).status == 200
    assert (await api.get(f"/api/v1/statuses/{said['id']}", cleo)).status == 404
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).json["statuses_count"] == 0
    assert (await api.get("/api/v1/timelines/public", bert)).json == []


async def test_forms_and_numbers_are_read_like_json(api: Api) -> None:
    """[GEN21]"""
    anna = await api.person("anna")
    root = await api.say(anna, "root")
    form = {"status": "by form", "sensitive": "1", "in_reply_to_id": root["id"]}
    reply = await api.post("/api/v1/statuses", anna, form=form)
    assert (reply.json["sensitive"], reply.json["in_reply_to_id"]) == (True, root["id"])
    number = {"status": "x", "in_reply_to_id": int(root["id"]), "spoiler_text": None}
    assert (await api.post("/api/v1/statuses", anna, json=number)).status == 200
