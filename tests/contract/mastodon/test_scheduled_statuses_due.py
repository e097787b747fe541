"""Scheduled statuses when their time has come: said once, in order, whatever happened meanwhile."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, LiteralString

import pytest

from stonechat.domain.ids import AccountId
from stonechat.jobs.runner import Runner
from stonechat.services import departures, scheduling
from stonechat.services.cleaning import clean_up
from stonechat.services.consequences import HANDLERS
from stonechat.services.env import Env
from tests.contract.api import Api, Person
from tests.contract.people import change, home, notices, run_jobs, verb
from tests.contract.schedules import (
    NOT_FOUND,
    POSTS,
    SCHEDULED,
    ahead,
    put_off,
    scheduled,
    waiting,
)
from tests.contract.uploads import picture

JOBS: LiteralString = " FROM jobs WHERE failed_ms IS NULL AND kind = 'publish_scheduled'"


async def come(api: Api, **step: float) -> None:
    """Let the time come, and run what is due then."""
    api.clock.move(**step)
    while await run_jobs(api):
        pass


async def said_by(api: Api, who: Person) -> list[dict[str, Any]]:
    """What somebody has said, oldest first, as they see it themselves."""
    reply = await api.get(f"/api/v1/accounts/{who.id}/statuses?limit=40", who)
    assert reply.status == 200, reply.body
    return reply.json[::-1]


async def texts_of(api: Api, who: Person) -> list[str]:
    return [
        each["content"].removeprefix("<p>").removesuffix("</p>") for each in await said_by(api, who)
    ]


async def see(api: Api, status_id: str, who: Person | None = None) -> dict[str, Any]:
    reply = await api.get(f"{POSTS}/{status_id}", who)
    assert reply.status == 200, reply.body
    return reply.json


async def count_jobs(api: Api) -> int:
    return len(await payloads_of_jobs(api))


async def payloads_of_jobs(api: Api) -> list[dict[str, int]]:
    return [json.loads(row[0]) for row in await api.env.db.all("SELECT payload" + JOBS)]


# In time ------------------------------------------------------------------------------------


async def test_sch18_it_is_said_when_it_is_due(api: Api) -> None:
    """SCH18, and the seed: "In Sidekiq, the individual statuses are created"."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await verb(api, bert, "follow", anna)
    made = await scheduled(
        api,
        anna,
        "tea or coffee, @bert? #drinks",
        ahead(api, hours=1),
        visibility="unlisted",
        language="de",
        spoiler_text="drinks",
        poll={"options": ["tea", "coffee"], "expires_in": 3600},
    )
    await come(api, minutes=59, seconds=59)
    assert (await said_by(api, anna), await home(api, bert)) == ([], [])
    assert await waiting(api, anna) == ["tea or coffee, @bert? #drinks"]
    await come(api, seconds=2)
    [said] = await said_by(api, anna)
    assert (said["visibility"], said["language"]) == ("unlisted", "de")
    assert (said["spoiler_text"], said["sensitive"]) == ("drinks", True)
    assert [each["acct"] for each in said["mentions"]] == ["bert"]
    assert [each["name"] for each in said["tags"]] == ["drinks"]
    # Both count from the moment in which it was said, not from when it was ordered.
    assert said["created_at"] == ahead(api)
    assert said["poll"]["expires_at"] == ahead(api, seconds=3600)
    assert await home(api, anna) == await home(api, bert) == [said["id"]]
    assert ("mention", "anna") in await notices(api, bert)
    assert await waiting(api, anna) == []
    for method in ("GET", "PUT", "DELETE"):
        reply = await api.call(method, f"{SCHEDULED}/{made['id']}", anna)
        assert (reply.status, reply.json) == (404, NOT_FOUND)
    assert await count_jobs(api) == 0


async def test_sch13_counters_rise_when_it_is_said(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    root = await api.say(bert, "who will come?")
    await scheduled(api, anna, "I will", ahead(api, hours=1), in_reply_to_id=root["id"])
    assert (await see(api, root["id"]))["replies_count"] == 0
    await come(api, hours=1)
    [said] = await said_by(api, anna)
    assert (said["in_reply_to_id"], said["in_reply_to_account_id"]) == (root["id"], bert.id)
    assert (await see(api, root["id"]))["replies_count"] == 1
    assert (await api.get(f"/api/v1/accounts/{anna.id}")).json["statuses_count"] == 1


async def test_sch15_what_was_left_open_is_decided_when_it_is_said(api: Api) -> None:
    anna = await api.person("anna")
    await scheduled(api, anna, "plain", ahead(api, hours=1))
    await change(api, anna, source={"privacy": "private", "sensitive": True, "language": "fr"})
    await come(api, hours=1)
    [said] = await said_by(api, anna)
    assert (said["visibility"], said["sensitive"], said["language"]) == ("private", True, "fr")


async def test_sch16_its_media_go_over_to_the_status(api: Api) -> None:
    """SCH16, and the seed: "with media attachments being unassigned … and assigned"."""
    anna = await api.person("anna")
    media = [await picture(api, anna) for _ in range(2)]
    await scheduled(api, anna, "two", ahead(api, hours=48), media_ids=media)
    # Uploads that nobody uses are swept after a day. These are not among them.
    api.clock.move(hours=30)
    await clean_up(api.env, {})
    await come(api, hours=18)
    [said] = await said_by(api, anna)
    assert [each["id"] for each in said["media_attachments"]] == media
    reply = await api.post(POSTS, anna, json={"status": "x", "media_ids": media})
    assert reply.status == 422


async def test_whom_it_mentions_is_found_out_when_it_is_said(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await scheduled(api, anna, "for @bert and @cleo", ahead(api, hours=1))
    cleo = await api.person("cleo")
    await verb(api, bert, "block", anna)
    await come(api, hours=1)
    [said] = await said_by(api, anna)
    assert [each["acct"] for each in said["mentions"]] == ["cleo"]
    assert (await notices(api, bert), await notices(api, cleo)) == ([], [("mention", "anna")])


async def test_sch10_a_moved_one_waits_for_its_new_time(api: Api) -> None:
    anna = await api.person("anna")
    later = await scheduled(api, anna, "put off", ahead(api, hours=1))
    sooner = await scheduled(api, anna, "brought forward", ahead(api, hours=9))
    for made, hours in ((later, 3), (sooner, 2)):
        sent = {"scheduled_at": ahead(api, hours=hours)}
        assert (await api.call("PUT", f"{SCHEDULED}/{made['id']}", anna, json=sent)).status == 200
    await come(api, hours=1)
    assert await texts_of(api, anna) == []
    await come(api, hours=1)
    assert await texts_of(api, anna) == ["brought forward"]
    await come(api, hours=1)
    assert await texts_of(api, anna) == ["brought forward", "put off"]
    await come(api, hours=9)
    assert (len(await said_by(api, anna)), await count_jobs(api)) == (2, 0)


async def test_a_job_that_comes_too_early_leaves_its_status_for_later(api: Api) -> None:
    """Nothing is said early, and nothing forgotten: the clock is set back, or it was moved."""
    anna = await api.person("anna")
    made = await scheduled(api, anna, "mine", ahead(api, hours=1))
    payload = {"account_id": int(anna.id), "scheduled_id": int(made["id"])}
    await api.env.db.write(
        lambda tx: tx.run("UPDATE jobs SET run_ms = 1 WHERE id IN (SELECT id" + JOBS + ")")
    )
    await come(api, minutes=1)
    await scheduling.publish_scheduled(api.env, payload)
    assert (await said_by(api, anna), await count_jobs(api)) == ([], 1)
    await come(api, minutes=59)
    assert await texts_of(api, anna) == ["mine"]
    # What was done once does no harm when it is done again.
    await scheduling.publish_scheduled(api.env, payload)
    assert (await texts_of(api, anna), await count_jobs(api)) == (["mine"], 0)


async def test_sch11_what_was_called_off_is_never_said(api: Api) -> None:
    anna = await api.person("anna")
    made = await scheduled(api, anna, "never mind", ahead(api, hours=1))
    await scheduled(api, anna, "this one", ahead(api, hours=2))
    await api.call("DELETE", f"{SCHEDULED}/{made['id']}", anna)
    assert await count_jobs(api) == 1
    await come(api, hours=3)
    assert await texts_of(api, anna) == ["this one"]


# Missed, and once ---------------------------------------------------------------------------


async def test_sch19_what_was_missed_appears_in_order(api: Api) -> None:
    """SCH19: nobody ran jobs while all of it became due; the first one that runs says it all."""
    anna, bert = await api.person("anna"), await api.person("bert")
    for minutes in (40, 10, 30, 20, 50):
        await scheduled(api, anna, f"at {minutes}", ahead(api, minutes=minutes))
        await scheduled(api, bert, f"bert at {minutes}", ahead(api, minutes=minutes))
    await come(api, days=2)
    assert await texts_of(api, anna) == ["at 10", "at 20", "at 30", "at 40", "at 50"]
    assert (await texts_of(api, bert))[-1] == "bert at 50"
    assert await waiting(api, anna) == []
    assert await count_jobs(api) == 0


async def test_sch19_once_however_many_run_it_at_once(api: Api) -> None:
    """Eight runners on one database, each with every job: no two for one, and in order."""
    anna, bert = await api.person("anna"), await api.person("bert")
    await verb(api, bert, "follow", anna)
    numbers = range(12)
    for number in numbers:
        await scheduled(api, anna, f"number {number}", ahead(api, minutes=10 + number))
    jobs = await payloads_of_jobs(api) * 8
    api.clock.move(hours=1)
    await asyncio.gather(*(scheduling.publish_scheduled(api.env, each) for each in jobs))
    assert await texts_of(api, anna) == [f"number {number}" for number in numbers]
    assert len(await home(api, bert)) == len(numbers)
    account = (await api.get(f"/api/v1/accounts/{anna.id}")).json
    assert account["statuses_count"] == len(numbers)
    assert await count_jobs(api) == 0


async def test_sch19_a_worker_that_dies_leaves_it_to_another(api: Api) -> None:
    """Killed while it holds the job: its lease ends, and the next one says it, once."""
    anna = await api.person("anna")
    await scheduled(api, anna, "mine", ahead(api, minutes=10))
    api.clock.move(minutes=11)

    class Killed(BaseException):
        """As by -9: nothing that comes after is carried out."""

    async def die(_env: Env, _payload: Mapping[str, object]) -> None:
        raise Killed

    with pytest.raises(BaseException):  # noqa: B017, PT011 - a runner may wrap it in a group
        await Runner(api.env, {**HANDLERS, scheduling.PUBLISH_SCHEDULED_JOB: die}).run_due()
    await come(api, milliseconds=1)
    assert await texts_of(api, anna) == []
    await come(api, minutes=2)
    assert await texts_of(api, anna) == ["mine"]
    await come(api, minutes=9)
    assert (await texts_of(api, anna), await count_jobs(api)) == (["mine"], 0)


async def test_sch17_a_late_retry_gives_the_status(api: Api) -> None:
    """SCH17: the key follows what became of it; before, in between and afterwards."""
    anna = await api.person("anna")
    key = {"Idempotency-Key": "once"}
    at = ahead(api, minutes=10)
    made = await scheduled(api, anna, "mine", at, headers=key)
    api.clock.move(minutes=11)
    # Its time is over, but the server has not come to it: this is neither said twice nor refused.
    reply = await put_off(api, anna, "mine", at, headers=key)
    assert (reply.status, reply.json) == (200, made)
    await come(api, seconds=1)
    [said] = await said_by(api, anna)
    for sent in (at, ahead(api, hours=1)):
        reply = await put_off(api, anna, "mine", sent, headers=key)
        assert (reply.status, reply.json["id"]) == (200, said["id"])
        assert reply.json["content"] == "<p>mine</p>"
    assert len(await said_by(api, anna)) == 1


async def test_sch17_retries_while_it_is_said(api: Api) -> None:
    """At no moment does a retry make another one, or find nothing."""
    anna = await api.person("anna")
    key = {"Idempotency-Key": "once"}
    at = ahead(api, minutes=10)
    made = await scheduled(api, anna, "mine", at, headers=key)
    api.clock.move(minutes=11)
    payload = {"account_id": int(anna.id), "scheduled_id": int(made["id"])}
    replies = await asyncio.gather(
        scheduling.publish_scheduled(api.env, payload),
        *(put_off(api, anna, "mine", at, headers=key) for _ in range(16)),
    )
    [said] = await said_by(api, anna)
    answers = [each for each in replies if each is not None]
    assert {each.status for each in answers} == {200}
    assert {each.json["id"] for each in answers} <= {made["id"], said["id"]}


# What is gone by then -----------------------------------------------------------------------


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
