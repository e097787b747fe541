"""Checkups: counts that stand in documents, and rows that follow from documents.

SQL cannot look into a document alike on every engine. So one statement gives the documents of a
page of statuses, each beside the rows that it follows from or that follow from it, of one moment;
whether they agree is found out here. Each is mended by itself, while its status is held. Counters
that are columns are storage/doctor.py.
"""

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.contributions import Reactions
from stonechat.domain.ids import StatusId
from stonechat.domain.polls import recount
from stonechat.domain.statuses import Status
from stonechat.kernel.ids import ms_of_id
from stonechat.storage import category_entries, documents, flags, moderation, polls, statuses, votes
from stonechat.storage.database import Reader, Row, Transaction


class Checkup(NamedTuple):
    """How a page of statuses is looked at, and how one of them is mended."""

    page: LiteralString
    is_right: Callable[[Sequence[Row]], bool]
    """Given the rows of one status, the first column of which is its id."""
    mend: Callable[[Transaction, StatusId], Awaitable[None]]


async def list_wrong(
    tx: Reader, checkup: Checkup, after: int, limit: int
) -> tuple[list[StatusId], int | None]:
    """The wrong ones of a page, and the last id of the page; None after the last page."""
    rows = await tx.all(checkup.page, after, limit)
    wrong = [
        StatusId(status_id)
        for status_id, of_status in groupby(rows, itemgetter(0))
        if not checkup.is_right(list(of_status))
    ]
    return wrong, rows[-1][0] if rows else None


_POLLS: Final = (
    "SELECT r.id, r.poll, v.choice, COUNT(v.account_id), (SELECT COUNT(DISTINCT w.account_id)"
    " FROM poll_votes w WHERE w.status_id = r.id) FROM (SELECT s.id, s.poll FROM statuses s"
    " WHERE s.id > $1 AND s.poll IS NOT NULL AND s.deleted_ms IS NULL ORDER BY s.id LIMIT $2) r"
    " LEFT JOIN poll_votes v ON v.status_id = r.id GROUP BY r.id, r.poll, v.choice ORDER BY r.id"
)


def _is_counted(rows: Sequence[Row]) -> bool:
    poll = documents.poll_of(rows[0][1])
    assert poll is not None
    found = {row[2]: int(row[3]) for row in rows if row[2] is not None}
    return recount(poll, found, int(rows[0][4])) == poll


async def _count_poll(tx: Transaction, status_id: StatusId) -> None:
    await statuses.lock(tx, status_id)
    status = await statuses.find(tx, status_id)
    if status is None or status.poll is None:
        return
    found, voters = await polls.count(tx, status_id)
    await tx.run_all(polls.counting(status_id, recount(status.poll, found, voters)))


_REACTIONS: Final = (
    "SELECT r.id, r.reactions, v.reaction, COUNT(v.account_id) FROM (SELECT s.id, s.reactions"
    " FROM statuses s WHERE s.id > $1 AND s.deleted_ms IS NULL ORDER BY s.id LIMIT $2) r"
    " LEFT JOIN reactions v ON v.status_id = r.id"
    " GROUP BY r.id, r.reactions, v.reaction ORDER BY r.id, v.reaction"
)
_COUNT_REACTIONS: Final = (
    "SELECT v.reaction, COUNT(*) FROM reactions v WHERE v.status_id = $1"
    " GROUP BY v.reaction ORDER BY v.reaction"
)


def _is_told(rows: Sequence[Row]) -> bool:
    given: Reactions = tuple((row[2], int(row[3])) for row in rows if row[2] is not None)
    return documents.reactions_of(rows[0][1]) == given


async def _count_reactions(tx: Transaction, status_id: StatusId) -> None:
    await statuses.lock(tx, status_id)
    status = await statuses.find(tx, status_id)
    if status is None:
        return
    rows = await tx.all(_COUNT_REACTIONS, status_id)
    given: Reactions = tuple((row[0], int(row[1])) for row in rows)
    await votes.write_counts(tx, status_id, status.favourites, given)
    await _file(tx, status_id)


# Also of what is deleted or was never filed: it may stand there all the same.
_ENTRIES: Final = (
    "SELECT r.id, r.categories, r.visibility, r.favourites, r.reactions, r.activity_ms,"
    " r.deleted_ms, e.category_id, e.is_open, e.heat_ms, e.activity_ms FROM (SELECT s.id,"
    " s.categories, s.visibility, s.favourites, s.reactions, s.activity_ms, s.deleted_ms"
    " FROM statuses s WHERE s.id > $1 AND s.boost_of_id IS NULL AND s.in_reply_to_id IS NULL"
    " ORDER BY s.id LIMIT $2) r LEFT JOIN category_entries e ON e.status_id = r.id ORDER BY r.id"
)


def _is_filed(rows: Sequence[Row]) -> bool:
    first = rows[0]
    status = Status(
        id=first[0],
        account_id=first[0],
        thread_id=first[0],
        visibility=first[2],
        categories=documents.categories_of(first[1]),
        favourites=first[3],
        reactions=documents.reactions_of(first[4]),
        activity_ms=first[5],
        deleted_ms=first[6],
    )
    found = {(row[7], first[0], *row[8:]) for row in rows if row[7] is not None}
    return found == {values for _, values in _entering(status)}


def _entering(status: Status) -> list[statuses.Statement]:
    if status.deleted_ms is not None:
        return []
    return category_entries.entering(status, status.categories)


async def _file(tx: Transaction, status_id: StatusId) -> None:
    await statuses.lock(tx, status_id)
    status = await statuses.find(tx, status_id)
    if status is not None:
        await tx.run_all(category_entries.leaving(status_id))
        await tx.run_all(*_entering(status))


_RULINGS: Final = (
    "SELECT s.id, s.flags, COALESCE(m.flags, 0) FROM statuses s LEFT JOIN moderations m"
    " ON m.status_id = s.id WHERE s.id > $1 AND (s.flags > 0 OR m.flags > 0)"
    " ORDER BY s.id LIMIT $2"
)


def _is_noted(rows: Sequence[Row]) -> bool:
    return rows[0][1] == rows[0][2]


async def _note(tx: Transaction, status_id: StatusId) -> None:
    await statuses.lock(tx, status_id)
    status = await statuses.find(tx, status_id)
    newest = await flags.find_newest(tx, status_id)
    if status is not None:
        flagged_ms = 0 if newest is None else ms_of_id(newest.id)
        await moderation.note_flags(tx, status, status.flags, flagged_ms)


CHECKUPS: Final = {
    "flagged statuses": Checkup(_RULINGS, _is_noted, _note),
    "polls": Checkup(_POLLS, _is_counted, _count_poll),
    "votes": Checkup(_REACTIONS, _is_told, _count_reactions),
    # After the votes, by which they are in order.
    "category feeds": Checkup(_ENTRIES, _is_filed, _file),
}
"""Each by what is looked at."""
