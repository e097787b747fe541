"""Boards: pages of several beacons, put together by somebody who may see them.

A board's id is long, and whoever has it may look: the board itself hides nothing. What stands on
it is another matter. Every viewer finds those beacons on it that they may see by themselves, so
putting a private beacon on a board gives nobody anything.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.beacons import BOARD_ID_CHARACTERS, SHARE_ALPHABET, BeaconView
from stonechat.domain.ids import AccountId, BeaconId, BoardId
from stonechat.kernel.errors import InvalidInput, NotFound

_is_id: Final = re.compile(f"[{SHARE_ALPHABET}]{{{BOARD_ID_CHARACTERS}}}").fullmatch


@dataclass(frozen=True, slots=True)
class Board:
    """A board as it is kept."""

    id: BoardId
    owner_id: AccountId
    name: str
    created_ms: int
    version: int


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board as a viewer meets it, with those of its beacons that they may see, in its order."""

    board: Board
    owner_name: str
    beacons: tuple[BeaconView, ...] = ()
    is_own: bool = False


class BoardState(NamedTuple):
    """What a page of a board depends on: another one is another page."""

    version: int
    beacons: tuple[tuple[BeaconId, int], ...]
    """The beacons in its order, each with its own version."""


def read_board_id(text: str) -> BoardId:
    """An id as an address spells it; NotFound for what cannot be one."""
    if not _is_id(text):
        raise NotFound
    return BoardId(text)


def ensure_room_for_board(count: int) -> None:
    """InvalidInput where somebody has as many boards as there may be."""
    if count >= limits.BOARDS_MAX:
        raise InvalidInput(f"There may be {limits.BOARDS_MAX} boards at most", rule="size")


def ensure_room_on_board(count: int) -> None:
    """InvalidInput where a board is full."""
    if count >= limits.BOARD_BEACONS_MAX:
        most = limits.BOARD_BEACONS_MAX
        raise InvalidInput(f"A board has {most} beacons at most", field="beacon", rule="size")


def moved(order: tuple[BeaconId, ...], beacon_id: BeaconId, *, up: bool) -> tuple[BeaconId, ...]:
    """The order with one beacon a place higher or lower; at the end of the way it stays."""
    if beacon_id not in order:
        raise NotFound
    place = order.index(beacon_id)
    target = max(0, place - 1) if up else min(len(order) - 1, place + 1)
    rest = [each for each in order if each != beacon_id]
    return (*rest[:target], beacon_id, *rest[target:])
