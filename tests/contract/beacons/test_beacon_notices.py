"""Notices of beacons: who is told what, what they still see of it, and very many at once."""

from dataclasses import replace
from typing import Any, LiteralString

import pytest

from stonechat.domain import limits
from stonechat.domain.beacon_notices import VALUE, InboxVersion, news_of
from stonechat.domain.beacons import Address, BeaconEvent, BeaconForm, BeaconView
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.paging import Cursor
from stonechat.services import beacon_notices, beacon_roles, beacons, webhooks
from stonechat.services.beacons import Name
from stonechat.services.cleaning import clean_up
from stonechat.services.env import Env
from stonechat.storage.idioms import IN_MAX
from tests.contract.api import Api
from tests.contract.operate.towns import count
from tests.contract.receivers import HOST, URL, Receiver, beacon, run, set_value, viewer

ROLES: LiteralString = "SELECT COUNT(*) FROM beacon_roles WHERE beacon_id = $1"
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
    assert ("inbox", str(ben.account_id)) in woken
    page = await beacon_notices.list_notices(env, ben, Cursor(2))
    assert [each.value for each in page.items] == ["C", "B"]
    assert (page.is_full, page.last_id) == (True, page.items[-1].id)
    assert [each.is_unread for each in page.items] == [True, True]
    assert await told(env, ben, below=page.items[-1].id) == [("value", "NEW", "A")]
    assert await beacon_notices.count_unread(env, ben) == 3
    assert await beacon_notices.count_unread(env, ben, 2) == 2
    woken.clear()
    await beacon_notices.mark_seen(env, ben, page.items[-1].id)
    assert woken == [("inbox", str(ben.account_id))]
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
        # A job may be run twice.
        after = (await beacons.see_own(api.env, ada, Name(view.beacon.id))).beacon
        event = BeaconEvent(VALUE, after, after.changed_ms, "NEW", "api")
        first = await beacon_notices.list_notices(api.env, crowd[0], Cursor(1))
        news = news_of(event, first.items[0].id)
        await beacon_notices.tell_many(api.env, news.payload())
        await run(api.env)
        assert await told(api.env, crowd[0]) == [("value", "NEW", "OPEN")]
        assert receiver.values == ["OPEN"]
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
