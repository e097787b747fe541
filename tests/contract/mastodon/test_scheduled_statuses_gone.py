"""Scheduled statuses whose parent, quote, media, author or release is gone when they are due."""

import json
from typing import LiteralString

import pytest

from stonechat.domain.ids import AccountId
from stonechat.services import departures
from tests.contract.api import Api
from tests.contract.people import notices, verb
from tests.contract.schedules import (
    POSTS,
    SCHEDULED,
    ahead,
    come,
    count_jobs,
    said_by,
    scheduled,
    see,
    texts_of,
    waiting,
)
from tests.contract.uploads import picture


@pytest.mark.parametrize("gone", ["parent", "quoted", "both"])
async def test_sch20_it_is_said_without_what_was_deleted(api: Api, gone: str) -> None:
    """SCH20: what it answers or quotes is gone by then, and it holds up nothing behind it."""
    anna, bert = await api.person("anna"), await api.person("bert")
    parent, quoted = await api.say(bert, "who will come?"), await api.say(bert, "bread at eight")
    fields = {"in_reply_to_id": parent["id"], "quoted_status_id": quoted["id"]}
    await scheduled(api, anna, "I will", ahead(api, minutes=10), **fields)
    await scheduled(api, anna, "and then", ahead(api, minutes=20))
    for name, status in (("parent", parent), ("quoted", quoted)):
        if gone in (name, "both"):
            assert (await api.call("DELETE", f"{POSTS}/{status['id']}", bert)).status == 200
    await come(api, hours=1)
    first, second = await said_by(api, anna)
    assert first["in_reply_to_id"] == (parent["id"] if gone == "quoted" else None)
    quote = first["quote"] and first["quote"]["quoted_status"]["id"]
    assert quote == (quoted["id"] if gone == "parent" else None)
    assert "I will" in first["content"]
    assert second["content"] == "<p>and then</p>"
    assert await waiting(api, anna) == []
    assert await count_jobs(api) == 0


async def test_sch20_it_is_said_without_what_its_author_may_not_see_any_more(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await verb(api, anna, "follow", bert)
    secret = await api.say(bert, "for followers", visibility="private")
    await scheduled(api, anna, "oh", ahead(api, minutes=10), in_reply_to_id=secret["id"])
    await verb(api, anna, "unfollow", bert)
    await come(api, hours=1)
    [said] = await said_by(api, anna)
    assert (said["in_reply_to_id"], said["content"]) == (None, "<p>oh</p>")
    assert (await see(api, secret["id"], bert))["replies_count"] == 0


async def test_sch20_what_quoted_something_private_stays_private_without_it(api: Api) -> None:
    """Who quotes something private says it to few, and to no more when the quote is gone."""
    anna = await api.person("anna")
    private = await api.say(anna, "for followers", visibility="private")
    fields = {"quoted_status_id": private["id"], "visibility": "public"}
    made = await scheduled(api, anna, "as I said", ahead(api, minutes=10), **fields)
    assert made["params"]["visibility"] == "private"
    await api.call("DELETE", f"{POSTS}/{private['id']}", anna)
    await come(api, hours=1)
    [said] = await said_by(api, anna)
    assert (said["visibility"], said["quote"]) == ("private", None)


async def test_sch20_it_is_said_without_media_that_are_not_there(api: Api) -> None:
    anna = await api.person("anna")
    media = [await picture(api, anna) for _ in range(2)]
    await scheduled(api, anna, "two pictures", ahead(api, minutes=10), media_ids=media)
    await scheduled(api, anna, "", ahead(api, minutes=20), media_ids=[await picture(api, anna)])
    rows: LiteralString = "DELETE FROM media WHERE account_id = $1 AND id <> $2"
    await api.env.db.write(lambda tx: tx.run(rows, int(anna.id), int(media[1])))
    await come(api, hours=1)
    # Of the other one nothing is left to be said.
    [said] = await said_by(api, anna)
    assert (said["content"], said["media_attachments"]) == ("<p>two pictures</p>", [])
    assert (await waiting(api, anna), await count_jobs(api)) == ([], 0)
    # What was still there is free again.
    assert (await api.say(anna, "one", media_ids=media[1:]))["media_attachments"] != []


async def test_sch20_what_reaches_others_than_meant_is_not_said(api: Api) -> None:
    """`allowed_mentions` is kept with it: by then somebody has taken a name that it mentions."""
    anna, bert = await api.person("anna"), await api.person("bert")
    fields = {"allowed_mentions": [bert.id], "visibility": "direct"}
    await scheduled(api, anna, "@bert, not @cleo", ahead(api, minutes=10), **fields)
    await scheduled(api, anna, "and then", ahead(api, minutes=20))
    cleo = await api.person("cleo")
    await come(api, hours=1)
    assert await texts_of(api, anna) == ["and then"]
    assert (await notices(api, bert), await notices(api, cleo)) == ([], [])
    assert (await waiting(api, anna), await count_jobs(api)) == ([], 0)


@pytest.mark.parametrize("state", ["suspended", "disabled"])
async def test_sch20_who_may_not_speak_by_then_says_nothing(api: Api, state: str) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await scheduled(api, anna, "from anna", ahead(api, minutes=10))
    await scheduled(api, bert, "from bert", ahead(api, minutes=10))

    async def become(state: str) -> None:
        await api.env.db.write(
            lambda tx: tx.run("UPDATE accounts SET state = $2 WHERE id = $1", int(anna.id), state)
        )

    await become(state)
    await come(api, hours=1)
    await become("active")
    assert (await texts_of(api, anna), await texts_of(api, bert)) == ([], ["from bert"])
    assert (await waiting(api, anna), await count_jobs(api)) == ([], 0)


@pytest.mark.parametrize(
    "fault",
    [
        {"visibility": "circle"},
        {"poll": {"options": [1, 2], "seconds": 600}},
    ],
    ids=["of a later release", "of ours"],
)
async def test_sch20_one_that_cannot_be_read_holds_up_no_other(
    api: Api, fault: dict[str, object]
) -> None:
    """It stays where it is, the others are said, and its job tries again later."""
    anna = await api.person("anna")
    made = await scheduled(api, anna, "broken", ahead(api, minutes=10))
    await scheduled(api, anna, "sound", ahead(api, minutes=20))

    async def write(**fields: object) -> None:
        order = json.dumps({"text": "broken", **fields})
        await api.env.db.write(
            lambda tx: tx.run(
                "UPDATE scheduled_statuses SET command = $3 WHERE account_id = $1 AND id = $2",
                int(anna.id),
                int(made["id"]),
                order,
            )
        )

    await write(**fault)
    await come(api, hours=1)
    assert await texts_of(api, anna) == ["sound"]
    assert await count_jobs(api) >= 1
    await write()
    await come(api, hours=2)
    assert await texts_of(api, anna) == ["sound", "broken"]
    assert await count_jobs(api) == 0


async def test_an_account_that_leaves_says_no_more(api: Api) -> None:
    anna = await api.person("anna")
    await scheduled(api, anna, "from anna", ahead(api, minutes=10))
    await departures.delete_account(api.env, "anna", lambda *_: None)
    rows: LiteralString = "SELECT 1 FROM scheduled_statuses WHERE account_id = $1"
    assert await api.env.db.all(rows, int(anna.id)) == []
    await come(api, hours=1)
    rows = "SELECT 1 FROM statuses WHERE account_id = $1"
    assert await api.env.db.all(rows, int(anna.id)) == []
    assert await count_jobs(api) == 0


# Releases -----------------------------------------------------------------------------------

KEPT_BY_THE_FIRST_RELEASE = (
    '{"text":"tea or coffee, @bert?","spoiler":"drinks","in_reply_to_id":null,'
    '"visibility":"unlisted","is_sensitive":false,"language":"de","allowed_mentions":[%d],'
    '"idempotency_key":"once","media_ids":[],"poll":{"options":["tea","coffee"],"seconds":600,'
    '"is_multiple":true,"hides_totals":true},"quoted_id":null,"quote_policy":"nobody"}'
)
"""This text never changes: it lies in databases. It is what has to be read for ever."""


async def test_an_order_of_the_first_release_is_carried_out(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    order = KEPT_BY_THE_FIRST_RELEASE % int(bert.id)
    await scheduled(api, anna, "x", ahead(api, minutes=10))
    await api.env.db.write(
        lambda tx: tx.run(
            "UPDATE scheduled_statuses SET command = $2 WHERE account_id = $1", int(anna.id), order
        )
    )
    [kept] = (await api.get(SCHEDULED, anna)).json
    assert kept["params"]["poll"]["options"] == ["tea", "coffee"]
    await come(api, hours=1)
    [said] = await said_by(api, anna)
    assert (said["spoiler_text"], said["visibility"], said["language"]) == (
        "drinks",
        "unlisted",
        "de",
    )
    assert (said["poll"]["multiple"], said["poll"]["options"][0]["votes_count"]) == (True, None)
    assert [each["acct"] for each in said["mentions"]] == ["bert"]


async def test_an_order_is_kept_in_the_words_of_the_first_release(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await scheduled(
        api,
        anna,
        "tea or coffee, @bert?",
        ahead(api, minutes=10),
        spoiler_text="drinks",
        visibility="unlisted",
        sensitive=False,
        language="de",
        allowed_mentions=[bert.id],
        poll={
            "options": ["tea", "coffee"],
            "expires_in": 600,
            "multiple": True,
            "hide_totals": True,
        },
        quote_approval_policy="nobody",
        headers={"Idempotency-Key": "once"},
    )
    row = await api.env.db.one(
        "SELECT command FROM scheduled_statuses WHERE account_id = $1", AccountId(int(anna.id))
    )
    assert row is not None
    assert json.loads(row[0]) == json.loads(KEPT_BY_THE_FIRST_RELEASE % int(bert.id))
