"""Threads: who answered whom, and in which order that is shown."""

from collections.abc import Iterable
from typing import NamedTuple

from stonechat.domain.ids import AccountId, StatusId


class ThreadRow(NamedTuple):
    """A status's place in its thread, and what a glance at it needs besides."""

    id: StatusId
    parent_id: StatusId | None
    account_id: AccountId
    version: int
    visibility: int
    pinned_ms: int | None


class ThreadLimits(NamedTuple):
    """How much of a thread is shown."""

    ancestors: int
    descendants: int
    depth: int


def ancestors(rows: Iterable[ThreadRow], status_id: StatusId, limit: int) -> list[StatusId]:
    """What a status answers, the root first and the direct parent last."""
    by_id = {row.id: row for row in rows}
    found: list[StatusId] = []
    row = by_id.get(status_id)
    while row is not None and row.parent_id is not None and len(found) < limit:
        row = by_id.get(row.parent_id)
        if row is not None:
            found.append(row.id)
    return found[::-1]


def descendants(
    rows: Iterable[ThreadRow], status_id: StatusId, limits: ThreadLimits
) -> list[StatusId]:
    """The answers to a status and to those: each one directly before its own answers.

    An author's answers to themselves come first, because they go on with what was said.
    """
    children: dict[StatusId, list[ThreadRow]] = {}
    author_of: dict[StatusId, AccountId] = {}
    for row in rows:
        author_of[row.id] = row.account_id
        if row.parent_id is not None:
            children.setdefault(row.parent_id, []).append(row)
    found: list[ThreadRow] = []
    waiting = [(row, 1) for row in reversed(children.get(status_id, []))]
    while waiting and len(found) < limits.descendants:
        row, depth = waiting.pop()
        found.append(row)
        if depth < limits.depth:
            waiting += [(child, depth + 1) for child in reversed(children.get(row.id, []))]

    def is_own(row: ThreadRow) -> bool:
        return row.parent_id is not None and author_of.get(row.parent_id) == row.account_id

    return [row.id for row in sorted(found, key=lambda row: not is_own(row))]
