"""Boards: several beacons on one page at `/b/{board}`, and how bad it is at worst.

Two people may find different beacons on one board: each finds what they may see anyway.
"""

from typing import Final

from stonechat.domain.boards import read_board_id
from stonechat.http.operations import Answer
from stonechat.services import boards
from stonechat.web.calls import WebCall
from stonechat.web.entities.boards import present_board
from stonechat.web.visits import answer_visit, find_visit, looking


async def show(call: WebCall) -> Answer:
    """The page. Two statements, or three for somebody who is signed in."""
    board_id = read_board_id(call.path["board"])
    visit = await find_visit(call)
    view = await boards.see_board(call.env, visit.account_id, board_id)
    values = {
        "board": present_board(view, call.room.site, call.env.clock.now_ms()),
        # Somebody who is signed in may find more on it than its JSON says.
        "is_for_all": visit.secret is None,
    }
    return answer_visit(call, "board.html", values, is_secret=False, has_form=False)


OPERATIONS: Final = (looking("/b/{board}", show),)
