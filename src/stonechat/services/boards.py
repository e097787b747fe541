"""Boards: putting beacons together on one page, and looking at it.

Whoever has a board's address may look at it, signed in or not, and finds on it what they may see
anyway. Only its owner changes it; to everybody else a change of it is a change of nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacons import BOARD_ID_CHARACTERS, SHARE_ALPHABET, read_address, read_name
from stonechat.domain.boards import (
    Board,
    BoardState,
    BoardView,
    ensure_room_for_board,
    ensure_room_on_board,
    moved,
)
from stonechat.domain.ids import AccountId, BeaconId, BoardId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.secrets import new_word
from stonechat.services.env import Env
from stonechat.storage import accounts, beacons, boards
from stonechat.storage.database import Transaction
from stonechat.storage.idioms import IN_MAX

LIVE: Final = "board"
"""The kind under which open pages watch boards."""
_ABSENT: Final = "There is no beacon with this address that you may see"

Order = tuple[BeaconId, ...]


# Seeing --------------------------------------------------------------------------------------


async def see_board(env: Env, account_id: AccountId, board_id: BoardId) -> BoardView:
    """A board with those of its beacons that somebody may see, or NotFound. Two statements.

    `account_id` is NOBODY for whoever is not signed in.
    """
    found = await boards.find(env.db, board_id)
    if found is None:
        raise NotFound
    board, owner_name, ids = found
    loaded = await beacons.load(env.db, account_id, ids) if ids else {}
    views = (loaded[each] for each in ids if each in loaded)
    visible = tuple(each for each in views if each.beacon.is_public or each.role is not None)
    return BoardView(board, owner_name, visible, is_own=board.owner_id == account_id)


async def list_boards(env: Env, viewer: Viewer) -> list[Board]:
    """What the viewer put together, the newest first."""
    return await boards.list_own(env.db, viewer.account_id, limits.BOARDS_MAX)


async def find_board_versions(env: Env, board_ids: Sequence[BoardId]) -> dict[BoardId, BoardState]:
    """What open pages of these boards depend on; a board that is gone is not in it.

    One statement for every IN_MAX boards.
    """
    found: dict[BoardId, BoardState] = {}
    for start in range(0, len(board_ids), IN_MAX):
        found |= await boards.load_states(env.db, board_ids[start : start + IN_MAX])
    return found


# Changing ------------------------------------------------------------------------------------


async def create_board(env: Env, viewer: Viewer, name: str) -> Board:
    """A new board on which nothing stands yet."""
    board = Board(
        id=BoardId(new_word(SHARE_ALPHABET, BOARD_ID_CHARACTERS)),
        owner_id=viewer.account_id,
        name=read_name(name),
        created_ms=env.clock.now_ms(),
        version=1,
    )

    async def work(tx: Transaction) -> None:
        await accounts.lock(tx, viewer.account_id)
        ensure_room_for_board(await boards.count_own(tx, viewer.account_id))
        await boards.insert(tx, board)

    await env.db.write(work)
    return board


async def rename_board(env: Env, viewer: Viewer, board_id: BoardId, name: str) -> None:
    """Call a board of the viewer's something else."""
    cleaned = read_name(name)
    if not await env.db.write(lambda tx: boards.rename(tx, board_id, viewer.account_id, cleaned)):
        raise NotFound
    env.wake_live(LIVE, board_id)


async def delete_board(env: Env, viewer: Viewer, board_id: BoardId) -> None:
    """Take a board of the viewer's away; its beacons stay."""
    if not await env.db.write(lambda tx: boards.delete(tx, board_id, viewer.account_id)):
        raise NotFound
    env.wake_live(LIVE, board_id)


async def add_beacon(env: Env, viewer: Viewer, board_id: BoardId, share_id: str) -> None:
    """Put a beacon that the viewer may see at the end of a board of theirs.

    One that stands there already stays where it is.
    """
    beacon_id = _read_share_id(share_id)

    async def change(tx: Transaction, order: Order) -> Order:
        if beacon_id in order:
            return order
        view = await beacons.find(tx, beacon_id, viewer.account_id)
        if view is None or not (view.beacon.is_public or view.role is not None):
            raise InvalidInput(_ABSENT, field="beacon")
        ensure_room_on_board(len(order))
        return (*order, beacon_id)

    await _change(env, viewer, board_id, change)


def _read_share_id(text: str) -> BeaconId:
    """The beacon of an address that somebody typed or copied, whole or only its end."""
    word = text.strip().partition("?")[0].rstrip("/").rpartition("/")[2]
    try:
        return read_address(word).id
    except NotFound:
        raise InvalidInput(_ABSENT, field="beacon") from None


async def remove_beacon(env: Env, viewer: Viewer, board_id: BoardId, beacon_id: BeaconId) -> None:
    """Take a beacon off a board of the viewer's; one that is not on it is passed over."""

    async def change(_: Transaction, order: Order) -> Order:
        return tuple(each for each in order if each != beacon_id)

    await _change(env, viewer, board_id, change)


async def move_beacon(
    env: Env, viewer: Viewer, board_id: BoardId, beacon_id: BeaconId, *, up: bool
) -> None:
    """Let a beacon stand one place higher or lower on a board of the viewer's."""

    async def change(_: Transaction, order: Order) -> Order:
        return moved(order, beacon_id, up=up)

    await _change(env, viewer, board_id, change)


async def _change(
    env: Env,
    viewer: Viewer,
    board_id: BoardId,
    change: Callable[[Transaction, Order], Awaitable[Order]],
) -> None:
    async def work(tx: Transaction) -> None:
        if not await boards.lock(tx, board_id, viewer.account_id):
            raise NotFound
        before = await boards.list_beacons(tx, board_id)
        # One that was deleted while it was put here is nobody's to take off again.
        there = await beacons.find_versions(tx, before) if before else {}
        after = await change(tx, tuple(each for each in before if each in there))
        if after != before:
            await boards.put_beacons(tx, board_id, after)

    await env.db.write(work)
    env.wake_live(LIVE, board_id)
