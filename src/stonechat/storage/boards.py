"""Boards in SQL: their rows, and which beacons stand on them in which order.

A place is a number within its board; there may be gaps. Whoever changes what stands on a board
changes its row first (`locking`), so that of two who do at once one waits for the other.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.boards import Board, BoardState
from stonechat.domain.ids import AccountId, BeaconId, BoardId
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES

_COLUMNS: Final = "d.id, d.owner_id, d.name, d.created_ms, d.version"
_WIDTH: Final = 5


def _board(row: Row) -> Board:
    return Board(*row[:_WIDTH])


_FIND: Final[LiteralString] = (
    "SELECT " + _COLUMNS + ", p.username, p.display_name, m.beacon_id FROM boards d"
    " JOIN accounts p ON p.id = d.owner_id AND p.state NOT IN " + HIDING_STATES + ""
    " LEFT JOIN board_beacons m ON m.board_id = d.id WHERE d.id = $1 ORDER BY m.place"
)


async def find(tx: Reader, board_id: BoardId) -> tuple[Board, str, tuple[BeaconId, ...]] | None:
    """A board, what its owner is called, and the ids of all that stands on it, in its order."""
    rows = await tx.all(_FIND, board_id)
    if not rows:
        return None
    username, display_name = rows[0][_WIDTH : _WIDTH + 2]
    ids = tuple(BeaconId(row[_WIDTH + 2]) for row in rows if row[_WIDTH + 2] is not None)
    return _board(rows[0]), display_name or username, ids


_LIST_OWN: Final[LiteralString] = (
    "SELECT " + _COLUMNS + " FROM boards d WHERE d.owner_id = $1"
    " ORDER BY d.created_ms DESC, d.id LIMIT $2"
)
_COUNT_OWN: Final = "SELECT COUNT(*) FROM boards WHERE owner_id = $1"


async def list_own(tx: Reader, owner_id: AccountId, limit: int) -> list[Board]:
    """What somebody put together, the newest first."""
    return [_board(row) for row in await tx.all(_LIST_OWN, owner_id, limit)]


async def count_own(tx: Reader, owner_id: AccountId) -> int:
    """How many boards somebody has."""
    row = await tx.one(_COUNT_OWN, owner_id)
    assert row is not None
    return int(row[0])


@cache
def _load_states_sql(count: int) -> LiteralString:
    return (
        "SELECT d.id, d.version, b.id, b.version FROM boards d"
        " LEFT JOIN board_beacons m ON m.board_id = d.id LEFT JOIN beacons b ON b.id = m.beacon_id"
        " WHERE d.id IN (" + parameters(1, count) + ") ORDER BY d.id, m.place"
    )


async def load_states(tx: Reader, board_ids: Sequence[BoardId]) -> dict[BoardId, BoardState]:
    """What pages of at most IN_MAX boards depend on; those that are gone are not in it."""
    ids = padded(board_ids)
    found: dict[BoardId, BoardState] = {}
    for board_id, version, beacon_id, beacon_version in await tx.all(
        _load_states_sql(len(ids)), *ids
    ):
        before = found.get(board_id) or BoardState(version, ())
        if beacon_id is not None:
            before = BoardState(version, (*before.beacons, (beacon_id, beacon_version)))
        found[board_id] = before
    return found


_INSERT: Final = (
    "INSERT INTO boards (id, owner_id, name, created_ms, version) VALUES ($1, $2, $3, $4, $5)"
)
_RENAME: Final = (
    "UPDATE boards SET name = $3, version = version + 1 WHERE id = $1 AND owner_id = $2"
)
_LOCK: Final = "UPDATE boards SET version = version + 1 WHERE id = $1 AND owner_id = $2"
_DELETE: Final = "DELETE FROM boards WHERE id = $1 AND owner_id = $2"


async def insert(tx: Transaction, board: Board) -> None:
    """A new board on which nothing stands; Conflict where its id is taken."""
    values = (board.id, board.owner_id, board.name, board.created_ms, board.version)
    await tx.run(_INSERT, *values)


async def rename(tx: Transaction, board_id: BoardId, owner_id: AccountId, name: str) -> bool:
    """Call an own board something else; False where somebody has no such board."""
    return bool(await tx.run(_RENAME, board_id, owner_id, name))


async def lock(tx: Transaction, board_id: BoardId, owner_id: AccountId) -> bool:
    """Raise the version of an own board, and hold it until the commit; False where none is."""
    return bool(await tx.run(_LOCK, board_id, owner_id))


_CLEAR: Final = "DELETE FROM board_beacons WHERE board_id = $1"
_LIST: Final = "SELECT beacon_id FROM board_beacons WHERE board_id = $1 ORDER BY place"
_PUT: Final = "INSERT INTO board_beacons (board_id, place, beacon_id) VALUES ($1, $2, $3)"


async def delete(tx: Transaction, board_id: BoardId, owner_id: AccountId) -> bool:
    """Take an own board away; what stood on it stays where it is. False where none is."""
    if not await tx.run(_DELETE, board_id, owner_id):
        return False
    await tx.run(_CLEAR, board_id)
    return True


async def list_beacons(tx: Reader, board_id: BoardId) -> tuple[BeaconId, ...]:
    """What stands on a board, in its order."""
    return tuple(BeaconId(row[0]) for row in await tx.all(_LIST, board_id))


async def put_beacons(tx: Transaction, board_id: BoardId, order: Sequence[BeaconId]) -> None:
    """Let these beacons stand on a board, in this order, and no others."""
    await tx.run(_CLEAR, board_id)
    puts: list[Statement] = [(_PUT, (board_id, place, each)) for place, each in enumerate(order)]
    if puts:
        await tx.run_all(*puts)
