"""Comments in SQL: the answers to a contribution, page by page.

Writing them is the statuses' own business. What is read here is visible to the viewer already, so
the glances need not ask again. Whoever the viewer blocks or mutes is left out of a thread, as in
every other dialect. A comment is nowhere shown to whom its contribution is not: it says what that
one is.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.comments import (
    CONNECTED_CONSIDERED_MAX,
    LATEST,
    LATEST_CONSIDERED_MAX,
    Authored,
    Branch,
    Sorting,
    Window,
)
from stonechat.domain.ids import AccountId, StatusId
from stonechat.storage.database import Reader, Row
from stonechat.storage.glances import GlanceRow
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.visibility import hidden_accounts, visible

_WIDTH: Final = 7
_NO_BOOST: Final = (None,) * 7
_COLUMNS: Final[LiteralString] = (
    "s.id, s.version, s.account_id, s.visibility, s.thread_id, s.pinned_ms, s.deleted_ms"
)
_FROM: Final[LiteralString] = " FROM statuses s JOIN accounts a ON a.id = s.account_id"
_SHOWN: Final[LiteralString] = (
    visible("$1") + " AND s.account_id NOT IN (" + hidden_accounts("$1", "$2") + ")"
)
_FIRST_LEVEL: Final[LiteralString] = "in_reply_to_id = $3"
_NESTED: Final[LiteralString] = "top_id = $3"


class CommentRow(NamedTuple):
    """A comment, and the current version of the contribution that it is on."""

    row: GlanceRow
    root_version: int


def _glance_row(row: Row) -> GlanceRow:
    return GlanceRow._make((*row[:_WIDTH], *_NO_BOOST))


# Inside of EXISTS, `s` is what the row outside of it names as `r`.
_ROOT_SHOWN: Final[LiteralString] = (
    "EXISTS (SELECT 1" + _FROM + " WHERE s.id = r.id AND " + visible("$1") + ")"
)
_FIND_ROOT: Final = (
    "SELECT COALESCE(r.id, s.id), COALESCE(r.version, s.version)" + _FROM + ""
    " LEFT JOIN statuses r ON r.id = s.boost_of_id"
    " WHERE s.id = $2 AND s.kind = $3 AND s.in_reply_to_id IS NULL AND " + visible("$1") + ""
    " AND (s.boost_of_id IS NULL OR (r.in_reply_to_id IS NULL AND " + _ROOT_SHOWN + "))"
)  # fmt: skip
_FIND_PARENT: Final = (
    "SELECT 1" + _FROM + " WHERE s.id = $2 AND s.in_reply_to_id = $3 AND " + visible("$1")
)


async def find_root(tx: Reader, viewer_id: AccountId, branch: Branch) -> tuple[Branch, int] | None:
    """A branch as it is kept, and the version of its contribution; None if the viewer sees none.

    What is passed on has the comments of what it passes on, as elsewhere.
    """
    row = await tx.one(_FIND_ROOT, viewer_id, branch.contribution_id, branch.kind)
    if row is None:
        return None
    root_id, version = row
    place = (branch.parent_id, root_id)
    if place[0] is not None and await tx.one(_FIND_PARENT, viewer_id, *place) is None:
        return None
    return branch._replace(contribution_id=root_id), version


@cache
def _list_sql(*, is_nested: bool, is_newest_first: bool) -> LiteralString:
    place = _NESTED if is_nested else _FIRST_LEVEL
    way: LiteralString = "DESC" if is_newest_first else "ASC"
    return (
        "SELECT " + _COLUMNS + _FROM + " WHERE s." + place + " AND " + _SHOWN + ""
        " ORDER BY s.id " + way + " LIMIT $4 OFFSET $5"
    )


# To order by connection is to look at every comment: at so many that every page can be made.
@cache
def _list_connected_sql(
    *, is_nested: bool, is_newest_first: bool, connected_last: bool
) -> LiteralString:
    place = _NESTED if is_nested else _FIRST_LEVEL
    way: LiteralString = "DESC" if is_newest_first else "ASC"
    rank: LiteralString = "THEN 1 ELSE 0 END" if connected_last else "THEN 0 ELSE 1 END"
    return (
        "SELECT " + _COLUMNS + " FROM (SELECT c.id, c.version, c.account_id, c.visibility,"
        " c.thread_id, c.pinned_ms, c.deleted_ms FROM statuses c WHERE c." + place + ""
        " AND c.deleted_ms IS NULL ORDER BY c.id " + way + " LIMIT $6) s"
        " JOIN accounts a ON a.id = s.account_id WHERE " + _SHOWN + ""
        " ORDER BY CASE WHEN EXISTS (SELECT 1 FROM followings w WHERE w.account_id = $1"
        " AND w.target_id = s.account_id) " + rank + ", s.id " + way + " LIMIT $4 OFFSET $5"
    )


async def list_comments(
    tx: Reader, viewer_id: AccountId, now_ms: int, branch: Branch, *, by: Sorting, window: Window
) -> list[GlanceRow]:
    """Comments on a branch that the viewer may see."""
    is_nested, is_newest_first = branch.parent_id is not None, by.is_newest_first
    values = (viewer_id, now_ms, branch.parent_id or branch.contribution_id, *window)
    if by.connection:
        sql = _list_connected_sql(
            is_nested=is_nested,
            is_newest_first=is_newest_first,
            connected_last=by.connection > 0,
        )
        return [_glance_row(row) for row in await tx.all(sql, *values, CONNECTED_CONSIDERED_MAX)]
    sql = _list_sql(is_nested=is_nested, is_newest_first=is_newest_first)
    return [_glance_row(row) for row in await tx.all(sql, *values)]


@cache
def _count_sql(*, is_nested: bool) -> LiteralString:
    place = _NESTED if is_nested else _FIRST_LEVEL
    return (
        "SELECT COUNT(*) FROM (SELECT s.id" + _FROM + " WHERE s." + place + " AND " + _SHOWN + ""
        " LIMIT $4) n"
    )


async def count_comments(
    tx: Reader, viewer_id: AccountId, now_ms: int, branch: Branch, counted_max: int
) -> int:
    """How many comments on a branch the viewer may see, `counted_max` at most."""
    key = branch.parent_id or branch.contribution_id
    sql = _count_sql(is_nested=branch.parent_id is not None)
    row = await tx.one(sql, viewer_id, now_ms, key, counted_max)
    assert row is not None
    return int(row[0])


_WITH_ROOT: Final[LiteralString] = (
    _FROM + " JOIN statuses r ON r.id = s.thread_id WHERE s.in_reply_to_id IS NOT NULL AND "
)
_FIND: Final = (
    "SELECT " + _COLUMNS + ", r.version" + _WITH_ROOT + "s.id = $2 AND " + visible("$1") + ""
    " AND " + _ROOT_SHOWN
)  # fmt: skip
_AUTHORED: Final[LiteralString] = "s.account_id = $2 AND " + visible("$1") + " AND " + _ROOT_SHOWN
_LIST_AUTHORED: Final[LiteralString] = (
    "SELECT " + _COLUMNS + ", r.version" + _WITH_ROOT + _AUTHORED + " ORDER BY s.id "
)
_OLDEST_FIRST: Final = _LIST_AUTHORED + "ASC LIMIT $3 OFFSET $4"
_NEWEST_FIRST: Final = _LIST_AUTHORED + "DESC LIMIT $3 OFFSET $4"
_COUNT_AUTHORED: Final = (
    "SELECT COUNT(*) FROM (SELECT s.id" + _WITH_ROOT + _AUTHORED + " LIMIT $3) n"
)


def _comment_row(row: Row) -> CommentRow:
    return CommentRow(_glance_row(row), row[_WIDTH])


async def find(tx: Reader, viewer_id: AccountId, comment_id: StatusId) -> CommentRow | None:
    """A comment on something that the viewer may see, if they may see it, too."""
    row = await tx.one(_FIND, viewer_id, comment_id)
    return None if row is None else _comment_row(row)


async def list_authored(
    tx: Reader, viewer_id: AccountId, wanted: Authored, window: Window
) -> list[CommentRow]:
    """The comments of one account, at any level, that the viewer may see."""
    sql = _NEWEST_FIRST if wanted.is_newest_first else _OLDEST_FIRST
    return [_comment_row(row) for row in await tx.all(sql, viewer_id, wanted.account_id, *window)]


async def count_authored(
    tx: Reader, viewer_id: AccountId, account_id: AccountId, counted_max: int
) -> int:
    """How many these are, `counted_max` at most."""
    row = await tx.one(_COUNT_AUTHORED, viewer_id, account_id, counted_max)
    assert row is not None
    return int(row[0])


# The bound is a key in both cases: how far back is looked, and where the latest begin. What lies
# between those and is not for the viewer is left out once more.
@cache
def _latest_sql(count: int) -> LiteralString:
    return (
        "SELECT " + _COLUMNS + ", s.top_id FROM statuses t JOIN statuses s ON s.top_id = t.id"
        " AND s.id >= (SELECT MIN(y.id) FROM (SELECT s.id" + _FROM + " WHERE s.top_id = t.id"
        " AND s.id > COALESCE((SELECT x.id FROM statuses x WHERE x.top_id = t.id"
        " ORDER BY x.id DESC LIMIT 1 OFFSET $3), 0) AND " + _SHOWN + ""
        " ORDER BY s.id DESC LIMIT $4) y) JOIN accounts a ON a.id = s.account_id"
        " WHERE t.id IN (" + parameters(5, count) + ") AND " + _SHOWN + " ORDER BY s.id"
    )


async def load_latest(
    tx: Reader, viewer_id: AccountId, now_ms: int, ids: Sequence[StatusId]
) -> dict[StatusId, list[GlanceRow]]:
    """The newest comments beneath first-level ones that the viewer may see, oldest first."""
    found: dict[StatusId, list[GlanceRow]] = {}
    if not ids:
        return found
    tops = padded(ids)
    sql = _latest_sql(len(tops))
    for row in await tx.all(sql, viewer_id, now_ms, LATEST_CONSIDERED_MAX, LATEST, *tops):
        found.setdefault(row[_WIDTH], []).append(_glance_row(row))
    return found
