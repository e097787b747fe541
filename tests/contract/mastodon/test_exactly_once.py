"""[ST12] One Idempotency-Key, one thing: for every verb on a status, at once, late, and anew.

Statuses themselves stand in test_statuses.py. Several processes and a restart between two tries
are in tests/e2e/test_exactly_once.py.
"""

import asyncio
from typing import Any

import pytest

from stonechat.services import cleaning
from tests.contract.api import Api, Person, Reply
from tests.contract.people import notices, run_jobs

AT_ONCE = 64
KEY = "5f7f1b1e-retry me"


async def do(api: Api, verb: str, said: Any, who: Person, key: str | None = KEY) -> Reply:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await api.post(f"/api/v1/statuses/{said['id']}/{verb}", who, headers=headers)


async def see(api: Api, said: Any, who: Person) -> dict[str, Any]:
    return (await api.get(f"/api/v1/statuses/{said['id']}", who)).json


VERBS = [
    ("favourite", "unfavourite", "favourited"),
    ("bookmark", "unbookmark", "bookmarked"),
    ("reblog", "unreblog", "reblogged"),
    ("mute", "unmute", "muted"),
    ("pin", "unpin", "pinned"),
]


@pytest.mark.parametrize(("verb", "opposite", "mark"), VERBS)
async def test_st12_sixty_four_at_once_are_one(
    api: Api, verb: str, opposite: str, mark: str
) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "mark me")
    who = anna if verb == "pin" else bert
    for name, is_so in ((verb, True), (opposite, False)):
        replies = await asyncio.gather(*(do(api, name, said, who, name) for _ in range(AT_ONCE)))
        assert {reply.status for reply in replies} == {200}
        assert len({reply.json["id"] for reply in replies}) == 1
        assert {reply.json[mark] for reply in replies} == {is_so}
        assert (await see(api, said, who))[mark] is is_so
    seen = await see(api, said, anna)
    assert (seen["favourites_count"], seen["reblogs_count"]) == (0, 0)


async def test_st12_sixty_four_boosts_at_once_are_one_row(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "pass me on")
    replies = await asyncio.gather(*(do(api, "reblog", said, bert) for _ in range(AT_ONCE)))
    assert {reply.json["reblog"]["id"] for reply in replies} == {said["id"]}
    (boost_id,) = {reply.json["id"] for reply in replies}
    assert boost_id != said["id"]
    assert (await see(api, said, anna))["reblogs_count"] == 1
    assert (await api.get(f"/api/v1/accounts/{bert.id}")).json["statuses_count"] == 1
    assert await notices(api, anna) == [("reblog", "bert")]


@pytest.mark.parametrize(("verb", "opposite", "mark"), VERBS)
async def test_st12_a_late_retry_does_nothing_and_tells_what_is_so_now(
    api: Api, verb: str, opposite: str, mark: str
) -> None:
    """A retry that arrives after the mark was taken back does not mark again; nor the reverse."""
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "mark me")
    who = anna if verb == "pin" else bert
    assert (await do(api, verb, said, who, "first")).json[mark] is True
    assert (await do(api, opposite, said, who, "second")).json[mark] is False
    late = await do(api, verb, said, who, "first")
    assert (late.status, late.json["id"], late.json[mark]) == (200, said["id"], False)
    assert (await see(api, said, who))[mark] is False
    # Another key, and none, are other requests.
    assert (await do(api, verb, said, who, "third")).json[mark] is True
    late = await do(api, opposite, said, who, "second")
    assert (late.status, late.json[mark]) == (200, True)
    assert (await do(api, opposite, said, who, None)).json[mark] is False


async def test_st12_a_retry_of_what_was_refused_does_the_work(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "for followers", visibility="private")
    assert (await do(api, "favourite", said, bert)).status == 404
    await api.post(f"/api/v1/accounts/{anna.id}/follow", bert)
    assert (await do(api, "favourite", said, bert)).json["favourited"] is True
    assert (await see(api, said, anna))["favourites_count"] == 1


async def test_st12_a_retry_after_the_status_is_gone_or_lost(api: Api) -> None:
    """What was marked and is not for the viewer any more is absent, with a key as without one."""
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "mark me")
    for verb in ("favourite", "reblog"):
        await do(api, verb, said, bert, verb)
    await api.post(f"/api/v1/accounts/{bert.id}/block", anna)
    absent = await do(api, "favourite", {"id": "1"}, bert, None)
    for verb in ("favourite", "reblog"):
        lost = await do(api, verb, said, bert, verb)
        assert (lost.status, lost.body) == (404, absent.body)
    # Who takes a mark back hears that it is gone, however often they ask.
    for _ in range(2):
        undone = await do(api, "unfavourite", said, bert, "undo")
        assert (undone.status, undone.json["favourited"]) == (200, False)
    await api.call("DELETE", f"/api/v1/statuses/{said['id']}", anna)
    assert (await do(api, "unfavourite", said, bert, "undo")).status == 404


async def test_st12_keys_belong_to_one_account_and_one_kind_of_verb(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "mark me")
    for who in (anna, bert):
        for verb in ("favourite", "bookmark", "reblog"):
            assert (await do(api, verb, said, who)).status == 200
        posted = await api.post(
            "/api/v1/statuses", who, json={"status": "mine"}, headers={"Idempotency-Key": KEY}
        )
        assert (posted.status, posted.json["content"]) == (200, "<p>mine</p>")
    seen = await see(api, said, bert)
    assert (seen["favourites_count"], seen["reblogs_count"], seen["bookmarked"]) == (2, 2, True)


async def test_st12_one_key_for_two_statuses_is_the_first_one(api: Api) -> None:
    """As with statuses: what is retried has its key, whatever else the request says."""
    anna, bert = await api.person("anna"), await api.person("bert")
    one, other = await api.say(anna, "one"), await api.say(anna, "other")
    await do(api, "favourite", one, bert)
    retried = await do(api, "favourite", other, bert)
    assert (retried.status, retried.json["id"]) == (200, one["id"])
    assert (await see(api, other, anna))["favourites_count"] == 0


@pytest.mark.parametrize("is_swept", [True, False])
async def test_st12_a_key_holds_for_24_hours(api: Api, *, is_swept: bool) -> None:
    """Then it is free, whether or not somebody has swept it by then."""
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "mark me")
    await do(api, "favourite", said, bert)
    await do(api, "unfavourite", said, bert)
    api.clock.move(hours=23, minutes=59)
    assert (await do(api, "favourite", said, bert)).json["favourited"] is False
    api.clock.move(hours=1, minutes=1)
    if is_swept:
        await cleaning.schedule(api.env)
        assert await run_jobs(api) == 1
    replies = await asyncio.gather(*(do(api, "favourite", said, bert) for _ in range(8)))
    assert {(reply.status, reply.json["favourited"]) for reply in replies} == {(200, True)}
    assert (await see(api, said, anna))["favourites_count"] == 1
    # It holds again from now on.
    await do(api, "unfavourite", said, bert, None)
    assert (await do(api, "favourite", said, bert)).json["favourited"] is False


async def test_a_key_that_is_too_long_is_refused(api: Api) -> None:
    anna = await api.person("anna")
    said = await api.say(anna, "mark me")
    assert (await do(api, "favourite", said, anna, "k" * 256)).status == 422
    assert (await see(api, said, anna))["favourited"] is False
    assert (await do(api, "favourite", said, anna, "k" * 255)).status == 200


async def test_without_a_key_nothing_is_asked_about_keys(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    said = await api.say(anna, "mark me")
    api.recorder.forget()
    for verb, opposite, _ in VERBS[:4]:
        await do(api, verb, said, bert, None)
        await do(api, opposite, said, bert, None)
    assert [sql for sql, _ in api.recorder.statements if "idempotency_keys" in sql] == []
