"""Boards: putting beacons together on one page. Everybody else looks at it under `/b/`."""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacons import Address, read_address
from stonechat.domain.boards import BoardView, read_board_id
from stonechat.domain.ids import BeaconId, BoardId
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import beacons, boards
from stonechat.web.desk.calls import (
    NOTHING_REFUSED,
    DeskCall,
    Person,
    Refused,
    act,
    desk,
    ensure_sure,
    is_first,
    read,
    see,
    show,
)
from stonechat.web.desk.entities.boards import present_board
from stonechat.web.desk.routes.beacons import present

LIST: Final = "/beacons/boards"
ONE: Final = "/beacons/boards/{board}"
_ADDRESS_CHARACTERS_MAX: Final = 500
_WORD_CHARACTERS_MAX: Final = 8


async def list_all(call: DeskCall, person: Person) -> Answer:
    """All boards of the person."""
    return await _list(call, person, NOTHING_REFUSED)


async def _list(call: DeskCall, person: Person, refused: Refused) -> Answer:
    found = await boards.list_boards(call.env, person.viewer)
    values = {"boards": [present_board(each) for each in found]}
    return show(call, person, "boards.html", values, refused)


async def create(call: DeskCall, person: Person) -> Answer:
    """Make a board, and go to it."""
    return await act(call, person, {"create": _create}, _list)


async def _create(call: DeskCall, person: Person) -> Answer:
    name = read(call, "name")
    if not await is_first(call, person):
        return see(LIST)
    made = await boards.create_board(call.env, person.viewer, name)
    return see(f"{LIST}/{made.id}")


# One board -----------------------------------------------------------------------------------


def _board_id(call: DeskCall) -> BoardId:
    return read_board_id(call.path["board"])


async def _find(call: DeskCall, person: Person) -> BoardView:
    view = await boards.see_board(call.env, person.visitor.account_id, _board_id(call))
    if not view.is_own:
        raise NotFound
    return view


async def show_one(call: DeskCall, person: Person) -> Answer:
    """A board to change."""
    return await _show_one(call, person, NOTHING_REFUSED)


async def _show_one(call: DeskCall, person: Person, refused: Refused) -> Answer:
    view = await _find(call, person)
    there = {each.beacon.id for each in view.beacons}
    watched = await beacons.list_watched(call.env, person.viewer)
    values = {
        "board": present_board(view.board),
        "cards": [present(call, each) for each in view.beacons],
        "others": [present(call, each) for each in watched if each.beacon.id not in there],
        "is_full": len(there) >= limits.BOARD_BEACONS_MAX,
    }
    return show(call, person, "board.html", values, refused)


async def change_one(call: DeskCall, person: Person) -> Answer:
    """Rename it, put beacons on it, move and remove them, take it away."""
    await _find(call, person)
    acts = {
        "rename": _rename,
        "add": _add,
        "move": _move,
        "remove": _remove,
        "delete": _delete,
    }
    return await act(call, person, acts, _show_one)


def _back(call: DeskCall) -> Answer:
    return see(f"{LIST}/{_board_id(call)}")


def _beacon_id(call: DeskCall) -> BeaconId:
    address: Address = read_address(read(call, "beacon", _ADDRESS_CHARACTERS_MAX))
    return address.id


async def _rename(call: DeskCall, person: Person) -> Answer:
    await boards.rename_board(call.env, person.viewer, _board_id(call), read(call, "name"))
    return _back(call)


async def _add(call: DeskCall, person: Person) -> Answer:
    share_id = read(call, "beacon", _ADDRESS_CHARACTERS_MAX)
    await boards.add_beacon(call.env, person.viewer, _board_id(call), share_id)
    return _back(call)


async def _move(call: DeskCall, person: Person) -> Answer:
    is_up = read(call, "way", _WORD_CHARACTERS_MAX) == "up"
    if await is_first(call, person):
        board_id, beacon_id = _board_id(call), _beacon_id(call)
        await boards.move_beacon(call.env, person.viewer, board_id, beacon_id, up=is_up)
    return _back(call)


async def _remove(call: DeskCall, person: Person) -> Answer:
    board_id, beacon_id = _board_id(call), _beacon_id(call)
    await boards.remove_beacon(call.env, person.viewer, board_id, beacon_id)
    return _back(call)


async def _delete(call: DeskCall, person: Person) -> Answer:
    ensure_sure(call)
    await boards.delete_board(call.env, person.viewer, _board_id(call))
    return see(LIST)


OPERATIONS: Final = (
    desk("GET", LIST, list_all),
    desk("POST", LIST, create),
    desk("GET", ONE, show_one),
    desk("POST", ONE, change_one),
)
