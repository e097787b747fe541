"""Quotes in SQL: who quotes a status, taking that back, and the counter of it.

A quote is two columns of the status that quotes. So its counter follows the row count of the
UPDATE that takes a quote back, and whoever deletes the quoting status holds its row first.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.quotes import ACCEPTED, REVOKED
from stonechat.domain.statuses import Status
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.glances import BOOST_JOIN, ROW_COLUMNS, GlanceRow
from stonechat.storage.idioms import IN_MAX, padded, parameters
from stonechat.storage.statuses import Statement

_FIND_RELATION: Final = (
    "SELECT EXISTS (SELECT 1 FROM followings WHERE account_id = $1 AND target_id = $2),"
    " EXISTS (SELECT 1 FROM blocks WHERE account_id = $1 AND target_id = $2)"
    " OR EXISTS (SELECT 1 FROM blocks WHERE account_id = $2 AND target_id = $1)"
)


class Relation(NamedTuple):
    """What matters between somebody who wants to quote and whom they quote."""

    is_following: bool
    is_blocked: bool
    """In either direction."""


async def find_relation(tx: Reader, viewer_id: AccountId, author_id: AccountId) -> Relation:
    """What lies between the two."""
    row = await tx.one(_FIND_RELATION, viewer_id, author_id)
    assert row is not None
    return Relation(bool(row[0]), bool(row[1]))


_COUNT: Final = "UPDATE statuses SET quotes = quotes + $2, version = version + 1 WHERE id = $1"
_UPDATE_POLICY: Final = (
    "UPDATE statuses SET quote_policy = $2, version = version + 1"
    " WHERE id = $1 AND quote_policy <> $2"
)
_REQUOTE: Final = (
    "UPDATE statuses SET quote_of_id = $2, quote_state = $3, version = version + 1 WHERE id = $1"
)
_REVOKE: Final = (
    "UPDATE statuses SET quote_state = '" + REVOKED + "', version = version + 1 WHERE id = $1"
    " AND quote_of_id = $2 AND quote_state = '" + ACCEPTED + "' AND deleted_ms IS NULL"
    " RETURNING visibility"
)


def counting(quoted_id: StatusId, change: int) -> Statement:
    """The statement that counts a quote up or down."""
    return _COUNT, (quoted_id, change)


def requoting(status: Status) -> Statement:
    """The statement that makes a status quote something else than before, or nothing."""
    return _REQUOTE, (status.id, status.quote_of_id, status.quote_state)


async def update_policy(tx: Transaction, status_id: StatusId, policy: int) -> None:
    """Say anew who may quote a status."""
    await tx.run(_UPDATE_POLICY, status_id, policy)


async def revoke(tx: Transaction, quoting_id: StatusId, quoted_id: StatusId) -> int | None:
    """Take one status out of another: for whom that one is, or None where it was out already."""
    row = await tx.one(_REVOKE, quoting_id, quoted_id)
    return None if row is None else int(row[0])


_LIST_QUOTING: Final = (
    "SELECT " + ROW_COLUMNS + " FROM (SELECT p.id AS id FROM statuses p WHERE p.quote_of_id = $1"
    " AND p.id < $2 AND p.id > $3 AND p.quote_state = '" + ACCEPTED + "' AND p.deleted_ms IS NULL"
    " AND p.account_id NOT IN (SELECT target_id FROM blocks WHERE account_id = $5"
    " UNION ALL SELECT account_id FROM blocks WHERE target_id = $5)"
    " ORDER BY p.id DESC LIMIT $4) e JOIN statuses s ON s.id = e.id" + BOOST_JOIN
)


async def list_quoting(
    tx: Reader, quoted_id: StatusId, viewer_id: AccountId, cursor: Cursor
) -> list[GlanceRow]:
    """A page of what quotes a status, newest first, except of whom the viewer blocked or who did.

    Whether the viewer may see each of them is not asked here.
    """
    bounds = (cursor.below, cursor.above, cursor.limit)
    rows = await tx.all(_LIST_QUOTING, quoted_id, *bounds, viewer_id)
    return sorted((GlanceRow._make(row) for row in rows), reverse=True)


_BLOCKING: Final = 1


@cache
def _decisions_sql(count: int) -> LiteralString:
    ids = parameters(3, count)
    return (
        "SELECT 1, target_id FROM blocks WHERE account_id = $1 AND target_id IN (" + ids + ")"
        " UNION ALL SELECT 2, target_id FROM mutes WHERE account_id = $1"
        " AND target_id IN (" + ids + ") AND (expires_ms IS NULL OR expires_ms > $2)"
    )


class Decisions(NamedTuple):
    """Whom of some people a reader blocks, and whom they mute."""

    blocked: set[AccountId]
    muted: set[AccountId]


async def load_decisions(
    tx: Reader, viewer_id: AccountId, author_ids: Sequence[AccountId], now_ms: int
) -> Decisions:
    """What a reader decided about the authors of what is quoted."""
    found = Decisions(set(), set())
    for start in range(0, len(author_ids), IN_MAX):
        ids = padded(author_ids[start : start + IN_MAX])
        for kind, author_id in await tx.all(_decisions_sql(len(ids)), viewer_id, now_ms, *ids):
            (found.blocked if kind == _BLOCKING else found.muted).add(author_id)
    return found


@cache
def _followed_sql(count: int) -> LiteralString:
    return (
        "SELECT target_id FROM followings WHERE account_id = $1"
        " AND target_id IN (" + parameters(2, count) + ")"
    )


async def load_followed(
    tx: Reader, viewer_id: AccountId, author_ids: Sequence[AccountId]
) -> set[AccountId]:
    """Those of some authors whom a reader follows."""
    found: set[AccountId] = set()
    for start in range(0, len(author_ids), IN_MAX):
        ids = padded(author_ids[start : start + IN_MAX])
        rows = await tx.all(_followed_sql(len(ids)), viewer_id, *ids)
        found.update(row[0] for row in rows)
    return found
