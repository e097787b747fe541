"""Feeds in SQL: what the viewer's home holds, and what one account said.

Homes are written when something is said (timelines.fanning_out); a community shows of them
contributions and what was passed on, and no answers. Blocks and mutes are asked for nevertheless:
a mute that has an end takes nothing out of a home. So is who may see what: labels are lost, and
what was said to all may be for few by now. The glances ask again, but too late for what counts.
"""

from typing import Final, LiteralString

from stonechat.domain import limits
from stonechat.domain.feeds import Span
from stonechat.domain.ids import AccountId, CategoryId
from stonechat.storage import documents
from stonechat.storage.database import Database
from stonechat.storage.visibility import HIDING_STATES
from stonechat.storage.walks import (
    FOR_VIEWER,
    HIDDEN,
    LIVELY_MS,
    SHUNNED,
    UNVEILED,
    WANTED,
    Walked,
    Walker,
    asking,
    bounded,
    literal,
    page_of,
    walk,
)

_BOOSTED: Final[LiteralString] = " LEFT JOIN statuses q ON q.id = p.boost_of_id"
# A comment that was passed on is nothing that this dialect could show. What was passed on must be
# for the viewer itself: it may have come to be for others since, and its author may be gone.
_IS_UNIT: Final = (
    " AND p.in_reply_to_id IS NULL AND (p.boost_of_id IS NULL OR (q.in_reply_to_id IS NULL"
    " AND q.deleted_ms IS NULL AND q.account_id NOT IN " + SHUNNED + ""
    " AND q.id NOT IN " + HIDDEN + ""
    " AND (SELECT b.state FROM accounts b WHERE b.id = q.account_id) NOT IN " + HIDING_STATES + ""
    "" + FOR_VIEWER.replace("p.", "q.") + "))" + FOR_VIEWER
)
_WINDOW: Final = (
    "(SELECT h.status_id FROM home_entries h WHERE h.account_id = $1"
    " ORDER BY h.status_id DESC LIMIT " + literal(limits.FEED_WINDOW) + ") n"
)
_ENTERED: Final = " JOIN statuses p ON p.id = h.status_id" + _BOOSTED
_LATELY: Final = " FROM " + _WINDOW + " JOIN statuses p ON p.id = n.status_id" + _BOOSTED
_HOME_RECENT: Final = page_of(
    "SELECT id, id AS place FROM (SELECT p.id AS id FROM home_entries h" + _ENTERED + ""
    " WHERE h.account_id = $1" + WANTED + _IS_UNIT + " ORDER BY h.status_id DESC LIMIT HORIZON) w"
)
_OF_WINDOW: Final = _LATELY + " WHERE p.id > 0" + WANTED + _IS_UNIT
_HOME_LIVELY: Final = page_of(
    bounded("SELECT p.id AS id, " + LIVELY_MS + " AS place" + _OF_WINDOW, "place DESC, id DESC"),
    counts="SELECT p.id AS id, p.id AS place" + _OF_WINDOW + " LIMIT HORIZON",
)
_UNSEEN: Final = asking(
    "SELECT p.categories" + _LATELY + " WHERE p.account_id <> $1"
    " AND NOT EXISTS (SELECT 1 FROM feed_reads r WHERE r.account_id = $1"
    " AND r.status_id = p.id)" + WANTED + _IS_UNIT
)


async def list_home(db: Database, walker: Walker, span: Span, *, by_activity: bool) -> Walked:
    """A page of the viewer's home: the newest first, or of the newest the liveliest."""
    return await walk(db, _HOME_LIVELY if by_activity else _HOME_RECENT, walker, span)


async def list_unseen(db: Database, walker: Walker) -> list[tuple[CategoryId, ...]]:
    """The categories of each of a home's newest that the viewer has not seen and did not say."""
    rows = await db.all_slow(_UNSEEN, *walker.whom)
    return [documents.categories_of(row[0]) for row in rows]


# Whoever looks for somebody sees what they said, muted or not; a block is another matter.
_NOT_BLOCKED: Final[LiteralString] = (
    " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = $7 AND b.target_id = $1)"
    " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = $1 AND b.target_id = $7)"
)


_SAID: Final = (
    "SELECT p.id AS id, p.id AS place FROM statuses p" + _BOOSTED + " WHERE p.account_id = $7"
    + UNVEILED + " AND p.id NOT IN " + HIDDEN + _IS_UNIT + _NOT_BLOCKED
)  # fmt: skip
_OF_ACCOUNT: Final = page_of(bounded(_SAID, "p.id DESC"))


async def list_of_account(db: Database, walker: Walker, host_id: AccountId, span: Span) -> Walked:
    """A page of what an account said and passed on, as far as the viewer may see it."""
    return await walk(db, _OF_ACCOUNT, walker, span, host_id)
