"""Scheduled statuses: putting off, with its limits and its keys, and what the answer looks like.

Lists, moving and calling off are in test_scheduled_statuses_list.py. What becomes of them when
their time has come is in test_scheduled_statuses_due.py, and without what is gone by then in
test_scheduled_statuses_gone.py.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.api import Api
from tests.contract.people import change
from tests.contract.schedules import (
    ALL_FULL,
    DAY_FULL,
    INVALID,
    NOT_FOUND,
    POSTS,
    SCHEDULED,
    TOO_SOON,
    ahead,
    fill,
    put_off,
    scheduled,
    tomorrow,
    waiting,
)

# Putting off --------------------------------------------------------------------------------


async def test_sch1_seed_a_status_for_later_is_a_scheduled_status(api: Api) -> None:
    """SCH1, and the seed's `scheduled_at`: the answer is a ScheduledStatus, no Status is made."""
    anna = await api.person("anna")
    at = ahead(api, minutes=10)
    made = await scheduled(api, anna, "Bread at eight", at)
    assert made.keys() == {"id", "scheduled_at", "params", "media_attachments"}
    assert (made["scheduled_at"], made["media_attachments"]) == (at, [])
    assert (await api.get(f"{POSTS}/{made['id']}", anna)).status == 404
    assert (await api.get(f"/api/v1/accounts/{anna.id}/statuses", anna)).json == []
    assert (await api.get("/api/v1/timelines/home", anna)).json == []
    assert (await api.get(SCHEDULED, anna)).json == [made]


async def test_sch2_seed_less_than_five_minutes_ahead(api: Api) -> None:
    """SCH2, and the seed: "The scheduled date must be at least 5 minutes into the future"."""
    anna = await api.person("anna")
    for step in ({"seconds": 1}, {"minutes": 4}, {"milliseconds": 300_000}):
        # The clock moves a millisecond on before the request.
        reply = await put_off(api, anna, "too soon", ahead(api, **step))
        assert (reply.status, reply.json) == (422, TOO_SOON)
    assert await waiting(api, anna) == []
    await scheduled(api, anna, "just in time", ahead(api, milliseconds=300_001))
    assert await waiting(api, anna) == ["just in time"]


async def test_sch3_a_time_that_is_over_is_now(api: Api) -> None:
    anna = await api.person("anna")
    for step in ({"days": -3650}, {"hours": -1}, {"milliseconds": 1}):
        reply = await put_off(api, anna, "now", ahead(api, **step))
        assert (reply.status, reply.json["content"]) == (200, "<p>now</p>")
    assert await waiting(api, anna) == []


@pytest.mark.parametrize(
    "at",
    [
        "tomorrow",
        "2026-13-01T00:00:00Z",
        "31.12.2099",
        4102444800,
        4102444800000,
        True,
        ["2099-01-01T00:00:00Z"],
        {"year": "2099"},
        "2099-01-01T00:00:00Z\0",
        "2099-01-01T00:00:00Z" + " " * 64,
    ],
)
async def test_sch4_a_time_that_cannot_be_read(sqlite_api: Api, at: object) -> None:
    api = sqlite_api
    anna = await api.person("anna")
    reply = await api.post(POSTS, anna, json={"status": "when?", "scheduled_at": at})
    assert (reply.status, reply.json) == (422, INVALID)
    kept = await scheduled(api, anna, "kept", ahead(api, hours=1))
    moved = await api.call("PUT", f"{SCHEDULED}/{kept['id']}", anna, json={"scheduled_at": at})
    assert (moved.status, moved.json) == (422, INVALID)
    assert (await api.get(SCHEDULED, anna)).json == [kept]
    assert (await api.get(f"/api/v1/accounts/{anna.id}/statuses", anna)).json == []


@pytest.mark.parametrize("at", [None, "", "  "])
async def test_sch3_a_time_that_is_not_said_is_now(sqlite_api: Api, at: str | None) -> None:
    anna = await sqlite_api.person("anna")
    sent = {"status": "now", "scheduled_at": at}
    assert (await sqlite_api.post(POSTS, anna, json=sent)).json["content"] == "<p>now</p>"


async def test_sch5_every_offset_is_the_same_moment(api: Api) -> None:
    """SCH5, in a query, a form and JSON; what is without an offset is UTC, and so is the answer."""
    anna = await api.person("anna")
    for at in (
        "2099-06-01T10:00:00Z",
        "2099-06-01T12:00:00+02:00",
        "2099-06-01T12:00:00.000+0200",
        "2099-05-31T20:00:00.000-14:00",
        "2099-06-01T15:45:00+05:45",
        "2099-06-01 10:00:00",
    ):
        made = await scheduled(api, anna, at, at)
        assert made["scheduled_at"] == "2099-06-01T10:00:00.000Z"
    form = {"status": "form", "scheduled_at": "2099-06-01T12:00:00+02:00"}
    assert (await api.post(POSTS, anna, form=form)).json["scheduled_at"][:13] == "2099-06-01T10"
    query = "status=query&scheduled_at=2099-06-01T10%3A00%3A00.123456Z"
    asked = await api.post(f"{POSTS}?{query}", anna)
    assert asked.json["scheduled_at"] == "2099-06-01T10:00:00.123Z"


async def test_drafts_thousands_of_years_ahead(api: Api) -> None:
    """Tuba keeps its drafts so; beyond what can be written down there is nothing."""
    anna = await api.person("anna")
    made = await scheduled(api, anna, "draft", "5026-01-01T00:00:00Z")
    assert made["scheduled_at"] == "5026-01-01T00:00:00.000Z"
    reply = await put_off(api, anna, "too far", "9999-12-31T23:59:59-05:00")
    assert (reply.status, reply.json) == (422, INVALID)


# Limits -------------------------------------------------------------------------------------


async def test_sch6_seed_fifty_on_one_day(api: Api) -> None:
    """SCH6, and the seed: "Only 50 toots can be scheduled for any given day", a day of UTC."""
    anna = await api.person("anna")
    day = tomorrow(api)
    await fill(api, anna, 49, day)
    last = day + timedelta(hours=23, minutes=59, seconds=59, milliseconds=999)
    # In Auckland it is the next day already, in Honolulu it is still the one before.
    await scheduled(api, anna, "the fiftieth", last.isoformat())
    for at in (day.isoformat(), last.isoformat(), f"{day.date()}T14:30:00+14:00"):
        refused = await put_off(api, anna, "one more", at)
        assert (refused.status, refused.json) == (422, DAY_FULL)
    for step in (timedelta(milliseconds=-1), timedelta(days=1)):
        await scheduled(api, anna, "another day", (day + step).isoformat())
    assert len(await waiting(api, anna)) == 40  # a page is never longer
    bert = await api.person("bert")
    await scheduled(api, bert, "my own", day.isoformat())


async def test_sch6_seed_three_hundred_in_all(api: Api) -> None:
    """SCH6, and the seed: "At most, 300 toots can be scheduled at the same time"."""
    anna = await api.person("anna")
    day = tomorrow(api)
    await fill(api, anna, 30, day, days=10)
    at = (day + timedelta(days=20)).isoformat()
    refused = await put_off(api, anna, "one more", at)
    assert (refused.status, refused.json) == (422, ALL_FULL)
    assert (await api.call("DELETE", f"{SCHEDULED}/1", anna)).status == 200
    await scheduled(api, anna, "one instead", at)
    assert (await put_off(api, anna, "one more", at)).json == ALL_FULL


async def test_sch6_many_at_once_do_not_get_past_the_limit(api: Api) -> None:
    anna = await api.person("anna")
    day = tomorrow(api)
    await fill(api, anna, 40, day)
    replies = await asyncio.gather(
        *(put_off(api, anna, f"late {number}", day.isoformat()) for number in range(16))
    )
    assert sorted(reply.status for reply in replies) == [200] * 10 + [422] * 6
    assert all(reply.json == DAY_FULL for reply in replies if reply.status == 422)


# Validation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"status": " "}, 422, "Validation failed: Text can't be blank"),
        ({"status": "a" * 501}, 422, "Validation failed: Text character limit of 500 exceeded"),
        (
            {"poll": {"options": ["tea"], "expires_in": 600}},
            422,
            "Validation failed: Choices must have more than one item",
        ),
        (
            {"poll": {"options": ["tea", "coffee"], "expires_in": 10}},
            422,
            "Validation failed: Deadline is too soon",
        ),
        (
            {"poll": {"options": ["tea", "coffee"], "expires_in": 600}, "media_ids": ["12"]},
            422,
            None,
        ),
        ({"media_ids": ["12"]}, 422, "Media 12 not found or already attached to another post"),
        (
            {"visibility": "everybody"},
            422,
            "Validation failed: Visibility is not included in the list",
        ),
        ({"quote_approval_policy": "friends"}, 422, "Record invalid"),
        (
            {"in_reply_to_id": "12"},
            404,
            "The post you are trying to reply to does not appear to exist.",
        ),
        (
            {"quoted_status_id": "12"},
            404,
            "The post you are trying to quote does not appear to exist.",
        ),
        ({"allowed_mentions": []}, 422, "Post would be sent to unexpected accounts"),
    ],
)
async def test_sch12_what_could_not_be_posted_cannot_be_scheduled(
    api: Api, fields: dict[str, Any], status: int, words: str | None
) -> None:
    """SCH12, and the seed: "we only run status validation, and if it passes, we create"."""
    anna = await api.person("anna")
    await api.person("bert")
    reply = await put_off(
        api, anna, **({"text": "for @bert", "at": ahead(api, hours=1)} | _as_arguments(fields))
    )
    assert reply.status == status, reply.body
    if words is not None:
        assert reply.json["error"] == words
    assert await waiting(api, anna) == []


def _as_arguments(fields: dict[str, Any]) -> dict[str, Any]:
    return {("text" if name == "status" else name): value for name, value in fields.items()}


async def test_sch13_nobody_knows_of_it(api: Api) -> None:
    """SCH13: neither counters nor people; the same with what it answers and quotes."""
    anna, bert = await api.person("anna"), await api.person("bert")
    root = await api.say(bert, "who will come?")
    before = (await api.get(f"{POSTS}/{root['id']}", anna)).json
    fields = {"in_reply_to_id": root["id"], "quoted_status_id": root["id"]}
    await scheduled(api, anna, "I will, @bert #bread", ahead(api, hours=1), **fields)
    assert (await api.get(f"{POSTS}/{root['id']}", anna)).json == before
    account = (await api.get(f"/api/v1/accounts/{anna.id}", anna)).json
    assert (account["statuses_count"], account["last_status_at"]) == (0, None)
    assert (await api.get("/api/v1/notifications", bert)).json == []
    assert (await api.get(f"{POSTS}/{root['id']}/context", anna)).json["descendants"] == []
    assert (await api.get("/api/v1/timelines/tag/bread", anna)).json == []


# What it looks like -------------------------------------------------------------------------


async def test_sch14_sch15_options_that_were_not_sent(api: Api) -> None:
    """SCH14, SCH15: what was not said is null and decided later."""
    anna = await api.person("anna")
    made = await scheduled(api, anna, "plain", ahead(api, hours=1))
    params = dict(made["params"])
    application_id = params.pop("application_id")
    assert application_id is None or isinstance(application_id, int)
    assert params == {
        "text": "plain",
        "poll": None,
        "media_ids": None,
        "sensitive": None,
        "spoiler_text": None,
        "visibility": None,
        "language": None,
        "in_reply_to_id": None,
        "allowed_mentions": None,
        "quoted_status_id": None,
        "quote_approval_policy": "public",
        "scheduled_at": None,
        "idempotency": None,
        "with_rate_limit": False,
    }


async def test_sch14_every_option_that_was_sent(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    root = await api.say(bert, "tea or coffee?")
    quoted = await api.say(anna, "what I said")
    made = await scheduled(
        api,
        anna,
        " @bert whichever ",
        ahead(api, hours=1),
        spoiler_text="drinks",
        sensitive=True,
        visibility="unlisted",
        language="de",
        in_reply_to_id=root["id"],
        quoted_status_id=quoted["id"],
        quote_approval_policy="followers",
        allowed_mentions=[bert.id],
        poll={"options": ["tea", "coffee"], "expires_in": "3600", "multiple": True},
        headers={"Idempotency-Key": "drinks"},
    )
    params = made["params"]
    assert params["text"].strip() == "@bert whichever"
    assert params["poll"] == {
        "options": ["tea", "coffee"],
        "expires_in": 3600,
        "multiple": True,
        "hide_totals": False,
    }
    assert (params["sensitive"], params["spoiler_text"]) == (True, "drinks")
    assert (params["visibility"], params["language"]) == ("unlisted", "de")
    assert params["in_reply_to_id"] == int(root["id"])
    assert (params["quoted_status_id"], params["quote_approval_policy"]) == (
        quoted["id"],
        "followers",
    )
    assert (params["allowed_mentions"], params["idempotency"]) == ([bert.id], None)
    for reply in (
        await api.get(f"{SCHEDULED}/{made['id']}", anna),
        await api.call("PUT", f"{SCHEDULED}/{made['id']}", anna),
    ):
        assert (reply.status, reply.json) == (200, made)
    assert (await api.get(SCHEDULED, anna)).json == [made]


async def test_sch14_who_may_quote_is_settled_when_it_is_scheduled(api: Api) -> None:
    anna = await api.person("anna")
    await change(api, anna, source={"quote_policy": "followers"})
    made = await scheduled(api, anna, "plain", ahead(api, hours=1))
    assert made["params"]["quote_approval_policy"] == "followers"


async def test_the_app_that_scheduled_it(api: Api) -> None:
    """SCH14: `application_id` is a number, and the app is shown with the status later."""
    anna = await api.person("anna")
    app = await api.post(
        "/api/v1/apps", json={"client_name": "Tusky", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}
    )
    assert app.status == 200
    await api.env.db.write(
        lambda tx: tx.run(
            "UPDATE tokens SET app_id = $2 WHERE account_id = $1",
            int(anna.id),
            int(app.json["id"]),
        )
    )
    made = await scheduled(api, anna, "by an app", ahead(api, hours=1))
    assert made["params"]["application_id"] == int(app.json["id"])


# Idempotency --------------------------------------------------------------------------------


async def test_sch17_a_key_makes_one(api: Api) -> None:
    """SCH17, and the seed's Idempotency: whatever the second request says."""
    anna, bert = await api.person("anna"), await api.person("bert")
    key = {"Idempotency-Key": "one"}
    made = await scheduled(api, anna, "once", ahead(api, minutes=10), headers=key)
    for text, at in (("once", made["scheduled_at"]), ("other", ahead(api, days=9)), ("", "2001")):
        reply = await put_off(api, anna, text, at, headers=key)
        if at == "2001":
            # What cannot be read at all is said before anything is looked up.
            assert reply.status == 422
            continue
        assert (reply.status, reply.json) == (200, made)
    assert await waiting(api, anna) == ["once"]
    theirs = await scheduled(api, bert, "bert's", ahead(api, hours=1), headers=key)
    assert theirs["id"] != made["id"]
    # By now the time is too near for a new one, but this is none.
    api.clock.move(minutes=6)
    reply = await put_off(api, anna, "once", made["scheduled_at"], headers=key)
    assert (reply.status, reply.json) == (200, made)


async def test_sch17_one_namespace_with_statuses(api: Api) -> None:
    anna = await api.person("anna")
    key = {"Idempotency-Key": "first a status"}
    said = await api.post(POSTS, anna, json={"status": "now"}, headers=key)
    reply = await put_off(api, anna, "later", ahead(api, hours=1), headers=key)
    assert (reply.status, reply.json["id"], "content" in reply.json) == (200, said.json["id"], True)
    assert await waiting(api, anna) == []
    key = {"Idempotency-Key": "first a schedule"}
    made = await scheduled(api, anna, "later", ahead(api, hours=1), headers=key)
    reply = await api.post(POSTS, anna, json={"status": "now"}, headers=key)
    assert (reply.status, reply.json) == (200, made)


async def test_sch17_a_key_of_one_that_was_called_off(api: Api) -> None:
    anna = await api.person("anna")
    key = {"Idempotency-Key": "one"}
    made = await scheduled(api, anna, "never mind", ahead(api, hours=1), headers=key)
    await api.call("DELETE", f"{SCHEDULED}/{made['id']}", anna)
    reply = await put_off(api, anna, "never mind", ahead(api, hours=1), headers=key)
    assert (reply.status, reply.json) == (404, NOT_FOUND)
    assert await waiting(api, anna) == []


async def test_sch17_a_refused_request_leaves_its_key_free(api: Api) -> None:
    anna = await api.person("anna")
    key = {"Idempotency-Key": "one"}
    refused = await put_off(api, anna, "too soon", ahead(api, minutes=1), headers=key)
    assert refused.status == 422
    await scheduled(api, anna, "in time", ahead(api, hours=1), headers=key)


async def test_sch17_sixty_four_at_once_make_one(api: Api) -> None:
    """One key, 64 requests at the same time: one row, one id, only 200s. Full days included."""
    anna = await api.person("anna")
    day = tomorrow(api)
    await fill(api, anna, 49, day)
    key = {"Idempotency-Key": "at once"}
    replies = await asyncio.gather(
        *(put_off(api, anna, "once", day.isoformat(), headers=key) for _ in range(64))
    )
    assert {reply.status for reply in replies} == {200}
    assert len({reply.json["id"] for reply in replies}) == 1
    assert (await waiting(api, anna)).count("once") == 1


async def test_times_are_of_the_clock_and_not_of_the_machine(sqlite_api: Api) -> None:
    """29 February, and the hour that there is not when summer time begins: days are of UTC."""
    api = sqlite_api
    anna = await api.person("anna")
    api.clock.moment = datetime(2028, 2, 28, 23, 50, tzinfo=UTC)
    made = await scheduled(api, anna, "leap", "2028-02-29T00:00:00Z")
    assert made["scheduled_at"] == "2028-02-29T00:00:00.000Z"
    made = await scheduled(api, anna, "summer", "2028-03-26T02:30:00+01:00")
    assert made["scheduled_at"] == "2028-03-26T01:30:00.000Z"
