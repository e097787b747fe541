"""Scheduled statuses when their time has come: said once, in order, whatever happened meanwhile."""

import asyncio
from collections.abc import Mapping

import pytest

from stonechat.domain.ids import AccountId, ScheduledId
from stonechat.jobs.runner import Runner
from stonechat.services import scheduling
from stonechat.services.cleaning import clean_up
from stonechat.services.consequences import HANDLERS
from stonechat.services.env import Env
from stonechat.storage import scheduling as scheduling_rows
from stonechat.storage.database import Transaction
from tests.contract.api import Api
from tests.contract.people import change, home, notices, verb
from tests.contract.schedules import (
    JOBS,
    NOT_FOUND,
    POSTS,
    SCHEDULED,
    ahead,
    come,
    count_jobs,
    payloads_of_jobs,
    put_off,
    said_by,
    scheduled,
    see,
    texts_of,
    waiting,
)
from tests.contract.uploads import picture

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


async def test_sch19_nobody_goes_past_one_that_somebody_is_saying(postgres_api: Api) -> None:
    """A worker stands still in the midst of the first: the second waits, and so does its worker."""
    api = postgres_api
    anna = await api.person("anna")
    first, second = [
        await scheduled(api, anna, text, ahead(api, minutes=10)) for text in ("first", "second")
    ]
    api.clock.move(hours=1)
    has_begun, may_die = asyncio.Event(), asyncio.Event()

    async def stand_still(tx: Transaction) -> None:
        order = await scheduling_rows.find(
            tx, AccountId(int(anna.id)), ScheduledId(int(first["id"]))
        )
        assert order is not None
        assert await scheduling_rows.take(tx, "postgres", AccountId(int(anna.id)), order)
        has_begun.set()
        await may_die.wait()
        raise ConnectionAbortedError

    standing = asyncio.create_task(api.env.db.write(stand_still))
    await has_begun.wait()
    payload = {"account_id": int(anna.id), "scheduled_id": int(second["id"])}
    other = asyncio.create_task(scheduling.publish_scheduled(api.env, payload))
    await asyncio.sleep(2 * scheduling.LOOK_AGAIN_S)
    assert (await said_by(api, anna), other.done()) == ([], False)
    may_die.set()
    with pytest.raises(ConnectionAbortedError):
        await standing
    await other
    assert await texts_of(api, anna) == ["first", "second"]


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
