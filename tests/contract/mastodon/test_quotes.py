"""Quotes: a status inside another, who may put it there, and what each reader sees of it."""

import asyncio
from typing import Any

import pytest

from stonechat.services import cleaning
from tests.contract.api import Api, Person, Reply
from tests.contract.people import boost, change, notices, verb

Status = dict[str, Any]
NOT_THERE = {"error": "The post you are trying to quote does not appear to exist."}
ABSENT = {"error": "Record not found"}
BEHIND_THEIR_BACK = {
    "error": "Validation failed: Cannot quote a non-mentioned user in a Private Mention post."
}


async def quoting(
    api: Api, who: Person, said: Status | str, text: str = "so", **more: Any
) -> Status:
    """A status that quotes another one."""
    quoted_id = said if isinstance(said, str) else said["id"]
    return await api.say(who, text, quoted_status_id=quoted_id, **more)


async def trying(api: Api, who: Person, said: Status | str, **more: Any) -> Reply:
    """An attempt to quote."""
    api.clock.move(milliseconds=1)
    quoted_id = said if isinstance(said, str) else said["id"]
    fields = {"status": "so", "quoted_status_id": quoted_id, **more}
    return await api.post("/api/v1/statuses", who, json=fields)


async def see(api: Api, said: Status | str, who: Person | None = None) -> Status:
    """A status as somebody meets it."""
    status_id = said if isinstance(said, str) else said["id"]
    reply = await api.get(f"/api/v1/statuses/{status_id}", who)
    assert reply.status == 200, reply.body
    return reply.json


async def people(api: Api, *names: str) -> list[Person]:
    """Several people."""
    return [await api.person(name) for name in names]


async def test_st28_a_quote_is_shown_and_counted(api: Api) -> None:
    """ST28; mastodon.md 1.12: `quote`, `quotes_count`, the line for apps that know of none."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "the soup is ready")
    assert (said["quote"], said["quotes_count"]) == (None, 0)
    made = await quoting(api, bert, said, "at last")
    assert made["quote"]["state"] == "accepted"
    inner = made["quote"]["quoted_status"]
    assert (inner["id"], inner["content"]) == (said["id"], said["content"])
    assert inner["account"]["acct"] == "anna"
    line, _, rest = made["content"].partition("</p>")
    assert line.startswith(f'<p class="quote-inline">RE: <a href="{said["url"]}" ')
    assert rest == "<p>at last</p>"
    for reader in (anna, bert, None):
        seen = await see(api, made, reader)
        assert seen["quote"]["quoted_status"]["content"] == said["content"]
        assert (await see(api, said, reader))["quotes_count"] == 1
    home = (await api.get("/api/v1/timelines/home", bert)).json
    assert home[0]["quote"]["quoted_status"]["id"] == said["id"]
    assert inner["quotes_count"] == 1


async def test_st28_a_quote_of_ones_own(api: Api) -> None:
    """ST28; mastodon.md 1.12: the author may always quote self, and is not told of it."""
    (anna,) = await people(api, "anna")
    for policy in ("public", "followers", "nobody"):
        said = await api.say(anna, policy, quote_approval_policy=policy)
        assert (await quoting(api, anna, said))["quote"]["state"] == "accepted"
    assert await notices(api, anna) == []
    direct = await api.say(anna, "a note", visibility="direct")
    assert (await trying(api, anna, direct)).json == NOT_THERE


async def test_quoting_something_private_is_private(api: Api) -> None:
    """mastodon.md 1.1: quoting a private post turns `public` and `unlisted` into `private`."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    await verb(api, bert, "follow", anna)
    said = await api.say(anna, "for followers", visibility="private")
    for visibility in ("public", "unlisted", "private"):
        made = await quoting(api, anna, said, visibility=visibility)
        assert made["visibility"] == "private"
        assert (await see(api, made, bert))["quote"]["state"] == "accepted"
        assert (await api.get(f"/api/v1/statuses/{made['id']}", cleo)).status == 404
    # A follower sees it, and may not pass it on in this way either.
    assert (await trying(api, bert, said)).json == NOT_THERE


async def test_a_quote_may_stand_alone_and_keeps_to_the_address_that_is_there(api: Api) -> None:
    """mastodon.md 1.12: no line where the address is in the text already."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "the soup is ready")
    alone = await quoting(api, bert, said, "")
    assert alone["content"].count("<p") == 1
    assert alone["quote"]["state"] == "accepted"
    named = await quoting(api, bert, said, f"read {said['url']}")
    assert "quote-inline" not in named["content"]
    assert named["quote"]["state"] == "accepted"


async def test_s077_st28_a_quote_of_a_boost_is_of_the_original(api: Api) -> None:
    """S077, ST28: a boost is a pointer. Its original's policy holds, whoever boosted it."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    said = await api.say(anna, "pass me on")
    made = await quoting(api, cleo, await boost(api, bert, said["id"]))
    assert made["quote"]["quoted_status"]["id"] == said["id"]
    assert said["url"] in made["content"]
    assert (await see(api, said))["quotes_count"] == 1
    assert ("quote", "cleo") in await notices(api, anna)
    for policy in ("followers", "nobody"):
        kept = await api.say(anna, policy, quote_approval_policy=policy)
        for booster in (anna, bert):
            wrapper = await boost(api, booster, kept["id"])
            assert (await trying(api, cleo, wrapper)).json == NOT_THERE
        assert (await see(api, kept))["quotes_count"] == 0


async def test_s077_what_may_not_be_quoted_is_not_there(api: Api) -> None:
    """S077, ST28: by policy, by visibility, in a direct message. One answer for all of them."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    await verb(api, bert, "follow", anna)
    private = await api.say(anna, "for followers", visibility="private")
    wrapper = await boost(api, anna, private["id"])
    direct = await api.say(anna, "@bert for you", visibility="direct")
    nobody = await api.say(anna, "not me", quote_approval_policy="nobody")
    followers = await api.say(anna, "my people", quote_approval_policy="followers")
    gone = await api.say(anna, "gone")
    await api.call("DELETE", f"/api/v1/statuses/{gone['id']}", anna)
    before = await notices(api, anna)
    missing = await trying(api, bert, "17")
    assert (missing.status, missing.json) == (404, NOT_THERE)
    for what in (private["id"], wrapper, direct["id"], nobody["id"], gone["id"], "rubbish", "-1"):
        refused = await trying(api, bert, what)
        assert (refused.status, refused.body) == (404, missing.body), what
    assert (await trying(api, cleo, followers)).body == missing.body
    assert (await quoting(api, bert, followers))["quote"]["state"] == "accepted"
    for each in (private, nobody):
        assert (await see(api, each, anna))["quotes_count"] == 0
    assert await notices(api, anna) == [("quote", "bert"), *before]
    assert len((await api.get(f"/api/v1/accounts/{bert.id}/statuses", bert)).json) == 1


@pytest.mark.parametrize("blocker", ["anna", "bert"])
async def test_st28_s047_a_block_either_way_ends_quoting(api: Api, blocker: str) -> None:
    """ST28, S047: blocked either way → 404."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    both = {"anna": (anna, bert), "bert": (bert, anna)}[blocker]
    await verb(api, both[0], "block", both[1])
    refused = await trying(api, bert, said)
    assert (refused.status, refused.json) == (404, NOT_THERE)
    assert (await see(api, said, anna))["quotes_count"] == 0


async def test_st28_s077_a_direct_message_quotes_only_whom_it_names(api: Api) -> None:
    """ST28, S077: to somebody not mentioned → 422; mentioned → 200."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    said = await api.say(anna, "hello")
    refused = await trying(api, bert, said, status="@cleo look", visibility="direct")
    assert (refused.status, refused.json) == (422, BEHIND_THEIR_BACK)
    assert (await see(api, said))["quotes_count"] == 0
    made = await quoting(api, bert, said, "@anna @cleo look", visibility="direct")
    assert made["quote"]["state"] == "accepted"
    assert (await see(api, made, cleo))["quote"]["quoted_status"]["id"] == said["id"]
    own = await api.say(bert, "mine")
    assert (await quoting(api, bert, own, "@cleo look", visibility="direct"))["quote"]


async def test_s078_nobody_is_there_before_the_owner(api: Api) -> None:
    """S078: a quote of an id that does not exist yet is refused, and nothing waits for the id."""
    anna, bert = await people(api, "anna", "bert")
    api.clock.move(milliseconds=5)
    coming = [str(int(api.env.ids.next_id()) + (step << 12)) for step in range(5)]
    for each in coming:
        assert (await trying(api, bert, each)).status == 404
    said = await api.say(anna, "mine")
    assert said["quotes_count"] == 0
    assert (await quoting(api, anna, said))["quote"]["state"] == "accepted"
    assert (await api.get(f"/api/v1/accounts/{bert.id}")).json["statuses_count"] == 0


async def test_a_quote_in_a_quote_is_shallow(api: Api) -> None:
    """mastodon.md 1.12: at the second level it is ShallowQuote{state, quoted_status_id}."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    first = await api.say(anna, "first")
    second = await quoting(api, bert, first, "second")
    third = await quoting(api, cleo, second, "third")
    inner = third["quote"]["quoted_status"]
    assert inner["quote"] == {"state": "accepted", "quoted_status_id": first["id"]}
    await api.call("DELETE", f"/api/v1/statuses/{first['id']}", anna)
    inner = (await see(api, third))["quote"]["quoted_status"]
    assert inner["quote"] == {"state": "deleted", "quoted_status_id": None}


async def test_what_each_reader_is_shown_of_a_quote(api: Api) -> None:
    """mastodon.md 1.12: the states; the quoted status goes with accepted, blocked and muted."""
    anna, bert, cleo, dora, emil = await people(api, "anna", "bert", "cleo", "dora", "emil")
    said = await api.say(anna, "hello")
    made = await quoting(api, bert, said)
    await verb(api, cleo, "block", anna)
    await verb(api, dora, "mute", anna, duration=600)
    await verb(api, anna, "block", emil)
    states = {"cleo": "blocked_account", "dora": "muted_account", "emil": "unauthorized"}
    for reader in (cleo, dora, emil):
        shown = (await see(api, made, reader))["quote"]
        assert shown["state"] == states[reader.name]
        assert (shown["quoted_status"] is None) is (reader is emil)
    assert (await see(api, made))["quote"]["state"] == "accepted"
    api.clock.move(seconds=601)
    assert (await see(api, made, dora))["quote"]["state"] == "accepted"
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    for reader in (bert, cleo, dora, emil, None):
        assert (await see(api, made, reader))["quote"] == {
            "state": "deleted",
            "quoted_status": None,
        }


async def test_s046_a_quote_of_the_suspended_shows_nothing(api: Api) -> None:
    """S046: an author who was suspended is not shown through quotes either."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    made = await quoting(api, bert, await api.say(anna, "a secret"), "look")
    outer = await quoting(api, cleo, made, "look there")
    await api.env.db.write(
        lambda tx: tx.run("UPDATE accounts SET state = 'suspended' WHERE id = $1", int(anna.id))
    )
    for reader in (bert, cleo, None):
        hidden = {"state": "unauthorized", "quoted_status": None}
        assert (await see(api, made, reader))["quote"] == hidden
        inner = (await see(api, outer, reader))["quote"]["quoted_status"]["quote"]
        assert inner == {"state": "unauthorized", "quoted_status_id": None}


async def test_what_is_quoted_is_for_its_own_readers(api: Api) -> None:
    """Whoever sees a quote and not what is quoted gets nothing of that."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    await verb(api, bert, "follow", anna)
    said = await api.say(anna, "among us", visibility="private")
    made = await quoting(api, anna, said, "@cleo do you know?")
    seen = await api.get(f"/api/v1/statuses/{made['id']}", cleo)
    assert seen.json["quote"] == {"state": "unauthorized", "quoted_status": None}
    assert b"among us" not in seen.body
    assert (await see(api, made, bert))["quote"]["quoted_status"]["content"] == "<p>among us</p>"


def approval(said: Status) -> tuple[list[str], str]:
    """Who may quote a status, and whether its reader may."""
    assert said["quote_approval"]["manual"] == []
    return said["quote_approval"]["automatic"], said["quote_approval"]["current_user"]


async def test_st29_who_may_quote_is_told(api: Api) -> None:
    """ST29; mastodon.md 1.12: `quote_approval`, anonymous → denied, private and direct → nobody."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    await verb(api, bert, "follow", anna)
    said = {
        policy: await api.say(anna, f"@bert @cleo {policy}", quote_approval_policy=policy)
        for policy in ("public", "followers", "nobody")
    }
    assert approval(await api.say(anna, "as usual")) == (["public"], "automatic")
    expected = {
        "public": (["public"], "automatic", "automatic", "automatic"),
        "followers": (["followers"], "automatic", "automatic", "denied"),
        "nobody": ([], "automatic", "denied", "denied"),
    }
    for policy, (automatic, *users) in expected.items():
        for reader, user in zip((anna, bert, cleo, None), (*users, "denied"), strict=True):
            assert approval(await see(api, said[policy], reader)) == (automatic, user), policy
    # On one page, one status does not lend its policy to another of the same author.
    page = (await api.get(f"/api/v1/accounts/{anna.id}/statuses", bert)).json
    shown = [approval(each) for each in page]
    told = [([], "denied"), (["followers"], "automatic"), (["public"], "automatic")]
    assert shown == [(["public"], "automatic"), *told]
    for visibility in ("private", "direct"):
        kept = await api.say(
            anna, "@bert hush", visibility=visibility, quote_approval_policy="public"
        )
        assert approval(await see(api, kept, bert)) == ([], "denied")
        own = approval(await see(api, kept, anna))
        assert own == ([], "automatic" if visibility == "private" else "denied")


async def test_a_boost_tells_the_policy_of_its_original(api: Api) -> None:
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    said = await api.say(anna, "not me", quote_approval_policy="nobody")
    wrapper = await see(api, await boost(api, bert, said["id"]), cleo)
    assert approval(wrapper["reblog"]) == ([], "denied")
    assert approval(wrapper) == ([], "denied")
    assert wrapper["quote"] is None


async def test_st29_ac9_the_usual_policy(api: Api) -> None:
    """ST29: absent → the user's default policy. AC8, AC36: where an app reads it."""
    (anna,) = await people(api, "anna")
    for policy in ("followers", "nobody", "public"):
        changed = await change(api, anna, source={"quote_policy": policy})
        assert changed["source"]["quote_policy"] == policy
        path = "/api/v1/accounts/verify_credentials"
        assert (await api.get(path, anna)).json["source"]["quote_policy"] == policy
        preferences = (await api.get("/api/v1/preferences", anna)).json
        assert preferences["posting:default:quote_policy"] == policy
        automatic = [] if policy == "nobody" else [policy]
        assert approval(await api.say(anna, "as usual"))[0] == automatic
        chosen = await api.say(anna, "this one", quote_approval_policy="public")
        assert approval(chosen)[0] == ["public"]
    # What is not named stays.
    await change(api, anna, source={"quote_policy": "followers"})
    assert (await change(api, anna, display_name="A"))["source"]["quote_policy"] == "followers"
    path = "/api/v1/accounts/update_credentials"
    wrong = await api.call("PATCH", path, anna, json={"source": {"quote_policy": "friends"}})
    assert (wrong.status, "Quote policy is not included" in wrong.json["error"]) == (422, True)


@pytest.mark.parametrize(
    "value", ["everybody", "PUBLIC", " public", "0", 0, True, [], ["public"], {}]
)
async def test_a_policy_that_is_none_is_refused(sqlite_api: Api, value: object) -> None:
    """mastodon.md 1.2: bad `quote_approval_policy` → 422 `Record invalid`; nothing is written."""
    api = sqlite_api
    anna = await api.person("anna")
    said = await api.say(anna, "hello", quote_approval_policy="followers")
    path = f"/api/v1/statuses/{said['id']}"
    fields = {"status": "again", "quote_approval_policy": value}
    for method, where in (
        ("POST", "/api/v1/statuses"),
        ("PUT", path),
        ("PUT", f"{path}/interaction_policy"),
    ):
        refused = await api.call(method, where, anna, json=fields)
        assert (refused.status, refused.json) == (422, {"error": "Record invalid"}), where
    seen = await see(api, said, anna)
    assert (approval(seen)[0], seen["content"]) == (["followers"], "<p>hello</p>")
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).json["statuses_count"] == 1


async def test_sr10_an_edit_keeps_the_policy_and_the_quote(api: Api) -> None:
    """SR10: a PUT without a policy keeps it, and a PUT of the policy alone is no edit.

    mastodon.md 1.12: edits cannot add or change a quote.
    """
    anna, bert = await people(api, "anna", "bert")
    said, other = await api.say(anna, "hello"), await api.say(anna, "something else")
    made = await quoting(api, bert, said, "before", quote_approval_policy="followers")
    path = f"/api/v1/statuses/{made['id']}"
    only = {"status": "before", "quote_approval_policy": "nobody"}
    edited = (await api.call("PUT", path, bert, json=only)).json
    assert (approval(edited), edited["edited_at"]) == (([], "automatic"), None)
    assert len((await api.get(f"{path}/history", bert)).json) == 1
    api.clock.move(seconds=1)
    fields = {"status": "after", "quoted_status_id": other["id"]}
    edited = (await api.call("PUT", path, bert, json=fields)).json
    assert edited["edited_at"] is not None
    assert approval(edited) == ([], "automatic")
    assert edited["quote"]["quoted_status"]["id"] == said["id"]
    line, _, rest = edited["content"].partition("</p>")
    assert (said["url"] in line, rest) == (True, "<p>after</p>")
    plain = await api.say(bert, "no quote")
    fields = {"status": "one now", "quoted_status_id": said["id"]}
    edited = (await api.call("PUT", f"/api/v1/statuses/{plain['id']}", bert, json=fields)).json
    assert edited["quote"] is None
    counted = [(await see(api, each))["quotes_count"] for each in (said, other)]
    assert counted == [1, 0]


async def test_no1_who_is_told_of_quotes(api: Api) -> None:
    """NO1; mastodon.md 1.12: the types `quote` and `quoted_update`."""
    anna, bert, cleo, dora = await people(api, "anna", "bert", "cleo", "dora")
    said = await api.say(anna, "hello")
    made = await quoting(api, bert, said)
    (told,) = (await api.get("/api/v1/notifications", anna)).json
    assert (told["type"], told["account"]["acct"]) == ("quote", "bert")
    assert told["status"]["id"] == made["id"]
    assert told["status"]["quote"]["quoted_status"]["id"] == said["id"]
    await verb(api, anna, "mute", cleo)
    await quoting(api, cleo, said)
    assert await notices(api, anna) == [("quote", "bert")]
    newest = await quoting(api, bert, said, "twice")
    await verb(api, dora, "mute", anna)
    await quoting(api, dora, said)
    api.clock.move(seconds=1)
    path = f"/api/v1/statuses/{said['id']}"
    for words in ("hello you", "hello all"):
        assert (await api.call("PUT", path, anna, json={"status": words})).status == 200
    told = (await api.get("/api/v1/notifications?types[]=quoted_update", bert)).json
    assert [(each["account"]["acct"], each["status"]["id"]) for each in told] == [
        ("anna", newest["id"])
    ]
    assert told[0]["status"]["quote"]["quoted_status"]["content"] == "<p>hello all</p>"
    assert await notices(api, cleo) == [("quoted_update", "anna")]
    assert await notices(api, dora) == []
    without = (await api.get("/api/v1/notifications?exclude_types[]=quoted_update", bert)).json
    assert without == []
    await api.call("DELETE", f"/api/v1/statuses/{made['id']}", bert)
    assert ("quote", "bert") in await notices(api, anna)
    await api.call("DELETE", f"/api/v1/statuses/{newest['id']}", bert)
    assert ("quote", "bert") not in await notices(api, anna)
    assert await notices(api, bert) == []


async def test_s042_nobody_is_told_of_a_quote_that_is_not_for_them(api: Api) -> None:
    """S042: neither now nor by following later; who follows is told."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    said = await api.say(anna, "hello")
    await quoting(api, bert, said, "among us", visibility="private")
    await verb(api, anna, "follow", bert)
    assert await notices(api, anna) == []
    await quoting(api, bert, said, "among us again", visibility="private")
    assert await notices(api, anna) == [("quote", "bert")]
    await quoting(api, cleo, said, "@anna for you", visibility="direct")
    assert ("quote", "cleo") in await notices(api, anna)


async def test_many_quotes_at_once_are_counted(api: Api) -> None:
    """Sixteen quotes, some of which answer what they quote; then eight of them go, twice over."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    replies = await asyncio.gather(
        *(
            trying(api, bert, said, **({"in_reply_to_id": said["id"]} if number % 2 else {}))
            for number in range(16)
        )
    )
    assert {reply.status for reply in replies} == {200}
    seen = await see(api, said, anna)
    assert (seen["quotes_count"], seen["replies_count"]) == (16, 8)
    paths = [f"/api/v1/statuses/{reply.json['id']}" for reply in replies[:8]]
    gone = await asyncio.gather(*(api.call("DELETE", path, bert) for path in paths * 2))
    assert sorted(reply.status for reply in gone) == [200] * 8 + [404] * 8
    seen = await see(api, said, anna)
    assert (seen["quotes_count"], seen["replies_count"]) == (8, 4)


async def test_one_key_makes_one_quote(api: Api) -> None:
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    fields = {"status": "so", "quoted_status_id": said["id"]}
    headers = {"Idempotency-Key": "the same"}
    replies = await asyncio.gather(
        *(api.post("/api/v1/statuses", bert, json=fields, headers=headers) for _ in range(16))
    )
    assert {reply.status for reply in replies} == {200}
    assert len({reply.json["id"] for reply in replies}) == 1
    assert (await see(api, said))["quotes_count"] == 1


async def test_a_quote_may_stand_behind_a_warning_alone(api: Api) -> None:
    """mastodon.md 1.1: a warning without a text becomes the text, but not where a quote follows."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "spiders")
    warned = await api.say(bert, "", spoiler_text="spiders", quoted_status_id=said["id"])
    assert (warned["spoiler_text"], warned["sensitive"]) == ("spiders", True)


async def test_a_poll_needs_a_text_beside_a_quote_too(api: Api) -> None:
    """PO4: a poll is a question in words."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "lunch?")
    poll = {"options": ["soup", "bread"], "expires_in": 3600}
    fields = {"quoted_status_id": said["id"], "poll": poll}
    refused = await api.post("/api/v1/statuses", bert, json={**fields, "status": ""})
    assert refused.status == 422
    assert refused.json == {"error": "Validation failed: Text can't be blank"}
    assert (await api.say(bert, "Well?", **fields))["poll"] is not None


async def test_sr9_nothing_changes_when_what_is_quoted_was_erased(api: Api) -> None:
    """SR9: the same words are no edit, also thirty days after the quoted status was deleted."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "for a while")
    made = await quoting(api, bert, said, "look")
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    api.clock.move(days=31)
    await cleaning.clean_up(api.env, {})
    path = f"/api/v1/statuses/{made['id']}"
    same = await api.call("PUT", path, bert, json={"status": "look"})
    assert (same.status, same.json["edited_at"]) == (200, None)
    other = await api.call("PUT", path, bert, json={"status": "look there"})
    assert other.json["edited_at"] is not None
    assert other.json["content"].startswith('<p class="quote-inline">RE: ')
