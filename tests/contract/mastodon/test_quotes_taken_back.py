"""The quoted author's say: the list of quotes, revoking one, changing who may; and translation."""

import asyncio
from typing import Any

import pytest

from stonechat.domain.viewers import SCOPES
from stonechat.kernel.secrets import new_secret
from stonechat.services import tokens
from tests.contract.api import Api, Person, Reply
from tests.contract.people import boost, page_link, verb

Status = dict[str, Any]
ABSENT = {"error": "Record not found"}
NOT_ALLOWED = {"error": "This action is not allowed"}


async def quoting(api: Api, who: Person, said: Status, text: str = "so", **more: Any) -> Status:
    """A status that quotes another one."""
    return await api.say(who, text, quoted_status_id=said["id"], **more)


async def see(api: Api, said: Status, who: Person | None = None) -> Status:
    """A status as somebody meets it."""
    reply = await api.get(f"/api/v1/statuses/{said['id']}", who)
    assert reply.status == 200, reply.body
    return reply.json


async def people(api: Api, *names: str) -> list[Person]:
    """Several people."""
    return [await api.person(name) for name in names]


async def listed(api: Api, said: Status, who: Person, query: str = "") -> list[str]:
    """The ids of what quotes a status."""
    reply = await api.get(f"/api/v1/statuses/{said['id']}/quotes{query}", who)
    assert reply.status == 200, reply.body
    return [each["id"] for each in reply.json]


async def revoke(api: Api, who: Person, said: Status, made: Status) -> Reply:
    """An attempt to take a quote back."""
    return await api.post(f"/api/v1/statuses/{said['id']}/quotes/{made['id']}/revoke", who)


async def test_sr36_the_quotes_of_a_status(api: Api) -> None:
    """SR36: anonymous 401; private quotes only to those who may see them."""
    anna, bert, cleo, dora = await people(api, "anna", "bert", "cleo", "dora")
    said = await api.say(anna, "hello")
    path = f"/api/v1/statuses/{said['id']}/quotes"
    assert await listed(api, said, anna) == []
    assert "link" not in (await api.get(path, anna)).headers
    await verb(api, dora, "follow", bert)
    berts = await quoting(api, bert, said)
    private = await quoting(api, bert, said, "among us", visibility="private")
    cleos = await quoting(api, cleo, said)
    everybodys = [cleos["id"], berts["id"]]
    assert await listed(api, said, anna) == everybodys
    assert await listed(api, said, dora) == [cleos["id"], private["id"], berts["id"]]
    assert await listed(api, said, bert) == [cleos["id"], private["id"], berts["id"]]
    (shown, _) = (await api.get(path, anna)).json
    assert shown["quote"]["quoted_status"]["id"] == said["id"]
    assert (await api.get(path)).json == {"error": "The access token is invalid"}
    assert (await api.get(path)).status == 401
    assert (await api.get(path, await api.token("anna", "read:accounts"))).status == 403
    # The id of a boost stands for its original.
    wrapper = await boost(api, bert, said["id"])
    assert await listed(api, {"id": wrapper}, anna) == everybodys
    assert (await revoke(api, anna, said, cleos)).status == 200
    assert await listed(api, said, anna) == [berts["id"]]
    await api.call("DELETE", f"/api/v1/statuses/{berts['id']}", bert)
    assert await listed(api, said, anna) == []


async def test_s047_quotes_by_whom_a_block_keeps_away(api: Api) -> None:
    """S047: between the reader and whoever quotes; either of them may have blocked the other."""
    anna, bert, cleo, dora = await people(api, "anna", "bert", "cleo", "dora")
    said = await api.say(anna, "hello")
    made = [await quoting(api, who, said) for who in (bert, cleo)]
    await verb(api, dora, "block", bert)
    await verb(api, cleo, "block", dora)
    assert await listed(api, said, dora) == []
    assert await listed(api, said, anna) == [made[1]["id"], made[0]["id"]]


async def test_quotes_of_what_is_hidden_are_not_there(api: Api) -> None:
    """A status that one may not see answers as one that never was, with each of the verbs."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "among us", visibility="private")
    made = await quoting(api, anna, said)
    gone = await api.say(anna, "gone")
    await api.call("DELETE", f"/api/v1/statuses/{gone['id']}", anna)
    policy = {"quote_approval_policy": "public"}
    for status_id in (said["id"], gone["id"], "17", "rubbish"):
        path = f"/api/v1/statuses/{status_id}"
        for method, name in (
            ("GET", "quotes"),
            ("POST", f"quotes/{made['id']}/revoke"),
            ("PUT", "interaction_policy"),
            ("POST", "translate"),
        ):
            reply = await api.call(method, f"{path}/{name}", bert, json=policy)
            assert (reply.status, reply.json) == (404, ABSENT), (status_id, name)
    assert (await see(api, made, anna))["quote"]["state"] == "accepted"


async def test_pages_of_quotes(api: Api) -> None:
    """mastodon.md 3.2, 3.3: 20/40; prev as `since_id`, next only after a full page."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    made = [(await quoting(api, bert, said, str(number)))["id"] for number in range(45)][::-1]
    path = f"/api/v1/statuses/{said['id']}/quotes"
    assert await listed(api, said, anna) == made[:20]
    assert await listed(api, said, anna, "?limit=100") == made[:40]
    first = await api.get(f"{path}?limit=3", anna)
    following = page_link(first.headers, "next")
    assert following == f"{path}?limit=3&max_id={made[2]}"
    assert page_link(first.headers, "prev") == f"{path}?limit=3&since_id={made[0]}"
    assert [each["id"] for each in (await api.get(following, anna)).json] == made[3:6]
    assert await listed(api, said, anna, f"?since_id={made[2]}") == made[:2]
    last = await api.get(f"{path}?limit=5&max_id={made[42]}", anna)
    assert [each["id"] for each in last.json] == made[43:]
    assert page_link(last.headers, "next") == ""


async def test_sr36_the_quoted_author_takes_a_quote_back(api: Api) -> None:
    """SR36: by quotee → 200 `quote.state: "revoked"`, by another → 403."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    said, other = await api.say(anna, "hello"), await api.say(anna, "something else")
    made = await quoting(api, bert, said)
    outer = await quoting(api, cleo, made)
    for stranger in (bert, cleo):
        refused = await revoke(api, stranger, said, made)
        assert (refused.status, refused.json) == (403, NOT_ALLOWED)
    path = f"/api/v1/statuses/{said['id']}/quotes/{made['id']}/revoke"
    assert (await api.post(path)).status == 401
    assert (await api.post(path, await api.token("anna", "write:favourites"))).status == 403
    assert (await see(api, made))["quote"]["state"] == "accepted"
    for _ in range(2):
        revoked = await revoke(api, anna, said, made)
        assert (revoked.status, revoked.json["id"]) == (200, made["id"])
        assert revoked.json["quote"] == {"state": "revoked", "quoted_status": None}
    for reader in (anna, bert, cleo, None):
        assert (await see(api, made, reader))["quote"]["state"] == "revoked"
        assert (await see(api, said, reader))["quotes_count"] == 0
        inner = (await see(api, outer, reader))["quote"]["quoted_status"]
        assert inner["quote"] == {"state": "revoked", "quoted_status_id": None}
    await api.call("DELETE", f"/api/v1/statuses/{made['id']}", bert)
    assert (await see(api, said))["quotes_count"] == 0
    plain = await api.say(bert, "no quote")
    for wrong in (made, plain, {"id": "17"}, {"id": "rubbish"}):
        missing = await revoke(api, anna, said, wrong)
        assert (missing.status, missing.json) == (404, ABSENT)
    again = await quoting(api, bert, said)
    missing = await revoke(api, anna, other, again)
    assert (missing.status, missing.json) == (404, ABSENT)
    assert (await see(api, said))["quotes_count"] == 1


async def test_nobody_keeps_a_quote_by_a_block(api: Api) -> None:
    """Whoever quotes somebody and blocks them then has not got out of the other's say."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    made = await quoting(api, bert, said)
    await verb(api, bert, "block", anna)
    assert (await api.get(f"/api/v1/statuses/{made['id']}", anna)).status == 404
    revoked = await revoke(api, anna, said, made)
    assert (revoked.status, revoked.json["quote"]["state"]) == (200, "revoked")
    assert (await see(api, made))["quote"]["state"] == "revoked"
    assert (await see(api, said))["quotes_count"] == 0


async def test_a_private_quote_is_not_shown_by_revoking_it(api: Api) -> None:
    """Who may not see a quote does not get it as the answer to a guessed id either."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    made = await quoting(api, bert, said, "among us", visibility="private")
    missing = await revoke(api, anna, said, made)
    assert (missing.status, missing.json) == (404, ABSENT)
    await verb(api, anna, "follow", bert)
    assert (await revoke(api, anna, said, made)).json["quote"]["state"] == "revoked"


async def test_many_revoke_at_once(api: Api) -> None:
    """Sixteen revokes of one quote count once; so do a revoke and a delete of the same."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    made = [await quoting(api, bert, said, str(number)) for number in range(6)]
    replies = await asyncio.gather(*(revoke(api, anna, said, made[0]) for _ in range(16)))
    assert {reply.status for reply in replies} == {200}
    assert {reply.json["quote"]["state"] for reply in replies} == {"revoked"}
    assert (await see(api, said))["quotes_count"] == 5
    both = [
        [
            revoke(api, anna, said, each),
            api.call("DELETE", f"/api/v1/statuses/{each['id']}", bert),
        ]
        for each in made[1:5]
    ]
    await asyncio.gather(*(call for pair in both for call in pair))
    assert (await see(api, said))["quotes_count"] == 1
    assert await listed(api, said, anna) == [made[5]["id"]]


def automatic(said: Status) -> list[str]:
    """Who may quote a status."""
    return said["quote_approval"]["automatic"]


async def set_policy(api: Api, who: Person | None, said: Status, policy: str) -> Reply:
    """An attempt to say who may quote a status."""
    path = f"/api/v1/statuses/{said['id']}/interaction_policy"
    return await api.call("PUT", path, who, json={"quote_approval_policy": policy})


async def test_sr35_an_author_says_anew_who_may_quote(api: Api) -> None:
    """SR35: own → 200 with quote_approval; other's → 403; anonymous 401. SR10: it is no edit."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    made = await quoting(api, bert, said)
    for policy in ("followers", "nobody", "public", "nobody"):
        changed = await set_policy(api, anna, said, policy)
        expected = [] if policy == "nobody" else [policy]
        assert (changed.status, automatic(changed.json)) == (200, expected)
        seen = await see(api, said, bert)
        assert (automatic(seen), seen["edited_at"]) == (expected, None)
    assert len((await api.get(f"/api/v1/statuses/{said['id']}/history", anna)).json) == 1
    # What was quoted before stays quoted.
    assert (await see(api, made))["quote"]["state"] == "accepted"
    refused = await set_policy(api, bert, said, "public")
    assert (refused.status, refused.json) == (403, NOT_ALLOWED)
    anonymous = await set_policy(api, None, said, "public")
    assert (anonymous.status, anonymous.json) == (401, {"error": "The access token is invalid"})
    assert automatic(await see(api, said)) == []
    path = f"/api/v1/statuses/{said['id']}/interaction_policy"
    scoped = await api.token("anna", "write:accounts")
    assert (await api.call("PUT", path, scoped, json={})).status == 403
    missing = await api.call("PUT", path, anna, json={})
    assert missing.status == 400
    assert missing.json["error"].endswith(": quote_approval_policy")


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_sr35_what_is_not_for_everybody_stays_so(api: Api, visibility: str) -> None:
    """SR35: private post stays `automatic: []`."""
    anna, bert = await people(api, "anna", "bert")
    await verb(api, bert, "follow", anna)
    said = await api.say(anna, "@bert hello", visibility=visibility)
    for policy in ("public", "followers", "nobody"):
        changed = await set_policy(api, anna, said, policy)
        assert (changed.status, automatic(changed.json)) == (200, [])
    assert (await set_policy(api, bert, said, "public")).status == 403


async def test_a_boost_has_no_policy_of_its_own(api: Api) -> None:
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    wrapper = {"id": await boost(api, anna, said["id"])}
    assert (await set_policy(api, anna, wrapper, "nobody")).json == ABSENT
    assert (await set_policy(api, bert, wrapper, "nobody")).status != 200
    assert automatic(await see(api, said)) == ["public"]


async def test_a_policy_and_quotes_at_once(api: Api) -> None:
    """Whoever quotes while the policy changes is let in or is not, and the counter knows."""
    anna, bert = await people(api, "anna", "bert")
    said = await api.say(anna, "hello")
    fields = {"status": "so", "quoted_status_id": said["id"]}
    replies = await asyncio.gather(
        *(api.post("/api/v1/statuses", bert, json=fields) for _ in range(8)),
        set_policy(api, anna, said, "nobody"),
        *(api.post("/api/v1/statuses", bert, json=fields) for _ in range(8)),
    )
    made = [reply for reply in (*replies[:8], *replies[9:]) if reply.status == 200]
    assert {reply.status for reply in replies} <= {200, 404}
    seen = await see(api, said)
    assert (seen["quotes_count"], automatic(seen)) == (len(made), [])
    assert (await api.post("/api/v1/statuses", bert, json=fields)).status == 404


async def test_a_page_of_quotes_costs_what_one_does(api: Api) -> None:
    """Whatever is quoted on a page is gathered in a fixed number of statements."""
    anna, bert, cleo = await people(api, "anna", "bert", "cleo")
    costs: set[tuple[int, int]] = set()
    made: list[Status] = []
    for length in (1, 5, 20):
        while len(made) < length:
            said = await api.say(anna, "hello", quote_approval_policy="followers")
            await verb(api, bert, "follow", anna)
            made.append(await quoting(api, bert, said, str(len(made))))
            await quoting(api, bert, made[-1])
        counted: list[int] = []
        for path, who in (("/api/v1/timelines/home", bert), ("/api/v1/timelines/public", cleo)):
            await api.get(path, who)
            api.recorder.forget()
            page = await api.get(path, who)
            assert len(page.json) >= length
            counted.append(api.recorder.count)
        costs.add((counted[0], counted[1]))
    assert len(costs) == 1, costs
    assert max(next(iter(costs))) <= 12


async def _app_token(api: Api) -> str:
    secret = new_secret()
    await api.env.db.write(
        lambda tx: tokens.add(api.env, tx, secret, kind="app", scopes=" ".join(SCOPES), app_id=None)
    )
    return secret


async def test_sr34_there_is_no_translator(api: Api) -> None:
    """SR34: app token 422; private status 403; no backend → 404. S032: hidden → 404, no row."""
    anna, bert = await people(api, "anna", "bert")
    await verb(api, bert, "follow", anna)
    said = {
        visibility: await api.say(anna, "@bert Hei!", visibility=visibility)
        for visibility in ("public", "unlisted", "private", "direct")
    }
    expected = {"public": (404, ABSENT), "unlisted": (404, ABSENT)}
    for visibility, status in said.items():
        path = f"/api/v1/statuses/{status['id']}/translate"
        for reader in (anna, bert):
            reply = await api.post(path, reader, json={"lang": "en"})
            assert (reply.status, reply.json) == expected.get(visibility, (403, NOT_ALLOWED))
        assert (await api.post(path)).status == 401
        assert (await api.post(path, await _app_token(api))).status == 422
        assert (await api.post(path, await api.token("bert", "read:accounts"))).status == 403
    cleo = await api.person("cleo")
    for visibility in ("private", "direct"):
        path = f"/api/v1/statuses/{said[visibility]['id']}/translate"
        assert (await api.post(path, cleo)).json == ABSENT
    instance = (await api.get("/api/v2/instance")).json
    assert instance["configuration"]["translation"] == {"enabled": False}
