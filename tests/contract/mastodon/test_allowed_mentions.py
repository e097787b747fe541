"""`allowed_mentions[]`: an app says whom it expects to be told, and anybody else stops the post."""

from datetime import timedelta
from typing import Any

import pytest

from stonechat.dialects.mastodon.forms.statuses import ALLOWED_MENTIONS_MAX
from tests.contract.api import Api, Person, Reply
from tests.contract.people import notices, run_jobs, verb

PATH = "/api/v1/statuses"


async def trying(api: Api, who: Person, text: str, allowed: Any, **more: Any) -> Reply:
    """An attempt to say something to no more than these people."""
    api.clock.move(milliseconds=1)
    return await api.post(PATH, who, json={"status": text, "allowed_mentions": allowed, **more})


def unexpected(reply: Reply) -> list[str]:
    """Whom a refused post would have reached."""
    assert reply.status == 422
    assert reply.json["error"] == "Post would be sent to unexpected accounts"
    return sorted(account["acct"] for account in reply.json["unexpected_accounts"])


async def test_st4_who_is_left_out_stops_the_post(api: Api) -> None:
    """ST4: 422 with `unexpected_accounts: [Account…]` and no post made."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    text = "@bert and @cleo, and @nobody"
    assert unexpected(await trying(api, anna, text, [bert.id])) == ["cleo"]
    assert unexpected(await trying(api, anna, text, [])) == ["bert", "cleo"]
    assert unexpected(await trying(api, anna, text, ["17", "rubbish"])) == ["bert", "cleo"]
    form = {"status": text, "allowed_mentions[]": bert.id}
    assert unexpected(await api.post(PATH, anna, form=form)) == ["cleo"]
    refused = await trying(api, anna, text, [bert.id])
    assert refused.json["unexpected_accounts"][0]["url"] == "http://stonechat.test/@cleo"
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).json["statuses_count"] == 0
    assert (await notices(api, bert), await notices(api, cleo)) == ([], [])


async def test_st4_who_is_expected_is_told(api: Api) -> None:
    """ST4: nobody has to be mentioned, and whom a block keeps away is not."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    everybody = [bert.id, cleo.id]
    for text, allowed in (("@bert", [bert.id]), ("@bert", everybody), ("to all", [])):
        assert (await trying(api, anna, text, allowed)).status == 200
    assert await notices(api, bert) == [("mention", "anna")] * 2
    await verb(api, cleo, "block", anna)
    made = await trying(api, anna, "@bert and @cleo", [bert.id])
    assert [each["acct"] for each in made.json["mentions"]] == ["bert"]
    # A key is spent by what it made, not by what was refused.
    dora = await api.person("dora")
    fields = {"status": "@dora", "allowed_mentions": [bert.id]}
    headers = {"Idempotency-Key": "once"}
    assert unexpected(await api.post(PATH, anna, json=fields, headers=headers)) == ["dora"]
    fields["allowed_mentions"] = [dora.id]
    assert (await api.post(PATH, anna, json=fields, headers=headers)).status == 200


@pytest.mark.parametrize("allowed", [{"bert": "1"}, [["1"]], list(range(ALLOWED_MENTIONS_MAX + 1))])
async def test_a_list_that_is_none_is_refused(sqlite_api: Api, allowed: object) -> None:
    """A bound that cannot be read binds nobody: so it is refused, not left out."""
    anna = await sqlite_api.person("anna")
    assert (await trying(sqlite_api, anna, "hello", allowed)).status == 422
    assert (await sqlite_api.get("/api/v1/timelines/home", anna)).json == []


async def test_an_edit_knows_of_no_such_list(api: Api) -> None:
    """mastodon.md 1.10: it is no parameter of an edit."""
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "hello")
    fields = {"status": "@bert hello", "allowed_mentions": []}
    edited = await api.call("PUT", f"{PATH}/{said['id']}", anna, json=fields)
    assert edited.status == 200
    assert await notices(api, bert) == [("mention", "anna")]


async def test_st4_the_list_holds_for_what_is_said_later(api: Api) -> None:
    """ST4, mastodon.md 2: it is checked at once, kept with the order, and checked again then."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await api.person("cleo")
    due = (api.clock.now() + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = {"scheduled_at": due}
    assert unexpected(await trying(api, anna, "@bert and @cleo", [bert.id], **later)) == ["cleo"]
    assert (await api.get("/api/v1/scheduled_statuses", anna)).json == []
    for text in ("@bert and @dora", "@bert alone"):
        made = await trying(api, anna, text, [bert.id], **later)
        assert (made.status, made.json["params"]["allowed_mentions"]) == (200, [bert.id])
    # She comes in the meantime, so the order would reach somebody whom its app did not expect.
    dora = await api.person("dora")
    api.clock.move(minutes=11)
    await run_jobs(api)
    home = (await api.get("/api/v1/timelines/home", anna)).json
    assert [each["mentions"] for each in home] == [
        [{"id": bert.id, "username": "bert", "url": "http://stonechat.test/@bert", "acct": "bert"}]
    ]
    assert await notices(api, bert) == [("mention", "anna")]
    assert await notices(api, dora) == []
