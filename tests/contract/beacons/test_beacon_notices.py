"""Notices of beacons: who is told what, what they still see of it, and very many at once."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, LiteralString

import pytest

from stonechat.domain import limits
from stonechat.domain.beacon_notices import InboxVersion
from stonechat.domain.beacons import Address, BeaconForm, BeaconView
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.ids import ID_MAX
from stonechat.kernel.paging import Cursor
from stonechat.services import beacon_notices, beacon_roles, beacons, webhooks
from stonechat.services.beacons import Name
from stonechat.services.cleaning import clean_up
from stonechat.services.env import Env
from stonechat.storage import jobs
from stonechat.storage.idioms import IN_MAX
from tests.clocks import HeldClock
from tests.contract.api import Api
from tests.contract.operate.towns import count
from tests.contract.receivers import (
    HOST,
    URL,
    Receiver,
    another_process,
    beacon,
    run,
    set_value,
    viewer,
)

ROLES: LiteralString = "SELECT COUNT(*) FROM beacon_roles WHERE beacon_id = $1"
TELLINGS: LiteralString = (
    "SELECT payload FROM jobs WHERE failed_ms IS NULL AND kind = 'tell_beacon' ORDER BY id"
)
GIVE_UP: LiteralString = (
    "UPDATE jobs SET failed_ms = 1, lease = NULL, once_key = NULL"
    " WHERE failed_ms IS NULL AND kind = 'tell_beacon'"
)
FILTERS: LiteralString = "SELECT COUNT(*) FROM beacon_filters WHERE beacon_id = $1"


async def told(env: Env, who: Viewer, **cursor: Any) -> list[tuple[str, str | None, str]]:
    """What somebody finds in their list, newest first."""
    page = await beacon_notices.list_notices(env, who, Cursor(40, **cursor))
    return [(each.kind, each.old_value, each.value) for each in page.items]


async def follow(env: Env, who: Viewer, view: BeaconView, **settings: Any) -> None:
    await beacon_roles.follow(env, who, Address(view.beacon.id))
    if settings:
        await beacon_roles.set_settings(env, who, Name(view.beacon.id), **settings)


async def delete(env: Env, who: Viewer, view: BeaconView) -> None:
    await beacons.delete_beacon(env, who, Name(view.beacon.id))


async def test_each_filter_lets_through_what_it_names(api: Api) -> None:
    """Stativate 1.8: `to` fires on X to X as well, `from` only where the value leaves X."""
    ada, ben, cleo = [await viewer(api, name) for name in ("ada", "ben", "cleo")]
    view = await beacon(api, ada, access="public")
    await follow(api.env, ben, view, notifies=False, filters=[("to", "open")])
    await follow(api.env, cleo, view, notifies=False, filters=[("from", "open")])
    async with api.outside.site(HOST) as site:
        receiver = Receiver(site)
        made = await webhooks.create_webhook(api.env, ben, None, URL)
        receiver.secret = made.secret
        for value in ("open", "open", "closed", "closed", "open"):
            await set_value(api.env, ada, view, value)
        await run(api.env)
        # The webhook of an account hears what its notices say, and no more of a beacon than they.
        assert [(each["oldValue"], each["value"]) for each in receiver.taken] == [
            ("NEW", "OPEN"),
            ("OPEN", "OPEN"),
            ("CLOSED", "OPEN"),
        ]
        assert "id" not in receiver.taken[0]["beacon"]
        assert "statusKey" not in receiver.taken[0]["beacon"]
    assert [(old, new) for _, old, new in await told(api.env, ben)] == [
        ("CLOSED", "OPEN"),
        ("OPEN", "OPEN"),
        ("NEW", "OPEN"),
    ]
    assert await told(api.env, cleo) == [("value", "OPEN", "CLOSED")]
    assert len(await told(api.env, ada)) == 6


async def test_the_list_is_paged_counted_and_marked(api: Api) -> None:
    woken: list[tuple[str, str]] = []
    env = replace(api.env, wake_live=lambda kind, key: woken.append((kind, key)))
    ada, ben = await viewer(api, "ada"), await viewer(api, "ben")
    view = await beacon(api, ada, access="public")
    await follow(env, ben, view)
    for value in "ABC":
        await set_value(env, ada, view, value)
    assert ("desk", str(ben.account_id)) in woken
    page = await beacon_notices.list_notices(env, ben, Cursor(2))
    assert [each.value for each in page.items] == ["C", "B"]
    assert (page.is_full, page.last_id) == (True, page.items[-1].id)
    assert [each.is_unread for each in page.items] == [True, True]
    assert await told(env, ben, below=page.items[-1].id) == [("value", "NEW", "A")]
    assert await beacon_notices.count_unread(env, ben) == 3
    assert await beacon_notices.count_unread(env, ben, 2) == 2
    woken.clear()
    await beacon_notices.mark_seen(env, ben, page.items[-1].id)
    assert woken == [("desk", str(ben.account_id))]
    assert await beacon_notices.count_unread(env, ben) == 1
    # What was seen stays seen, and nobody sees what is still to come.
    await beacon_notices.mark_seen(env, ben, 1)
    await beacon_notices.mark_seen(env, ben, 2**70)
    assert await beacon_notices.count_unread(env, ben) == 0
    await set_value(env, ada, view, "D")
    assert await beacon_notices.count_unread(env, ben) == 1
    newest = await beacon_notices.list_notices(env, ben, Cursor(1))
    ids = [ben.account_id, ada.account_id, AccountId(3)]
    versions = await beacon_notices.find_inbox_versions(env, ids)
    assert versions[ben.account_id] == InboxVersion(newest.items[0].id, page.items[0].id)
    assert versions[ada.account_id].seen_id == 0
    assert set(versions) == {ada.account_id, ben.account_id}
    assert await beacon_notices.find_inbox_versions(env, ids * IN_MAX) == versions


async def test_s068_nothing_is_listed_of_what_one_may_not_see_any_more(api: Api) -> None:
    ada, ben, cleo = [await viewer(api, name) for name in ("ada", "ben", "cleo")]
    view = await beacon(api, ada, access="public")
    name = Name(view.beacon.id)
    await follow(api.env, ben, view)
    await follow(api.env, cleo, view)
    await set_value(api.env, ada, view, "OPEN")
    # The role is gone and the beacon is there for all: what was told may still be known.
    await beacon_roles.leave(api.env, cleo, view.beacon.id)
    await beacons.change_beacon(api.env, ada, name, BeaconForm(access="private"))
    await set_value(api.env, ada, view, "SECRET")
    assert await told(api.env, cleo) == []
    assert await beacon_notices.count_unread(api.env, cleo) == 0
    assert len(await told(api.env, ben)) == 2
    await beacon_roles.take_role(api.env, ada, name, "ben")
    await set_value(api.env, ada, view, "MORE")
    assert await told(api.env, ben) == []
    await delete(api.env, ada, view)
    assert (await told(api.env, ben), await told(api.env, cleo)) == ([], [])
    assert await told(api.env, ada) == [
        ("deleted", None, "MORE"),
        ("value", "SECRET", "MORE"),
        ("value", "OPEN", "SECRET"),
        ("value", "NEW", "OPEN"),
        ("value", None, "NEW"),
    ]


async def test_a_role_is_told_of_without_a_value_and_by_webhook(api: Api) -> None:
    ada, ben = await viewer(api, "ada"), await viewer(api, "ben")
    view = await beacon(api, ada)
    async with api.outside.site(HOST) as site:
        receiver = Receiver(site)
        receiver.secret = (await webhooks.create_webhook(api.env, ben, None, URL)).secret
        await beacon_roles.give_role(api.env, ada, Name(view.beacon.id), "ben", "updater")
        await run(api.env)
        assert receiver.types == ["role.given"]
    assert await told(api.env, ben) == [("role", None, "")]


@pytest.fixture
def crowds_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two subscribers are very many, and a portion is two of them."""
    monkeypatch.setattr(limits, "BEACON_NOTICES_IN_TRANSACTION_MAX", 2)
    monkeypatch.setattr(beacon_notices, "PORTION", 2)


@pytest.mark.usefixtures("crowds_of_three")
async def test_very_many_are_told_by_a_job_each_once(api: Api) -> None:
    ada = await viewer(api, "ada")
    crowd = [await viewer(api, f"reader{number}") for number in range(5)]
    view = await beacon(api, ada, access="public")
    for each in crowd[:-2]:
        await follow(api.env, each, view)
    await follow(api.env, crowd[3], view, notifies=False, filters=[("to", "closed")])
    async with api.outside.site(HOST) as site:
        receiver = Receiver(site)
        receiver.secret = (await webhooks.create_webhook(api.env, crowd[0], None, URL)).secret
        await set_value(api.env, ada, view, "OPEN")
        assert await told(api.env, crowd[0]) == []
        # Somebody who comes before the job does was not there when it happened.
        api.clock.move(milliseconds=1)
        await follow(api.env, crowd[4], view)
        await run(api.env)
        assert receiver.values == ["OPEN"]
        for each in crowd[:3]:
            assert await told(api.env, each) == [("value", "NEW", "OPEN")]
        assert [await told(api.env, each) for each in crowd[3:]] == [[], []]
        await delete(api.env, ada, view)
        assert await told(api.env, crowd[1]) == []
        await run(api.env)
        assert receiver.types == ["value.changed", "beacon.deleted"]
    for each in crowd[:3]:
        assert [kind for kind, _, _ in await told(api.env, each)] == ["deleted", "value"]
    assert [kind for kind, _, _ in await told(api.env, crowd[3])] == ["deleted"]
    assert [kind for kind, _, _ in await told(api.env, ada)] == ["deleted", "value", "value"]
    assert await count(api.env.db, ROLES, view.beacon.id) == 0
    assert await count(api.env.db, FILTERS, view.beacon.id) == 0


@pytest.mark.usefixtures("crowds_of_three")
async def test_very_many_hear_what_happened_first_before_what_happened_then(api: Api) -> None:
    """Whichever job is run first, in two processes, after one broke off; and late is unread."""
    ada = await viewer(api, "ada")
    crowd = [await viewer(api, f"reader{number}") for number in range(5)]
    view, other = await beacon(api, ada, access="public"), await beacon(api, ada, "Lab door")
    for each in crowd:
        await follow(api.env, each, view)
    for value in "ABC":
        await set_value(api.env, ada, view, value)
    # Told and seen between what happened and when they are told of it.
    await beacon_roles.give_role(api.env, ada, Name(other.beacon.id), "reader0", "updater")
    await beacon_notices.mark_seen(api.env, crowd[0], ID_MAX)
    payloads = [json.loads(row[0]) for row in await api.env.db.all(TELLINGS)]
    assert [each["news"]["value"] for each in payloads] == [*"ABC"]

    def break_off() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await beacon_notices.tell_many(replace(api.env, wake_jobs=break_off), payloads[2])
    slow = HeldClock(api.clock.now() - timedelta(seconds=5))
    late = another_process(api, clock=slow)
    await asyncio.gather(
        beacon_notices.tell_many(late, payloads[2]), beacon_notices.tell_many(api.env, payloads[1])
    )
    await run(api.env)
    history = [("value", "B", "C"), ("value", "A", "B"), ("value", "NEW", "A")]
    assert await told(api.env, crowd[0]) == [*history, ("role", None, "")]
    assert await beacon_notices.count_unread(api.env, crowd[0]) == 3
    for each in crowd[1:]:
        assert await told(api.env, each) == history
    # What was told to everybody is told no more, whoever still has a job of it.
    await beacon_notices.tell_many(api.env, payloads[0])
    assert await told(api.env, crowd[1]) == history


@pytest.mark.usefixtures("crowds_of_three")
async def test_what_was_given_up_is_told_when_it_is_tried_again(api: Api) -> None:
    ada, ben = await viewer(api, "ada"), await viewer(api, "ben")
    view = await beacon(api, ada, access="public")
    for each in [ben, await viewer(api, "cleo"), await viewer(api, "dora")]:
        await follow(api.env, each, view)
    await set_value(api.env, ada, view, "A")
    await api.env.db.write(lambda tx: tx.run(GIVE_UP))
    await set_value(api.env, ada, view, "B")
    await run(api.env)
    assert await told(api.env, ben) == [("value", "A", "B")]
    await api.env.db.write(lambda tx: jobs.retry_given_up(tx, api.clock.now_ms()))
    await run(api.env)
    assert await told(api.env, ben) == [("value", "NEW", "A"), ("value", "A", "B")]


async def test_a_value_that_gets_stale_is_told_to_who_wants_to_hear_of_changes(api: Api) -> None:
    """Who switched a beacon off hears when it is deleted, and nothing before that."""
    ada, ben, cleo = [await viewer(api, name) for name in ("ada", "ben", "cleo")]
    view = await beacon(api, ada, access="public", stale_after_s=60)
    await follow(api.env, ben, view, notifies=False)
    await follow(api.env, cleo, view, notifies=False, filters=[("to", "open")])
    async with api.outside.site(HOST) as site:
        receiver = Receiver(site)
        receiver.secret = (await webhooks.create_webhook(api.env, ben, None, URL)).secret
        api.clock.move(seconds=61)
        await run(api.env)
        assert [kind for kind, _, _ in await told(api.env, ada)] == ["stale", "value"]
        assert [kind for kind, _, _ in await told(api.env, cleo)] == ["stale"]
        assert await told(api.env, ben) == []
        await delete(api.env, ada, view)
        await run(api.env)
        assert receiver.types == ["beacon.deleted"]
    assert [kind for kind, _, _ in await told(api.env, ben)] == ["deleted"]


@pytest.mark.usefixtures("crowds_of_three")
async def test_what_is_left_of_a_beacon_is_not_inherited(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until everybody was told of its end, a short id is not given to another beacon."""
    ada = await viewer(api, "ada")
    view = await beacon(api, ada, access="public")
    for number in range(3):
        await follow(api.env, await viewer(api, f"reader{number}"), view)
    await delete(api.env, ada, view)
    words = iter([view.beacon.id, "tail", "abcdef", "tail"])
    monkeypatch.setattr(beacons, "new_word", lambda *_: next(words))
    assert (await beacon(api, ada)).beacon.id == "abcdef"


async def test_an_account_keeps_its_newest_notices(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BEACON_NOTICES_MAX", 3)
    ada, ben = await viewer(api, "ada"), await viewer(api, "ben")
    view, few = await beacon(api, ada), await beacon(api, ben)
    for value in "ABCDE":
        await set_value(api.env, ada, view, value)
    await set_value(api.env, ben, few, "A")
    await clean_up(api.env, {})
    assert [value for _, _, value in await told(api.env, ada)] == [*"EDC"]
    assert [value for _, _, value in await told(api.env, ben)] == ["A", "NEW"]
    api.clock.move(days=limits.BEACON_NOTICE_DAYS, milliseconds=1)
    await clean_up(api.env, {})
    assert (await told(api.env, ada), await told(api.env, ben)) == ([], [])
