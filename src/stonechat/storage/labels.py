"""Labels in SQL: the labels, and for whom a thread is that is addressed to some of them.

Who carries what stands in storage/label_carriers. There are never more than LABELS_MAX labels, so
those who look for one get all of them and choose. A label that is switched off or deleted keeps
its rows in all other tables, and everybody who reads those asks whether it still counts.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, LabelId, StatusId
from stonechat.domain.labels import USER, LabelView, name_key
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import IN_MAX, padded, parameters
from stonechat.storage.statuses import Statement

_COLUMNS: Final = (
    "l.id, l.type, l.name, l.description, l.color, l.is_visible, l.boosts_visibility,"
    " l.is_active, l.created_ms, l.deleted_ms"
)
WIDTH: Final = 10
COUNTING: Final[LiteralString] = "l.is_active = 1 AND l.deleted_ms IS NULL"
"""The condition that anybody carries the label `l` at all."""


def view(row: Row) -> LabelView:
    """A label out of the columns of its row."""
    found, type_, name, description, color, is_visible, boosts, is_active, *times = row[:WIDTH]
    return LabelView(
        found,
        type_,
        name,
        description,
        color,
        bool(is_visible),
        bool(boosts),
        bool(is_active),
        *times,
    )


@cache
def _load_sql(count: int) -> LiteralString:
    return "SELECT " + _COLUMNS + " FROM labels l WHERE l.id IN (" + parameters(1, count) + ")"


async def load_views(tx: Reader, ids: Sequence[LabelId]) -> dict[LabelId, LabelView]:
    """Labels by id, those that do not count any more as well."""
    found: dict[LabelId, LabelView] = {}
    for start in range(0, len(ids), IN_MAX):
        some = padded(ids[start : start + IN_MAX])
        found.update((row[0], view(row)) for row in await tx.all(_load_sql(len(some)), *some))
    return found


_LIST: Final = "SELECT " + _COLUMNS + " FROM labels l WHERE l.id > 0 ORDER BY l.id DESC LIMIT $1"
_COUNT: Final = (
    "SELECT COUNT(*) FROM (SELECT l.id FROM labels l WHERE l.id > 0 ORDER BY l.id LIMIT $1) counted"
)
_FIND_BY_NAME: Final = (
    "SELECT " + _COLUMNS + " FROM labels l WHERE l.type = $1 AND l.name_key = $2"
    " AND l.deleted_ms IS NULL"
)


async def list_all(tx: Reader) -> list[LabelView]:
    """Every label, the newest first."""
    return [view(row) for row in await tx.all(_LIST, limits.LABELS_MAX)]


async def count(tx: Reader) -> int:
    """How many labels there are, deleted ones included."""
    row = await tx.one(_COUNT, limits.LABELS_MAX)
    assert row is not None
    return int(row[0])


async def find_by_name(tx: Reader, type_: str, name: str) -> LabelView | None:
    """The label of a type with a name, whatever its capitals."""
    row = await tx.one(_FIND_BY_NAME, type_, name_key(name))
    return None if row is None else view(row)


_INSERT: Final = (
    "INSERT INTO labels (id, type, name, name_key, description, color, is_visible,"
    " boosts_visibility, is_active, created_ms, deleted_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
)
_UPDATE: Final = (
    "UPDATE labels SET name = $2, name_key = $3, description = $4, color = $5, is_visible = $6,"
    " boosts_visibility = $7, is_active = $8, deleted_ms = $9 WHERE id = $1"
)
_LOCK: Final = "UPDATE labels SET is_active = is_active WHERE id = $1"


async def insert(tx: Transaction, label: LabelView) -> None:
    """A new label; Conflict where another one of its type has its name."""
    await tx.run(
        _INSERT,
        label.id,
        label.type,
        label.name,
        name_key(label.name),
        label.description,
        label.color,
        int(label.is_visible),
        int(label.boosts_visibility),
        int(label.is_active),
        label.created_ms,
        label.deleted_ms,
    )


async def update(tx: Transaction, label: LabelView) -> None:
    """Write a label anew; Conflict where another one of its type has its name."""
    await tx.run(
        _UPDATE,
        label.id,
        label.name,
        name_key(label.name),
        label.description,
        label.color,
        int(label.is_visible),
        int(label.boosts_visibility),
        int(label.is_active),
        label.deleted_ms,
    )


async def lock(tx: Transaction, label_id: LabelId) -> None:
    """Hold back everybody else who changes this label."""
    await tx.run(_LOCK, label_id)


# Addressing ---------------------------------------------------------------------------------

_HELD: Final[LiteralString] = (
    "SELECT " + _COLUMNS + " FROM label_holders h JOIN labels l ON l.id = h.label_id"
    " WHERE h.account_id = $1 AND " + COUNTING + " AND l.type = 'user'"
)
_LIST_HELD: Final = _HELD + " ORDER BY l.id LIMIT $2"
_LIST_USABLE: Final = (
    "SELECT " + _COLUMNS + " FROM labels l WHERE l.type = 'user' AND " + COUNTING + ""
    " ORDER BY l.id LIMIT $1"
)


@cache
def _load_held_sql(count: int) -> LiteralString:
    return _HELD + " AND h.label_id IN (" + parameters(2, count) + ")"


async def list_held(tx: Reader, account_id: AccountId) -> list[LabelView]:
    """The labels that an account carries, those that not everybody sees included."""
    rows = await tx.all(_LIST_HELD, account_id, limits.LABELS_PER_CARRIER_MAX)
    return [view(row) for row in rows]


async def list_addressable(tx: Reader, account_id: AccountId, *, is_staff: bool) -> list[LabelView]:
    """The labels that an author may address: those that they carry, and staff every one."""
    if not is_staff:
        return await list_held(tx, account_id)
    return [view(row) for row in await tx.all(_LIST_USABLE, limits.LABELS_MAX)]


async def load_addressable(
    tx: Reader, account_id: AccountId, *, is_staff: bool, ids: Sequence[LabelId]
) -> list[LabelView]:
    """Those of at most IN_MAX labels that an author may address."""
    if not ids:
        return []
    if is_staff:
        found = await load_views(tx, ids)
        return [label for label in found.values() if label.counts and label.type == USER]
    some = padded(ids)
    return [view(row) for row in await tx.all(_load_held_sql(len(some)), account_id, *some)]


_ADDRESS: Final = (
    "INSERT INTO addressings (thread_id, label_id) VALUES ($1, $2)"
    " ON CONFLICT (thread_id, label_id) DO NOTHING"
)
_UNADDRESS: Final = "DELETE FROM addressings WHERE thread_id = $1"


def addressing(thread_id: int, label_ids: Sequence[LabelId]) -> list[Statement]:
    """The statements that say for whom a thread is.

    They go before those that bring it into homes or tell of it, in a write set of their own.
    """
    return [(_ADDRESS, (thread_id, label_id)) for label_id in dict.fromkeys(label_ids)]


def unaddressing(thread_id: int) -> Statement:
    """The statement that forgets for whom a thread is; in a write set before `addressing`."""
    return _UNADDRESS, (thread_id,)


@cache
def _load_of_statuses_sql(count: int) -> LiteralString:
    return (
        "SELECT " + _COLUMNS + ", c.status_id FROM status_labels c JOIN labels l"
        " ON l.id = c.label_id WHERE " + COUNTING + " AND c.status_id IN ("
        "" + parameters(1, count) + ")"
    )


async def load_of_statuses(
    tx: Reader, status_ids: Sequence[StatusId]
) -> dict[StatusId, tuple[LabelView, ...]]:
    """The labels that contributions carry, the oldest first; those without any are not in it."""
    found: dict[StatusId, list[LabelView]] = {}
    for start in range(0, len(status_ids), IN_MAX):
        some = padded(status_ids[start : start + IN_MAX])
        for row in await tx.all(_load_of_statuses_sql(len(some)), *some):
            found.setdefault(StatusId(row[WIDTH]), []).append(view(row))
    return {
        status_id: tuple(sorted(each, key=lambda label: label.id))
        for status_id, each in found.items()
    }
