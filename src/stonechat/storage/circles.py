"""Circles in SQL: who follows a member and whom they follow, by offset, shared ones first.

Shared are those whom the viewer follows, too. They are few, so the two halves are asked for one
after the other, each along an index, and never sorted together.
"""

from typing import Final, LiteralString, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.members import Window
from stonechat.domain.profiles import Circle
from stonechat.storage.database import Database, Reader
from stonechat.storage.visibility import HIDING_STATES, hidden_accounts


class Threshold(NamedTuple):
    """What decides whether a visitor may see the circles of a member."""

    state: str
    hides_collections: bool
    is_blocked_by: bool


_FIND_THRESHOLD: Final = (
    "SELECT a.state, a.hides_collections, EXISTS (SELECT 1 FROM blocks b"
    " WHERE b.account_id = a.id AND b.target_id = $2) FROM accounts a WHERE a.id = $1"
)


async def find_threshold(tx: Reader, host_id: AccountId, viewer_id: AccountId) -> Threshold | None:
    """What a visitor stands before; None where there is no such account."""
    row = await tx.one(_FIND_THRESHOLD, host_id, viewer_id)
    return None if row is None else Threshold(row[0], bool(row[1]), bool(row[2]))


# $1 host, $2 viewer, $3 now, $4 whose blocks and mutes count (nobody's on one's own page).
_SHOWN: Final[LiteralString] = (
    " AND a.state NOT IN " + HIDING_STATES + " AND a.id NOT IN ("
    "" + hidden_accounts("$4", "$3") + ")"
)
_SHARED: Final[dict[Circle, LiteralString]] = {
    Circle.FOLLOWERS: "SELECT a.id FROM followings v JOIN followers f ON f.target_id = $1"
    " AND f.account_id = v.target_id JOIN accounts a ON a.id = f.account_id"
    " WHERE v.account_id = $2" + _SHOWN,
    Circle.FOLLOWINGS: "SELECT a.id FROM followings v JOIN followings f ON f.account_id = $1"
    " AND f.target_id = v.target_id JOIN accounts a ON a.id = f.target_id"
    " WHERE v.account_id = $2" + _SHOWN,
}
_NOT_SHARED: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM followings v WHERE v.account_id = $2 AND v.target_id = a.id)"
)
_OTHERS: Final[dict[Circle, LiteralString]] = {
    Circle.FOLLOWERS: "SELECT a.id FROM followers f JOIN accounts a ON a.id = f.account_id"
    " WHERE f.target_id = $1" + _SHOWN + _NOT_SHARED,
    Circle.FOLLOWINGS: "SELECT a.id FROM followings f JOIN accounts a ON a.id = f.target_id"
    " WHERE f.account_id = $1" + _SHOWN + _NOT_SHARED,
}
_PAGE: Final[LiteralString] = " ORDER BY f.id DESC LIMIT $5 OFFSET $6"


async def list_half(
    db: Database,
    circle: Circle,
    *,
    host_id: AccountId,
    viewer_id: AccountId,
    hider_id: AccountId,
    now_ms: int,
    shared: bool,
    window: Window,
) -> tuple[list[AccountId], int]:
    """A part of the shared half of a circle, or of the other; and how many that half has."""
    half = (_SHARED if shared else _OTHERS)[circle]
    facts = (host_id, viewer_id, now_ms, hider_id)
    counting = "SELECT COUNT(*) FROM (" + half + " LIMIT $5) counted"
    counted = await db.all_slow(counting, *facts, limits.MEMBERS_COUNTED_MAX)
    if window.limit <= 0:
        return [], int(counted[0][0])
    rows = await db.all_slow(half + _PAGE, *facts, window.limit, window.offset)
    return [row[0] for row in rows], int(counted[0][0])
