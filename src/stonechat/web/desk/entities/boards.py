"""Boards as their owner finds them again."""

from dataclasses import dataclass

from stonechat.domain.boards import Board
from stonechat.web.entities.times import Moment, present_moment


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One board."""

    id: str
    name: str
    made: Moment

    @property
    def path(self) -> str:
        """Where it is changed."""
        return f"/beacons/boards/{self.id}"

    @property
    def page(self) -> str:
        """Where everybody looks at it."""
        return f"/b/{self.id}"


def present_board(board: Board) -> BoardLine:
    """One line of the list."""
    return BoardLine(board.id, board.name, present_moment(board.created_ms))
