"""Beacons in every app of Mastodon: changes told of as statuses, and values set by answers."""

import asyncio
from typing import Any

import pytest

from stonechat.domain.announcements import HEAR_ANSWER_JOB
from stonechat.domain.beacons import SUBSCRIBER, UPDATER, BeaconForm
from stonechat.domain.ids import AccountId, BeaconId
from stonechat.domain.viewers import Viewer
from stonechat.services import administration, beacons
from stonechat.services.announcements import announce_change, hear_answer
from stonechat.services.beacons import Name
from stonechat.storage import announcements, beacon_roles, jobs
from stonechat.storage.database import Transaction
from tests.clocks import HeldClock
from tests.contract.api import Api, Person
from tests.contract.operate.towns import count
from tests.contract.people import notices, run_jobs, verb
from tests.contract.receivers import another_process, run

ALL = {"announces": "public", "hears_answers": True}


class Ticking:
    """A clock by which no two moments are one: ids of several processes sort as they were made."""

    def __init__(self, held: HeldClock) -> None:
        self._held = held

    def now_ms(self) -> int:
        self._held.move(milliseconds=1)
        return self._held.now_ms()


def viewer(who: Person) -> Viewer:
    return Viewer(AccountId(int(who.id)))


async def make(api: Api, owner: Person, **parts: Any) -> BeaconId:
    """A beacon that says CLOSED; whatever that leads to has happened."""
    form = BeaconForm(**{"name": "Bakery", "value": "closed", "access": "public", **parts})
    made = await beacons.create_beacon(api.env, viewer(owner), form)
    await run_jobs(api)
    return made.beacon.id


async def put(api: Api, who: Person, beacon: BeaconId, value: str) -> None:
    api.clock.move(milliseconds=1)
    await beacons.change_beacon(api.env, viewer(who), Name(beacon), BeaconForm(value=value))


async def give(api: Api, who: Person, beacon: BeaconId, role: str) -> None:
    statement = beacon_roles.inserting(
        beacon, AccountId(int(who.id)), role=role, via="invited", now_ms=api.clock.now_ms()
    )
    await api.env.db.write(lambda tx: tx.run_all(statement))


async def said(api: Api, who: Person, viewer: Person | None = None) -> list[dict[str, Any]]:
    """What somebody has said, newest first."""
    return (await api.get(f"/api/v1/accounts/{who.id}/statuses", viewer or who)).json


async def texts(api: Api, who: Person, viewer: Person | None = None) -> list[str]:
    return [each["content"] for each in await said(api, who, viewer)]


async def value_of(api: Api, owner: Person, beacon: BeaconId) -> tuple[str, int, str]:
    """The value, how many changes there were, and how the last one was made."""
    view = await beacons.see_own(api.env, viewer(owner), Name(beacon))
    (last, *_) = await beacons.list_changes(api.env, view, limit=1)
    return view.beacon.value, view.beacon.changes, last.source


async def answer(api: Api, who: Person, status: dict[str, Any], text: str) -> dict[str, Any]:
    made = await api.say(who, text, in_reply_to_id=status["id"])
    await run_jobs(api)
    return made


async def test_nothing_is_announced_unless_the_owner_says_so(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await make(api, anna)
    await put(api, anna, beacon, "open")
    await run_jobs(api)
    assert await texts(api, anna) == []


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
async def test_each_change_is_a_status_with_the_visibility_that_was_chosen(
    api: Api, visibility: str
) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    beacon = await make(api, anna, announces=visibility)
    await put(api, anna, beacon, "open")
    # The same value again is a change like any other.
    await put(api, anna, beacon, "open")
    await run_jobs(api)
    found = await said(api, anna)
    opened = "<p>Bakery: OPEN</p>"
    assert [each["content"] for each in found] == [opened, opened, "<p>Bakery: CLOSED</p>"]
    assert {each["visibility"] for each in found} == {visibility}
    seen = [] if visibility == "private" else [each["id"] for each in found]
    assert [each["id"] for each in await said(api, anna, bert)] == seen
    profile = (await api.get(f"/api/v1/accounts/{anna.id}", bert)).json
    assert profile["statuses_count"] == 3
    off = BeaconForm(value="closed", announces="off")
    await beacons.change_beacon(api.env, viewer(anna), Name(beacon), off)
    await run_jobs(api)
    assert len(await said(api, anna)) == 3


async def test_followers_meet_an_announcement_in_their_homes(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    await verb(api, bert, "follow", anna)
    await make(api, anna, announces="private")
    home = (await api.get("/api/v1/timelines/home", bert)).json
    assert [each["content"] for each in home] == ["<p>Bakery: CLOSED</p>"]


async def test_a_change_is_announced_once_however_often_its_job_runs(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await make(api, anna, announces="public")
    await put(api, anna, beacon, "open")
    job = {"beacon_id": beacon, "number": 2, "value": "OPEN"}
    await asyncio.gather(*(announce_change(api.env, job) for _ in range(4)))
    await run_jobs(api)
    assert await texts(api, anna) == ["<p>Bakery: OPEN</p>", "<p>Bakery: CLOSED</p>"]
    # Deleted is not said again.
    (newest, _) = await said(api, anna)
    assert (await api.call("DELETE", f"/api/v1/statuses/{newest['id']}", anna)).status == 200
    await announce_change(api.env, job)
    assert await texts(api, anna) == ["<p>Bakery: CLOSED</p>"]


async def test_each_of_many_quick_changes_is_announced_in_its_order(api: Api) -> None:
    """However many processes are at it, and whichever job comes first."""
    anna = await api.person("anna")
    beacon = await make(api, anna, announces="public")
    for number in range(1, 19):
        await put(api, anna, beacon, f"V{number}")
    await announce_change(api.env, {"beacon_id": beacon, "number": 4, "value": "V3"})
    values = [f"<p>Bakery: {value}</p>" for value in ("V3", "V2", "V1", "CLOSED")]
    assert await texts(api, anna) == values
    clock = Ticking(api.clock)
    processes = (another_process(api, each, clock=clock) for each in (1, 2, 3))
    await asyncio.gather(*(run(each) for each in processes))
    values = [f"<p>Bakery: V{number}</p>" for number in range(18, 3, -1)] + values
    shown = await api.get(f"/api/v1/accounts/{anna.id}/statuses?limit=40", anna)
    assert [each["content"] for each in shown.json] == values


async def test_a_name_or_a_value_notifies_tags_and_links_nobody(api: Api) -> None:
    """S089"""
    anna, bert = await api.person("anna"), await api.person("bert")
    name = "@bert #tag https://evil.example/"
    beacon = await make(api, anna, name=name, announces="public")
    await give(api, bert, beacon, UPDATER)
    await put(api, bert, beacon, "@bert #x")
    await put(api, bert, beacon, "http://a.b")
    await run_jobs(api)
    found = await said(api, anna)
    assert len(found) == 3
    for each in found:
        assert (each["mentions"], each["tags"], each["card"]) == ([], [], None)
        assert "<a" not in each["content"]
    assert await notices(api, bert) == []


async def test_whoever_may_say_nothing_announces_nothing(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    beacon = await make(api, anna, announces="public")
    await give(api, bert, beacon, UPDATER)
    await administration.change_state(api.env, "anna", "disable")
    await put(api, bert, beacon, "open")
    await run_jobs(api)
    await administration.change_state(api.env, "anna", "enable")
    assert await texts(api, anna) == ["<p>Bakery: CLOSED</p>"]


# Answers -------------------------------------------------------------------------------------


async def test_nothing_is_set_by_answers_unless_the_owner_says_so(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await make(api, anna, announces="public")
    (told,) = await said(api, anna)
    await answer(api, anna, told, "set open")
    assert await value_of(api, anna, beacon) == ("CLOSED", 1, "api")


async def test_owner_and_updater_set_a_value_by_an_answer(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    beacon = await make(api, anna, **ALL)
    await give(api, bert, beacon, UPDATER)
    (told,) = await said(api, anna)
    await answer(api, anna, told, "Set open")
    assert await value_of(api, anna, beacon) == ("OPEN", 2, "answer")
    await answer(api, bert, told, "@anna SET 12:30")
    assert await value_of(api, anna, beacon) == ("12:30", 3, "answer")
    # What was set so is told of, and its own answers are heard.
    (newest, *_) = [each for each in await said(api, anna) if not each["in_reply_to_id"]]
    assert newest["content"] == "<p>Bakery: 12:30</p>"
    await answer(api, bert, newest, "set 12:30")
    assert await value_of(api, anna, beacon) == ("12:30", 4, "answer")


async def test_others_set_nothing_and_are_told_nothing(api: Api) -> None:
    """S065: nor learn whether there is a beacon that hears them."""
    anna, bert, cleo = [await api.person(name) for name in ("anna", "bert", "cleo")]
    beacon = await make(api, anna, **ALL)
    private = await make(api, anna, name="Cellar", access="private", **ALL)
    await give(api, bert, beacon, SUBSCRIBER)
    for told in await said(api, anna):
        for who in (bert, cleo):
            reply = await answer(api, who, told, "@anna set open")
            assert reply["content"] != ""
    for each in (beacon, private):
        assert await value_of(api, anna, each) == ("CLOSED", 1, "api")


async def test_only_the_whole_text_of_an_answer_to_an_announcement_is_an_order(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await make(api, anna, **ALL)
    (told,) = await said(api, anna)
    other = await api.say(anna, "Bakery: CLOSED")
    below = await answer(api, anna, told, "it rains")
    for status, text in (
        (told, "please set open"),
        (told, "set open\nand more"),
        (told, "set"),
        (told, "set more than ten graphemes"),
        (told, "set " + "x" * 65),
        (other, "set open"),
        (below, "set open"),
    ):
        await answer(api, anna, status, text)
    await api.say(anna, "set open")
    await run_jobs(api)
    assert await value_of(api, anna, beacon) == ("CLOSED", 1, "api")


async def test_an_answer_is_heard_once_and_its_edits_are_not(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await make(api, anna, **ALL)
    (told,) = await said(api, anna)
    fields = {"status": "set open", "in_reply_to_id": told["id"]}
    key = {"Idempotency-Key": "k"}
    reply, again = [
        await api.post("/api/v1/statuses", anna, json=fields, headers=key) for _ in range(2)
    ]
    assert (reply.status, again.json["id"]) == (200, reply.json["id"])
    job = {"status_id": int(reply.json["id"]), "value": "open"}
    await asyncio.gather(*(hear_answer(api.env, job) for _ in range(4)))
    await run_jobs(api)
    assert await value_of(api, anna, beacon) == ("OPEN", 2, "answer")
    path = f"/api/v1/statuses/{reply.json['id']}"
    assert (await api.call("PUT", path, anna, json={"status": "set full"})).status == 200
    await run_jobs(api)
    assert await value_of(api, anna, beacon) == ("OPEN", 2, "answer")


async def test_answers_are_obeyed_in_the_order_in_which_they_were_given(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await make(api, anna, **ALL)
    (told,) = await said(api, anna)
    values = [f"V{number}" for number in range(8)]
    for value in values:
        await api.say(anna, f"set {value}", in_reply_to_id=told["id"])
    await run_jobs(api)
    view = await beacons.see_own(api.env, viewer(anna), Name(beacon))
    changes = await beacons.list_changes(api.env, view, limit=20)
    assert [each.value for each in reversed(changes)] == ["CLOSED", *values]


async def test_an_answer_never_overrides_a_later_one(api: Api) -> None:
    """Whichever of them comes first, and wherever it is worked at."""
    anna = await api.person("anna")
    beacon = await make(api, anna, **ALL)
    (told,) = await said(api, anna)
    first, second = [
        await api.say(anna, f"set {value}", in_reply_to_id=told["id"]) for value in ("one", "two")
    ]
    await hear_answer(api.env, {"status_id": int(second["id"]), "value": "two"})
    await hear_answer(api.env, {"status_id": int(first["id"]), "value": "one"})
    assert await value_of(api, anna, beacon) == ("TWO", 2, "answer")
    for value in ("a", "b", "c", "d", "e"):
        await api.say(anna, f"set {value}", in_reply_to_id=told["id"])
    await asyncio.gather(*(run(another_process(api, each)) for each in (1, 2, 3)))
    assert (await value_of(api, anna, beacon))[0] == "E"


async def test_an_answer_that_was_given_up_is_heard_when_it_is_tried_again(api: Api) -> None:
    anna = await api.person("anna")
    beacon = await make(api, anna, **ALL)
    (told,) = await said(api, anna)
    await api.say(anna, "set open", in_reply_to_id=told["id"])
    now_ms = api.clock.now_ms()

    async def work(tx: Transaction) -> None:
        hold = jobs.Hold("lease", now_ms, now_ms + 1)
        (job,) = await jobs.claim(tx, api.env.db.engine, hold, HEAR_ANSWER_JOB, 1)
        assert await jobs.give_up(tx, job.id, "lease", now_ms, "Fault")
        await jobs.retry_given_up(tx, now_ms)

    await api.env.db.write(work)
    await run_jobs(api)
    assert await value_of(api, anna, beacon) == ("OPEN", 2, "answer")


async def test_what_a_beacon_told_of_is_forgotten_with_it(api: Api) -> None:
    """In portions: there may be very many."""
    anna = await api.person("anna")
    beacon = await make(api, anna, **ALL)
    await put(api, anna, beacon, "open")
    await run_jobs(api)
    (told, _) = await said(api, anna)
    await answer(api, anna, told, "set full")
    kept = "SELECT COUNT(*) FROM beacon_announcements WHERE beacon_id = $1"
    assert await count(api.env.db, kept, beacon) == 4
    await beacons.delete_beacon(api.env, viewer(anna), Name(beacon))
    assert await api.env.db.write(lambda tx: announcements.delete_some(tx, beacon, 3))
    assert await count(api.env.db, kept, beacon) == 1
    await run_jobs(api)
    assert await count(api.env.db, kept, beacon) == 0


async def test_an_answer_that_is_taken_back_before_it_is_heard_sets_nothing(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    beacon = await make(api, anna, **ALL)
    await give(api, bert, beacon, UPDATER)
    (told,) = await said(api, anna)
    made = await api.say(bert, "set open", in_reply_to_id=told["id"])
    assert (await api.call("DELETE", f"/api/v1/statuses/{made['id']}", bert)).status == 200
    await run_jobs(api)
    assert await value_of(api, anna, beacon) == ("CLOSED", 1, "api")


async def test_an_answer_costs_no_statement_more(api: Api) -> None:
    anna = await api.person("anna")
    await make(api, anna, **ALL)
    (told,) = await said(api, anna)
    counted: list[int] = []
    for text in ("it rains", "set open"):
        api.recorder.forget()
        await api.say(anna, text, in_reply_to_id=told["id"])
        counted.append(api.recorder.count)
    assert counted[0] == counted[1]


async def test_whose_role_was_taken_sets_nothing(api: Api) -> None:
    anna, bert = await api.person("anna"), await api.person("bert")
    beacon = await make(api, anna, **ALL)
    await give(api, bert, beacon, UPDATER)
    (told,) = await said(api, anna)
    await verb(api, anna, "block", bert)
    await api.post(f"/api/v1/accounts/{bert.id}/unblock", anna)
    await answer(api, bert, told, "set open")
    assert await value_of(api, anna, beacon) == ("CLOSED", 1, "api")
