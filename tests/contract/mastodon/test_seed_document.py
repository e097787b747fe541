"""The document that the dialect began with, row by row: statuses.md of Mastodon's REST API.

Each test cites the row: an endpoint with who may call it, a parameter, or what is said besides.
What has changed with Mastodon since is told by the other modules; here is what came first.
"""

from typing import Any

import pytest

from stonechat.dialects.mastodon.entities.times import instant
from tests.contract.api import Api, Person, Reply
from tests.contract.people import boost, names, page_link, run_jobs, verb
from tests.contract.uploads import picture

MINUTE_MS = 60_000


async def post(api: Api, who: Person | str | None, **fields: Any) -> Reply:
    api.clock.move(milliseconds=1)
    return await api.post("/api/v1/statuses", who, json=fields)


def later(api: Api, minutes: int) -> str:
    """A moment from now on, as ISO 8601."""
    return instant(api.clock.now_ms() + minutes * MINUTE_MS)


async def everyone(api: Api) -> tuple[Person, Person]:
    return await api.person("anna"), await api.person("bert")


READING = ("", "/context", "/card", "/reblogged_by", "/favourited_by")


@pytest.mark.parametrize("end", READING)
async def test_reading_takes_no_token(api: Api, end: str) -> None:
    """GET /api/v1/statuses/:id, …/context, …/card, …/reblogged_by, …/favourited_by: no auth."""
    anna = await api.person("anna")
    said = await api.say(anna, "hello")
    assert (await api.get(f"/api/v1/statuses/{said['id']}{end}")).status == 200


@pytest.mark.parametrize("end", READING)
async def test_reading_by_token_takes_the_scope(api: Api, end: str) -> None:
    """The same five: scope read or read:statuses."""
    anna = await api.person("anna")
    said = await api.say(anna, "hello")
    for scopes, status in (("read", 200), ("read:statuses", 200), ("write", 403)):
        token = await api.token("anna", scopes)
        found = await api.get(f"/api/v1/statuses/{said['id']}{end}", token)
        assert found.status == status, scopes


async def test_show_returns_status(api: Api) -> None:
    """GET /api/v1/statuses/:id: a Status."""
    anna = await api.person("anna")
    said = await api.say(anna, "hello", language="de", spoiler_text="careful")
    found = (await api.get(f"/api/v1/statuses/{said['id']}")).json
    for name in ("id", "uri", "url", "created_at", "content", "spoiler_text", "language"):
        assert found[name] == said[name]
    assert found["account"]["id"] == anna.id


async def test_context(api: Api) -> None:
    """GET /api/v1/statuses/:id/context: what it answers, and what answers it."""
    anna, bert = await everyone(api)
    root = await api.say(anna, "root")
    answer = await api.say(bert, "answer", in_reply_to_id=root["id"])
    more = await api.say(anna, "more", in_reply_to_id=answer["id"])
    found = (await api.get(f"/api/v1/statuses/{answer['id']}/context")).json
    assert [each["id"] for each in found["ancestors"]] == [root["id"]]
    assert [each["id"] for each in found["descendants"]] == [more["id"]]


async def test_card_if_available(api: Api) -> None:
    """GET /api/v1/statuses/:id/card: the preview of its link, if there is one."""
    anna = await api.person("anna")
    said = await api.say(anna, "no link")
    assert (await api.get(f"/api/v1/statuses/{said['id']}/card")).json == {}
    hidden = await api.say(anna, "no link", visibility="private")
    assert (await api.get(f"/api/v1/statuses/{hidden['id']}/card")).status == 404


@pytest.mark.parametrize(
    ("mark", "end"), [("reblog", "reblogged_by"), ("favourite", "favourited_by")]
)
async def test_who_marked_it(api: Api, mark: str, end: str) -> None:
    """GET …/reblogged_by, …/favourited_by: Accounts; `limit`, 40 by default; pages."""
    anna = await api.person("anna")
    said = await api.say(anna, "hello")
    path = f"/api/v1/statuses/{said['id']}"
    crowd = [await api.person(f"reader{number}") for number in range(42)]
    for each in crowd:
        api.clock.move(milliseconds=1)
        assert (await api.post(f"{path}/{mark}", each)).status == 200
    expected = [each.name for each in reversed(crowd)]
    assert await names(api, f"{path}/{end}", anna) == expected[:40]
    first = await api.get(f"{path}/{end}?limit=5", anna)
    assert [each["username"] for each in first.json] == expected[:5]
    assert await names(api, page_link(first.headers, "next"), anna) == expected[5:10]
    assert page_link(first.headers, "prev")


WRITING = (
    ("POST", "", "write:statuses"),
    ("DELETE", "/{id}", "write:statuses"),
    ("POST", "/{id}/reblog", "write:statuses"),
    ("POST", "/{id}/unreblog", "write:statuses"),
    ("POST", "/{id}/pin", "write:accounts"),
    ("POST", "/{id}/unpin", "write:accounts"),
)


@pytest.mark.parametrize(("method", "end", "scope"), WRITING)
async def test_writing_takes_a_user_with_the_scope(
    api: Api, method: str, end: str, scope: str
) -> None:
    """POST, DELETE, reblog, unreblog, pin, unpin: a user's token, and their scopes."""
    anna = await api.person("anna")
    said = await api.say(anna, "hello")
    path = "/api/v1/statuses" + end.format(id=said["id"])

    async def call(who: str | None) -> int:
        return (await api.call(method, path, who, json={"status": "x"})).status

    assert await call(None) == 401
    other = {"write:statuses": "write:accounts", "write:accounts": "write:statuses"}[scope]
    for scopes, status in (("read", 403), (other, 403), (scope, 200)):
        assert await call(await api.token("anna", scopes)) == status, scopes
    # What the narrow scope has deleted or pinned cannot be once more; but the wide one may try.
    assert await call(await api.token("anna", "write")) in (200, 404, 422)


async def test_status(api: Api) -> None:
    """`status`: the text."""
    anna = await api.person("anna")
    assert (await api.say(anna, "the text"))["content"] == "<p>the text</p>"


async def test_in_reply_to_id(api: Api) -> None:
    """`in_reply_to_id`: what is answered."""
    anna, bert = await everyone(api)
    root = await api.say(anna, "root")
    answer = await api.say(bert, "answer", in_reply_to_id=root["id"])
    assert (answer["in_reply_to_id"], answer["in_reply_to_account_id"]) == (root["id"], anna.id)


async def test_media_ids(api: Api) -> None:
    """`media_ids`: what is attached, in this order."""
    anna = await api.person("anna")
    ids = [await picture(api, anna), await picture(api, anna)]
    said = await api.say(anna, "look", media_ids=ids)
    assert [each["id"] for each in said["media_attachments"]] == ids


async def test_sensitive(api: Api) -> None:
    """`sensitive`: a mark on the media."""
    anna = await api.person("anna")
    media_id = await picture(api, anna)
    assert (await api.say(anna, "look", media_ids=[media_id], sensitive=True))["sensitive"] is True


async def test_spoiler_text(api: Api) -> None:
    """`spoiler_text`: the warning in front."""
    anna = await api.person("anna")
    assert (await api.say(anna, "behind", spoiler_text="careful"))["spoiler_text"] == "careful"


@pytest.mark.parametrize("visibility", ["direct", "private", "unlisted", "public"])
async def test_visibility(api: Api, visibility: str) -> None:
    """`visibility`: direct, private, unlisted or public."""
    anna, bert = await everyone(api)
    said = await api.say(anna, "x", visibility=visibility)
    assert said["visibility"] == visibility
    found = (await api.get(f"/api/v1/statuses/{said['id']}", bert)).status
    assert found == (200 if visibility in ("public", "unlisted") else 404)


@pytest.mark.parametrize(("given", "kept"), [("de", "de"), ("deu", "de"), ("ger", "de")])
async def test_language(api: Api, given: str, kept: str) -> None:
    """`language`: a code of ISO 639-2 (three letters), or a shorter one."""
    anna = await api.person("anna")
    assert (await api.say(anna, "Hallo", language=given))["language"] == kept


async def test_either_status_or_media_ids(api: Api) -> None:
    """Either `status` or `media_ids` must be there: nothing at all is refused."""
    anna = await api.person("anna")
    refused = await post(api, anna)
    assert (refused.status, refused.json) == (
        422,
        {"error": "Validation failed: Text can't be blank"},
    )
    alone = await post(api, anna, media_ids=[await picture(api, anna)])
    assert (alone.status, len(alone.json["media_attachments"])) == (200, 1)


ASKED = {"options": ["Soup", "Bread"], "expires_in": 3600}


async def test_polls_need_a_status_and_no_media(api: Api) -> None:
    """A poll needs `status`, and cannot go with `media_ids`."""
    anna = await api.person("anna")
    assert (await post(api, anna, poll=ASKED)).status == 422
    media_id = await picture(api, anna)
    assert (await post(api, anna, status="?", poll=ASKED, media_ids=[media_id])).status == 422
    assert (await api.get("/api/v1/timelines/home", anna)).json == []
    # What was refused holds nothing back.
    assert (await post(api, anna, status="!", media_ids=[media_id])).status == 200


async def test_poll_options(api: Api) -> None:
    """`poll[options]`: the answers, required."""
    anna = await api.person("anna")
    said = await api.say(anna, "?", poll=ASKED)
    assert [each["title"] for each in said["poll"]["options"]] == ["Soup", "Bread"]
    assert (await post(api, anna, status="?", poll={"expires_in": 3600})).status == 422


async def test_poll_expires_in(api: Api) -> None:
    """`poll[expires_in]`: how many seconds it is open, required."""
    anna = await api.person("anna")
    api.clock.move(milliseconds=1)
    ends = instant(api.clock.now_ms() + 1 + 3600 * 1000)
    said = await api.say(anna, "?", poll=ASKED)
    assert said["poll"]["expires_at"] == ends
    assert (await post(api, anna, status="?", poll={"options": ["a", "b"]})).status == 422


async def test_poll_multiple(api: Api) -> None:
    """`poll[multiple]`: whether one may choose several."""
    anna, bert = await everyone(api)
    one = await api.say(anna, "?", poll=ASKED)
    many = await api.say(anna, "?", poll={**ASKED, "multiple": True})
    assert (one["poll"]["multiple"], many["poll"]["multiple"]) == (False, True)
    for said, status in ((one, 422), (many, 200)):
        path = f"/api/v1/polls/{said['poll']['id']}/votes"
        assert (await api.post(path, bert, json={"choices": [0, 1]})).status == status


async def test_poll_hide_totals(api: Api) -> None:
    """`poll[hide_totals]`: counts are secret until the end."""
    anna, bert = await everyone(api)
    said = await api.say(anna, "?", poll={**ASKED, "hide_totals": True})
    path = f"/api/v1/polls/{said['poll']['id']}"
    voted = (await api.post(f"{path}/votes", bert, json={"choices": [0]})).json
    assert [each["votes_count"] for each in voted["options"]] == [None, None]
    api.clock.move(seconds=3601)
    await run_jobs(api)
    ended = (await api.get(path)).json
    assert [each["votes_count"] for each in ended["options"]] == [1, 0]


async def test_idempotency_key(api: Api) -> None:
    """Idempotency-Key: however many requests come with one, one status is made."""
    anna = await api.person("anna")
    made: set[str] = set()
    for _ in range(3):
        reply = await api.post(
            "/api/v1/statuses", anna, json={"status": "once"}, headers={"Idempotency-Key": "k"}
        )
        made.add(reply.json["id"])
    assert len(made) == 1
    assert len((await api.get("/api/v1/timelines/home", anna)).json) == 1


async def test_scheduled_at(api: Api) -> None:
    """`scheduled_at`: ISO 8601; the answer is a ScheduledStatus, which becomes a status."""
    anna = await api.person("anna")
    media_id = await picture(api, anna)
    due = later(api, 10)
    reply = await post(api, anna, status="later", scheduled_at=due, media_ids=[media_id])
    assert reply.status == 200
    assert (reply.json["scheduled_at"], reply.json["params"]["text"]) == (due, "later")
    assert [each["id"] for each in reply.json["media_attachments"]] == [media_id]
    assert (await api.get("/api/v1/timelines/home", anna)).json == []
    api.clock.move(minutes=10)
    await run_jobs(api)
    (said,) = (await api.get("/api/v1/timelines/home", anna)).json
    # Its media are the status's now.
    assert said["content"] == "<p>later</p>"
    assert [each["id"] for each in said["media_attachments"]] == [media_id]
    assert (await api.get("/api/v1/scheduled_statuses", anna)).json == []


async def test_scheduling_only_validates(api: Api) -> None:
    """With `scheduled_at` everything is validated, and nothing is posted."""
    anna = await api.person("anna")
    for fields in ({}, {"status": "a" * 501}, {"status": "?", "poll": {"options": ["one"]}}):
        assert (await post(api, anna, scheduled_at=later(api, 10), **fields)).status == 422
    assert (await api.get("/api/v1/scheduled_statuses", anna)).json == []


async def test_scheduled_at_least_five_minutes_ahead(api: Api) -> None:
    """`scheduled_at` is five minutes ahead or more."""
    anna = await api.person("anna")
    refused = await post(api, anna, status="x", scheduled_at=later(api, 4))
    assert refused.status == 422
    wording = "Validation failed: Scheduled at date must be in the future"
    assert refused.json == {"error": wording}
    assert (await post(api, anna, status="x", scheduled_at=later(api, 6))).status == 200


async def test_at_most_50_on_a_day_and_300_in_all(sqlite_api: Api) -> None:
    """300 may be pending, and 50 of them on one day."""
    api = sqlite_api
    anna = await api.person("anna")
    day = 24 * 60
    for days in range(1, 7):
        for _ in range(50):
            reply = await post(api, anna, status="x", scheduled_at=later(api, days * day))
            assert reply.status == 200, reply.body
        if days == 1:
            refused = await post(api, anna, status="x", scheduled_at=later(api, day))
            assert refused.status == 422
            wording = "You have exceeded the limit of 50 scheduled posts for today"
            assert refused.json == {"error": f"Validation failed: {wording}"}
    refused = await post(api, anna, status="x", scheduled_at=later(api, 9 * day))
    assert refused.status == 422
    wording = "You have exceeded the limit of 300 scheduled posts"
    assert refused.json == {"error": f"Validation failed: {wording}"}


async def test_delete(api: Api) -> None:
    """DELETE /api/v1/statuses/:id: it may linger there; here it is gone with the answer."""
    anna = await api.person("anna")
    said = await api.say(anna, "oops")
    assert (await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)).status == 200
    assert (await api.get(f"/api/v1/statuses/{said['id']}", anna)).status == 404


async def test_reblog_and_unreblog(api: Api) -> None:
    """POST …/reblog, …/unreblog: pass on, and take that back; both answer with a Status."""
    anna, bert = await everyone(api)
    await verb(api, anna, "follow", bert)
    said = await api.say(anna, "hello")
    wrapper = await boost(api, bert, said["id"])
    found = (await api.get(f"/api/v1/statuses/{wrapper}")).json
    assert (found["reblog"]["id"], found["account"]["id"]) == (said["id"], bert.id)
    undone = (await api.post(f"/api/v1/statuses/{said['id']}/unreblog", bert)).json
    assert (undone["id"], undone["reblogged"]) == (said["id"], False)
    assert (await api.get(f"/api/v1/statuses/{wrapper}")).status == 404


async def test_pin_and_unpin(api: Api) -> None:
    """POST …/pin, …/unpin: one's own status on one's profile, and off it."""
    anna = await api.person("anna")
    said = await api.say(anna, "hello")
    path = f"/api/v1/accounts/{anna.id}/statuses?pinned=true"
    assert (await api.post(f"/api/v1/statuses/{said['id']}/pin", anna)).json["pinned"] is True
    assert [each["id"] for each in (await api.get(path)).json] == [said["id"]]
    assert (await api.post(f"/api/v1/statuses/{said['id']}/unpin", anna)).json["pinned"] is False
    assert (await api.get(path)).json == []
