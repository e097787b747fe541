"""Boards by their services: order under many hands, bounds, and what live pages go by."""

import asyncio

import pytest

from stonechat.domain import limits
from stonechat.domain.boards import moved
from stonechat.domain.ids import NOBODY, BeaconId, BoardId
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.services import beacons, boards
from stonechat.services.beacons import Name
from stonechat.storage import boards as rows
from tests.contract.api import Api
from tests.contract.web.beacons import change, light, viewer_of


def test_moving_stops_at_the_ends() -> None:
    order = (BeaconId("a"), BeaconId("b"), BeaconId("c"))
    assert moved(order, order[1], up=True) == ("b", "a", "c")
    assert moved(order, order[1], up=False) == ("a", "c", "b")
    assert moved(order, order[0], up=True) == order
    assert moved(order, order[2], up=False) == order
    with pytest.raises(NotFound):
        moved(order, BeaconId("d"), up=True)


async def test_bounds(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more boards than BOARDS_MAX, and no more beacons on one than BOARD_BEACONS_MAX."""
    monkeypatch.setattr(limits, "BOARDS_MAX", 2)
    monkeypatch.setattr(limits, "BOARD_BEACONS_MAX", 2)
    anna = await api.person("anna")
    viewer = viewer_of(anna)
    made = [await boards.create_board(api.env, viewer, "One") for _ in range(2)]
    with pytest.raises(InvalidInput, match="2 boards at most"):
        await boards.create_board(api.env, viewer, "Three")
    lit = [await light(api, anna) for _ in range(3)]
    for each in lit[:2]:
        await boards.add_beacon(api.env, viewer, made[0].id, each.id)
    with pytest.raises(InvalidInput, match="2 beacons at most"):
        await boards.add_beacon(api.env, viewer, made[0].id, lit[2].id)
    await boards.delete_board(api.env, viewer, made[1].id)
    await boards.create_board(api.env, viewer, "Two again")


async def test_what_was_deleted_while_it_was_put_on_a_board_takes_no_place(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BOARD_BEACONS_MAX", 2)
    anna = await api.person("anna")
    viewer = viewer_of(anna)
    board = await boards.create_board(api.env, viewer, "One")
    stays, comes = [await light(api, anna) for _ in range(2)]
    order = (BeaconId("gggggg"), stays.id)
    await api.env.db.write(lambda tx: rows.put_beacons(tx, board.id, order))
    await boards.add_beacon(api.env, viewer, board.id, comes.id)
    assert await rows.list_beacons(api.env.db, board.id) == (stays.id, comes.id)


async def test_many_hands_at_once_lose_nothing(api: Api) -> None:
    anna = await api.person("anna")
    viewer = viewer_of(anna)
    board = await boards.create_board(api.env, viewer, "Busy")
    lit = [await light(api, anna) for _ in range(8)]
    adding = (boards.add_beacon(api.env, viewer, board.id, each.id) for each in (*lit, *lit))
    await asyncio.gather(*adding)
    view = await boards.see_board(api.env, viewer.account_id, board.id)
    order = [each.beacon.id for each in view.beacons]
    assert sorted(order) == sorted(each.id for each in lit)
    await asyncio.gather(
        *(boards.move_beacon(api.env, viewer, board.id, each, up=True) for each in order[1:5]),
        *(boards.remove_beacon(api.env, viewer, board.id, each) for each in order[5:]),
    )
    view = await boards.see_board(api.env, viewer.account_id, board.id)
    assert sorted(each.beacon.id for each in view.beacons) == sorted(order[:5])


async def test_what_live_pages_go_by(api: Api) -> None:
    """Another state whenever the board, its order, or one of its beacons is another."""
    anna = await api.person("anna")
    viewer = viewer_of(anna)
    board = await boards.create_board(api.env, viewer, "Live")
    empty = await boards.create_board(api.env, viewer, "Empty")
    door, oven = await light(api, anna), await light(api, anna)
    ids = [board.id, empty.id, BoardId("222222222222")]
    seen = [await boards.find_board_versions(api.env, ids)]
    assert set(seen[0]) == {board.id, empty.id}

    async def look() -> None:
        api.recorder.forget()
        seen.append(await boards.find_board_versions(api.env, ids))
        assert api.recorder.count == 1
        assert seen[-1][board.id] not in [each.get(board.id) for each in seen[:-1]]
        assert seen[-1][empty.id] == seen[0][empty.id]

    for each in (door, oven):
        await boards.add_beacon(api.env, viewer, board.id, each.id)
        await look()
    await change(api, anna, door, value="shut")
    await look()
    await boards.move_beacon(api.env, viewer, board.id, oven.id, up=True)
    await look()
    await boards.rename_board(api.env, viewer, board.id, "Renamed")
    await look()
    await beacons.delete_beacon(api.env, viewer, Name(door.id))
    await look()
    await boards.delete_board(api.env, viewer, board.id)
    assert set(await boards.find_board_versions(api.env, ids)) == {empty.id}
    with pytest.raises(NotFound):
        await boards.see_board(api.env, NOBODY, board.id)
