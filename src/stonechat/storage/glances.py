"""Glances: the versions of statuses, and one viewer's marks on them, without their contents.

A page costs two statements whatever its length: one for the rows (here `load_rows`, or the
timelines' own), one UNION ALL over the viewer's marks. Every branch of that union reads one
table by key, so it plans the same on every engine and on a distributed one.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain import views
from stonechat.domain.ids import NOBODY, AccountId, StatusId
from stonechat.domain.policies import Sight, Visibility, may_see
from stonechat.domain.threads import ThreadRow
from stonechat.domain.viewers import TokenFacts
from stonechat.domain.views import Glance, StatusView
from stonechat.storage.database import Reader, Row
from stonechat.storage.idioms import IN_MAX, padded, parameters
from stonechat.storage.viewers import (
    TOKEN_COLUMNS,
    TOKEN_TABLES,
    TOKEN_WIDTH,
    token_facts,
)
from stonechat.storage.visibility import HIDING_STATES, visible


class GlanceRow(NamedTuple):
    """What a page's first statement gives of one status, and of the one that it boosts."""

    id: StatusId
    version: int
    account_id: AccountId
    visibility: int
    thread_id: int
    pinned_ms: int | None
    deleted_ms: int | None
    boost_of_id: StatusId | None
    boost_version: int | None
    boost_account_id: AccountId | None
    boost_visibility: int | None
    boost_thread_id: int | None
    boost_pinned_ms: int | None
    boost_deleted_ms: int | None


ROW_COLUMNS: Final = (
    "s.id, s.version, s.account_id, s.visibility, s.thread_id, s.pinned_ms, s.deleted_ms,"
    " s.boost_of_id, o.version, o.account_id, o.visibility, o.thread_id, o.pinned_ms,"
    " o.deleted_ms"
)
BOOST_JOIN: Final = " LEFT JOIN statuses o ON o.id = s.boost_of_id"

_FIND_ONE: Final = (
    "SELECT "
    + TOKEN_COLUMNS
    + ", s.id, s.version, s.account_id, c.version, s.visibility, s.pinned_ms, s.boost_of_id,"
    " EXISTS (SELECT 1 FROM favourites x WHERE x.status_id = s.id AND x.account_id = t.account_id),"
    " EXISTS (SELECT 1 FROM boosts x WHERE x.of_id = s.id AND x.account_id = t.account_id),"
    " EXISTS (SELECT 1 FROM thread_mutes x WHERE x.account_id = t.account_id"
    " AND x.thread_id = s.thread_id),"
    " EXISTS (SELECT 1 FROM bookmarks x WHERE x.account_id = t.account_id AND x.status_id = s.id),"
    " " + visible("t.account_id") + " FROM " + TOKEN_TABLES + " LEFT JOIN statuses s ON s.id = $2"
    " LEFT JOIN accounts a ON a.id = s.account_id"
    " LEFT JOIN account_counters c ON c.account_id = s.account_id"
)


async def find_one(
    tx: Reader, token_hash: bytes, status_id: StatusId
) -> tuple[TokenFacts | None, Glance | None, StatusId | None]:
    """Token, glance and the id of the boosted status, in one statement.

    The glance is None when there is no such status or the token's owner may not see it.
    """
    row = await tx.one(_FIND_ONE, token_hash, status_id)
    assert row is not None
    facts = token_facts(row)
    (found, version, author, author_version, visibility, pinned_ms, boost_of_id, *marks) = row[
        TOKEN_WIDTH:
    ]
    if found is None or not marks[4]:
        return facts, None, None
    flags = (
        (views.FAVOURITED if marks[0] else 0)
        | (views.BOOSTED if marks[1] else 0)
        | (views.MUTED if marks[2] else 0)
        | (views.BOOKMARKED if marks[3] else 0)
    )
    if facts is not None and author == facts.account_id:
        flags |= _own_flags(visibility, pinned_ms, is_boost=boost_of_id is not None)
    return facts, Glance(found, version, author, author_version, flags), boost_of_id


def _own_flags(visibility: int, pinned_ms: int | None, *, is_boost: bool) -> int:
    if is_boost or visibility == Visibility.DIRECT:
        return 0
    return views.PINNABLE if pinned_ms is None else views.PINNABLE | views.PINNED


def row_of_new(view: StatusView) -> GlanceRow:
    """The row that a status has which was just written, and is no boost."""
    return GlanceRow(view.id, view.version, view.account_id, view.visibility, view.id, *(None,) * 9)


def row_in_thread(thread_id: int, row: ThreadRow) -> GlanceRow:
    """The row of a status that was found in a thread: no boost, and not deleted."""
    return GlanceRow(
        row.id,
        row.version,
        row.account_id,
        row.visibility,
        thread_id,
        row.pinned_ms,
        *_NO_BOOST,
    )


_NO_BOOST: Final = (None,) * 8
_FIND_ROW: Final = (
    "SELECT " + ROW_COLUMNS + " FROM statuses s JOIN accounts a ON a.id = s.account_id"
    "" + BOOST_JOIN + " WHERE s.id = $1 AND "
)
_FIND_VISIBLE: Final = _FIND_ROW + visible("$2")
_FIND_THROUGH_BLOCKS: Final = _FIND_ROW + "(s.visibility <= 1 OR " + visible("$2") + ")"


async def find_visible_row(
    tx: Reader, viewer_id: AccountId, status_id: StatusId, *, through_blocks: bool = False
) -> GlanceRow | None:
    """One status, if the viewer may see it, or might if its author did not block them.

    Asking for the row first and for the right to see it afterwards would take a second statement
    for what is there and hidden, and that can be measured from outside.
    """
    sql = _FIND_THROUGH_BLOCKS if through_blocks else _FIND_VISIBLE
    row = await tx.one(sql, status_id, viewer_id)
    return None if row is None else GlanceRow._make(row)


async def load_rows(tx: Reader, status_ids: Sequence[StatusId]) -> dict[StatusId, GlanceRow]:
    """The rows of the statuses that exist, by id, whoever may see them."""
    if not status_ids:
        return {}
    found: dict[StatusId, GlanceRow] = {}
    for start in range(0, len(status_ids), IN_MAX):
        ids = padded(status_ids[start : start + IN_MAX])
        rows = await tx.all(_load_rows_sql(len(ids)), *ids)
        found.update((row[0], GlanceRow._make(row)) for row in rows)
    return found


@cache
def _load_rows_sql(count: int) -> LiteralString:
    return (
        "SELECT " + ROW_COLUMNS + " FROM statuses s" + BOOST_JOIN + " WHERE s.id IN ("
        "" + parameters(1, count) + ")"
    )


# The kinds of rows in the union of marks. What is a mark on a status is its flag itself.
_VERSION: Final = 0
_THREAD_MUTED: Final = views.MUTED
_MENTIONED: Final = 64
_FOLLOWING: Final = 128
_BLOCKED: Final = 256
_ADDRESSED: Final = 512
_MARKS: Final = views.FAVOURITED | views.BOOSTED | views.BOOKMARKED


@cache
def _marks_sql(
    statuses: int, threads: int, authors: int, *, with_sight: bool, with_labels: bool
) -> LiteralString:
    ids = parameters(2, statuses)
    thread_ids = parameters(2 + statuses, threads)
    author_ids = parameters(2 + statuses + threads, authors)
    sql: LiteralString = (
        "SELECT 0, c.account_id, c.version, CASE WHEN a.state IN " + HIDING_STATES + " THEN 1"
        " ELSE 0 END FROM account_counters c JOIN accounts a ON a.id = c.account_id"
        " WHERE c.account_id IN (" + author_ids + ")"
        " UNION ALL SELECT 1, status_id, 0, 0 FROM favourites WHERE account_id = $1"
        " AND status_id IN (" + ids + ")"
        " UNION ALL SELECT 2, of_id, 0, 0 FROM boosts WHERE account_id = $1"
        " AND of_id IN (" + ids + ")"
        " UNION ALL SELECT 8, status_id, 0, 0 FROM bookmarks WHERE account_id = $1"
        " AND status_id IN (" + ids + ")"
        " UNION ALL SELECT 4, thread_id, 0, 0 FROM thread_mutes WHERE account_id = $1"
        " AND thread_id IN (" + thread_ids + ")"
    )
    if with_sight:
        sql = (
            sql + " UNION ALL SELECT 64, status_id, 0, 0 FROM status_mentions"
            " WHERE account_id = $1 AND status_id IN (" + ids + ")"
            " UNION ALL SELECT 128, target_id, 0, 0 FROM followings"
            " WHERE account_id = $1 AND target_id IN (" + author_ids + ")"
            " UNION ALL SELECT 256, account_id, 0, 0 FROM blocks"
            " WHERE target_id = $1 AND account_id IN (" + author_ids + ")"
        )
    if with_labels:
        sql = (
            sql + " UNION ALL SELECT 512, ad.thread_id, 0, 0 FROM label_holders ah"
            " JOIN labels al ON al.id = ah.label_id AND al.is_active = 1 AND al.deleted_ms IS NULL"
            " JOIN addressings ad ON ad.label_id = ah.label_id"
            " WHERE ah.account_id = $1 AND ad.thread_id IN (" + thread_ids + ")"
        )
    return sql


@cache
def _versions_sql(authors: int) -> LiteralString:
    return (
        "SELECT 0, c.account_id, c.version, CASE WHEN a.state IN " + HIDING_STATES + " THEN 1"
        " ELSE 0 END FROM account_counters c JOIN accounts a ON a.id = c.account_id"
        " WHERE c.account_id IN (" + parameters(1, authors) + ")"
    )


class _Marks:
    """The union's rows, sorted into what they mean."""

    __slots__ = ("accounts", "addressed", "decisions", "statuses", "threads", "versions")

    def __init__(self, rows: Iterable[Row]) -> None:
        self.decisions: dict[tuple[int, AccountId, bool, int, bool], bool] = {}
        self.addressed: set[int] = set()
        self.statuses: dict[int, int] = {}
        self.threads: set[int] = set()
        self.accounts: dict[int, int] = {}
        self.versions: dict[int, int] = {}
        for kind, key, version, is_hidden in rows:
            if kind == _VERSION:
                if not is_hidden:
                    self.versions[key] = version
            elif kind == _THREAD_MUTED:
                self.threads.add(key)
            elif kind == _ADDRESSED:
                self.addressed.add(key)
            elif kind in (_FOLLOWING, _BLOCKED):
                self.accounts[key] = self.accounts.get(key, 0) | kind
            else:
                self.statuses[key] = self.statuses.get(key, 0) | kind


async def load_glances(
    tx: Reader, viewer_id: AccountId, rows: Sequence[GlanceRow], *, is_visible: bool = False
) -> list[Glance]:
    """The rows that the viewer may see, as glances, in the order of `rows`.

    `is_visible` says that the page's own statement answered the question of visibility, as
    the home timeline's does; authors who were suspended are left out in any case, and so is what
    is addressed to labels that the viewer does not carry (any more).
    """
    if not rows:
        return []
    marks = await _load_marks(tx, viewer_id, rows, with_sight=not is_visible)
    glances: list[Glance] = []
    for row in rows:
        glance = _glance(marks, viewer_id, row, with_sight=not is_visible)
        if glance is not None:
            glances.append(glance)
    return glances


async def _load_marks(
    tx: Reader, viewer_id: AccountId, rows: Sequence[GlanceRow], *, with_sight: bool
) -> _Marks:
    authors: dict[int, None] = {}
    threads: dict[int, None] = {}
    statuses: list[int] = []
    # Only pages with something addressed on them pay for the question who carries which label.
    with_labels = False
    for row in rows:
        if Visibility.ADDRESSED in (row.visibility, row.boost_visibility):
            with_labels = True
        statuses.append(row.id)
        threads[row.thread_id] = None
        authors[row.account_id] = None
        if row.boost_of_id is not None and row.boost_account_id is not None:
            statuses.append(row.boost_of_id)
            threads[row.boost_thread_id or 0] = None
            authors[row.boost_account_id] = None
    author_ids, thread_ids = list(authors), list(threads)
    found: list[Row] = []
    for start in range(0, len(statuses), IN_MAX):
        # There are never more threads or authors than statuses: what is left of them fits along.
        at = slice(start, start + IN_MAX)
        some = padded(author_ids[at] or author_ids[:1])
        if viewer_id == NOBODY:
            found += await tx.all(_versions_sql(len(some)), *some)
            continue
        ids, in_threads = padded(statuses[at]), padded(thread_ids[at] or thread_ids[:1])
        sql = _marks_sql(
            len(ids),
            len(in_threads),
            len(some),
            with_sight=with_sight,
            with_labels=with_labels,
        )
        found += await tx.all(sql, viewer_id, *ids, *in_threads, *some)
    return _Marks(found)


def _glance(
    marks: _Marks, viewer_id: AccountId, row: GlanceRow, *, with_sight: bool
) -> Glance | None:
    inner: Glance | None = None
    if row.boost_of_id is not None:
        if row.boost_version is None or row.boost_account_id is None:
            return None
        original = GlanceRow(
            row.boost_of_id,
            row.boost_version,
            row.boost_account_id,
            row.boost_visibility or 0,
            row.boost_thread_id or 0,
            row.boost_pinned_ms,
            row.boost_deleted_ms,
            *(None,) * 7,
        )
        inner = _glance(marks, viewer_id, original, with_sight=with_sight)
        if inner is None:
            return None
    if not _is_visible(marks, viewer_id, row, with_sight=with_sight):
        return None
    flags = marks.statuses.get(row.id, 0) & _MARKS
    if row.thread_id in marks.threads:
        flags |= views.MUTED
    if row.account_id == viewer_id:
        flags |= _own_flags(row.visibility, row.pinned_ms, is_boost=inner is not None)
    version = marks.versions[row.account_id]
    return Glance(row.id, row.version, row.account_id, version, flags, inner)


def _is_visible(marks: _Marks, viewer_id: AccountId, row: GlanceRow, *, with_sight: bool) -> bool:
    is_author_active = row.account_id in marks.versions
    if not with_sight and row.visibility != Visibility.ADDRESSED:
        return is_author_active and row.deleted_ms is None
    mentioned = marks.statuses.get(row.id, 0) & _MENTIONED
    # Of one author on one page there are few different cases, and many statuses.
    is_addressed = row.thread_id in marks.addressed
    case = (row.visibility, row.account_id, row.deleted_ms is None, mentioned, is_addressed)
    decision = marks.decisions.get(case)
    if decision is None:
        relation = marks.accounts.get(row.account_id, 0)
        decision = marks.decisions[case] = may_see(
            Sight(
                visibility=row.visibility,
                author_id=row.account_id,
                viewer_id=viewer_id,
                is_deleted=row.deleted_ms is not None,
                is_author_active=is_author_active,
                is_following=bool(relation & _FOLLOWING),
                is_mentioned=bool(mentioned),
                is_blocked_by_author=bool(relation & _BLOCKED),
                is_addressed=is_addressed,
            )
        )
    return decision
