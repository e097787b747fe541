"""What lies between people and beacons when one of them blocks, leaves, or is suspended."""

import asyncio
from typing import LiteralString, cast

import pytest

from stonechat.domain.beacons import PUBLIC, Address, BeaconForm
from stonechat.domain.ids import NOBODY, BeaconId
from stonechat.kernel.errors import NotAllowed, NotFound
from stonechat.kernel.paging import Cursor
from stonechat.kernel.secrets import hash_secret
from stonechat.services import (
    administration,
    beacon_links,
    beacon_notices,
    beacon_roles,
    beacon_tokens,
    beacons,
    boards,
    departures,
    webhooks,
)
from stonechat.services.beacons import Name
from stonechat.services.viewers import admit_write_token
from stonechat.storage.database import WholeDatabase
from tests.contract.api import Api, Person
from tests.contract.operate.towns import Town, count, faults, viewer
from tests.contract.people import run_jobs, verb


def nothing(*_: object) -> None:
    """Progress that nobody looks at."""


async def watched(api: Api, who: Person) -> set[tuple[str, str | None]]:
    """The beacons on which somebody has a role, and which."""
    return {(v.beacon.name, v.role) for v in await beacons.list_watched(api.env, viewer(who))}


async def subscribers(api: Api, owner: Person, beacon: BeaconId) -> int:
    return (await beacons.see_own(api.env, viewer(owner), Name(beacon))).beacon.subscribers


@pytest.mark.parametrize("blocker", ["anna", "bert"])
async def test_a_block_ends_the_roles_of_both_on_each_others_beacons(
    api: Api, town: Town, whole: WholeDatabase, blocker: str
) -> None:
    """S068: nothing of a beacon reaches whoever lost their role on it."""
    pair = (town.anna, town.bert) if blocker == "anna" else (town.bert, town.anna)
    assert await watched(api, town.bert) == {("The door", "owner"), ("The oven", "subscriber")}
    for _ in range(2):
        await verb(api, pair[0], "block", pair[1])
        assert await watched(api, town.anna) == {("The oven", "owner")}
        assert await watched(api, town.bert) == {("The door", "owner")}
        assert await watched(api, town.cleo) == {("The oven", "subscriber")}
        assert await subscribers(api, town.anna, town.oven) == 1
        assert await subscribers(api, town.bert, town.door) == 0
    assert await faults(api, whole) == []
    of_others = "SELECT COUNT(*) FROM beacon_notices WHERE beacon_id = $1 AND account_id = $2"
    for beacon, who in ((town.oven, town.bert), (town.door, town.anna)):
        assert await count(whole, of_others, beacon, int(who.id)) == 0
    assert await count(whole, "SELECT COUNT(*) FROM beacon_filters") == 0
    with pytest.raises(NotFound):
        await beacons.see_own(api.env, viewer(town.anna), Name(town.door))
    # She may not come back to what is private, nor he to what is public, while it lasts.
    with pytest.raises(NotAllowed):
        await beacon_roles.follow(api.env, viewer(town.bert), Address(town.oven))
    await verb(api, pair[0], "unblock", pair[1])
    assert await watched(api, town.bert) == {("The door", "owner")}


async def test_a_block_in_the_midst_of_changes_leaves_every_count_exact(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    form = BeaconForm(value="warm")
    name = Name(town.oven)
    changes = (beacons.change_beacon(api.env, viewer(town.anna), name, form) for _ in range(12))
    leaving = (
        beacon_roles.leave(api.env, viewer(who), town.oven) for who in (town.cleo, town.bert)
    )
    await asyncio.gather(*changes, verb(api, town.anna, "block", town.bert), *leaving)
    assert await faults(api, whole) == []
    seen = await beacons.see_own(api.env, viewer(town.anna), Name(town.oven))
    assert (seen.beacon.subscribers, seen.beacon.changes) == (0, 14)
    notices = "SELECT COUNT(*) FROM beacon_notices WHERE account_id = $1 AND beacon_id = $2"
    assert await count(whole, notices, int(town.bert.id), town.oven) == 0


async def test_whose_account_is_deleted_takes_their_beacons_along(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    for name in (None, Name(town.oven)):
        await webhooks.create_webhook(api.env, viewer(town.anna), name, "https://receiver.example/")
    warm = BeaconForm(value="warm")
    await beacons.change_beacon(api.env, viewer(town.anna), Name(town.oven), warm)
    assert await count(whole, "SELECT COUNT(*) FROM webhook_deliveries") == 2
    await departures.delete_account(api.env, "anna", nothing)
    await run_jobs(api)
    assert await watched(api, town.bert) == {("The door", "owner")}
    assert await watched(api, town.cleo) == set()
    with pytest.raises(NotFound):
        await beacons.see_shared(api.env, viewer(town.bert).account_id, Address(town.oven))
    assert await subscribers(api, town.bert, town.door) == 0
    kept_of_hers = ("beacon_keys", "boards", "board_beacons", "beacon_filters", "webhooks")
    for table in (*kept_of_hers, "webhook_deliveries"):
        assert await count(whole, "SELECT COUNT(*) FROM " + table) == 0, table
    gone = "SELECT COUNT(*) FROM beacon_changes WHERE beacon_id = $1"
    assert await count(whole, gone, town.oven) == 0
    # The history of the door tells what was, and no more by whom.
    view = await beacons.see_own(api.env, viewer(town.bert), Name(town.door))
    (last, _) = await beacons.list_changes(api.env, view, limit=5)
    assert (last.value, last.changer) == ("OPEN", None)
    assert await faults(api, whole) == []


async def test_what_was_asked_for_before_an_account_was_closed_goes_with_it(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    """Also where it is committed only after what she had then was taken away."""
    late: list[asyncio.Task[object]] = []

    def ask(what: str, *_: object) -> None:
        if what == "statuses" and not late:
            form = BeaconForm(name="Late", value="here")
            made = beacons.create_beacon(api.env, viewer(town.anna), form)
            late.append(asyncio.create_task(made))

    await departures.delete_account(api.env, "anna", ask)
    await asyncio.gather(*late)
    await run_jobs(api)
    for table, column in (("beacons", "owner_id"), ("beacon_roles", "account_id")):
        sql = f"SELECT COUNT(*) FROM {table} WHERE {column} = $1"
        assert await count(whole, cast("LiteralString", sql), int(town.anna.id)) == 0, table
    assert len(late) == 1


async def test_who_is_back_is_told_what_went_stale_meanwhile(api: Api, town: Town) -> None:
    form = BeaconForm(name="Milk", value="fresh", access=PUBLIC, stale_after_s=60)
    milk = (await beacons.create_beacon(api.env, viewer(town.anna), form)).beacon.id
    form = BeaconForm(name="Cheese", value="fresh", access=PUBLIC, stale_after_s=86_400)
    await beacons.create_beacon(api.env, viewer(town.anna), form)
    await beacon_roles.follow(api.env, viewer(town.bert), Address(milk))
    await administration.change_state(api.env, "anna", "suspend")
    api.clock.move(minutes=5)
    await run_jobs(api)

    async def stale() -> list[str]:
        told = await beacon_notices.list_notices(api.env, viewer(town.bert), Cursor(9))
        return [each.name for each in told.items if each.kind == "stale"]

    for _ in range(2):
        await administration.change_state(api.env, "anna", "enable")
        await run_jobs(api)
        assert await stale() == ["Milk"]
    api.clock.move(days=1)
    await run_jobs(api)
    seen = await beacons.list_own(api.env, viewer(town.anna))
    assert {each.name for each in seen if each.is_stale(api.clock.now_ms())} == {"Milk", "Cheese"}


async def test_beacons_of_whom_is_suspended_are_absent_and_come_back(
    api: Api, town: Town, whole: WholeDatabase
) -> None:
    """In every way in which somebody may come to them."""
    path = Address(town.oven)
    board = (await boards.list_boards(api.env, viewer(town.anna)))[0]
    form = BeaconForm(name="Bert's oven", value="cold", access=PUBLIC)
    other = (await beacons.create_beacon(api.env, viewer(town.bert), form)).beacon.id
    bert_board = await boards.create_board(api.env, viewer(town.bert), "Ovens")
    for each in (other, town.oven):
        await boards.add_beacon(api.env, viewer(town.bert), bert_board.id, each)
    version = await count(whole, "SELECT version FROM beacons WHERE id = $1", town.oven)
    link = await beacon_links.create_link(api.env, viewer(town.anna), Name(town.oven))
    token = await beacon_tokens.create_token(api.env, viewer(town.anna), Name(town.oven))
    told = await beacon_notices.list_notices(api.env, viewer(town.cleo), Cursor(9))
    assert [each.value for each in told.items] == ["HOT"]
    await administration.change_state(api.env, "anna", "suspend")
    for who in (NOBODY, viewer(town.cleo).account_id):
        with pytest.raises(NotFound):
            await beacons.see_shared(api.env, who, path)
        with pytest.raises(NotFound):
            await boards.see_board(api.env, who, board.id)
        shown = await boards.see_board(api.env, who, bert_board.id)
        assert [each.beacon.name for each in shown.beacons] == ["Bert's oven"]
    assert await watched(api, town.cleo) == set()
    told = await beacon_notices.list_notices(api.env, viewer(town.cleo), Cursor(9))
    assert list(told.items) == []
    with pytest.raises(NotFound):
        await beacons.see_shared(api.env, NOBODY, Address(town.oven, link.secret))
    with pytest.raises(NotFound):
        await admit_write_token(api.env, hash_secret(token.secret), town.oven)
    with pytest.raises(NotFound):
        await beacon_roles.follow(api.env, viewer(town.cleo), path)
    with pytest.raises(NotFound):
        await beacons.set_by_token(api.env, viewer(town.anna), town.oven, "hot")
    # Open pages look again.
    states = await boards.find_board_versions(api.env, [board.id])
    assert states[board.id].version > board.version
    assert await count(whole, "SELECT version FROM beacons WHERE id = $1", town.oven) > version
    await administration.change_state(api.env, "anna", "enable")
    seen = await beacons.see_shared(api.env, NOBODY, path)
    assert (seen.beacon.value, seen.beacon.subscribers) == ("HOT", 2)
    assert await watched(api, town.cleo) == {("The oven", "subscriber")}
