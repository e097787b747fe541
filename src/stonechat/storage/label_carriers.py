"""Carriers of labels in SQL: who and what carries a label, and what makes rendered copies old.

Each type of label has a table of its own, keyed by label. Whoever gives or takes a label holds the
row of its carrier first, because it may carry only so many, and because a toggle asks what is so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, LiteralString

from stonechat.domain import limits
from stonechat.domain.ids import LabelId
from stonechat.domain.labels import CATEGORY, CONTRIBUTION, USER
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.visibility import HIDING_STATES


@dataclass(frozen=True, slots=True)
class _Table:
    """What carriers of one type need: statements over `$1` label and `$2` carrier, mostly."""

    lock: LiteralString
    """Of `$1` alone, the carrier; no row where there is none that may be labelled."""
    insert: LiteralString
    delete: LiteralString
    count_labels: LiteralString
    """Of `$1` alone, the carrier."""
    touch: LiteralString
    """Of `$1` alone, the carrier."""
    list: tuple[LiteralString, LiteralString]
    """`$1` label, `$2` limit, `$3` offset; upwards and downwards."""
    count: LiteralString
    """`$1` label, `$2` how many are counted at most."""


def _table(
    name: LiteralString,
    key: LiteralString,
    rows: tuple[LiteralString, LiteralString],
    there: LiteralString,
) -> _Table:
    """`rows` are the table and the column by which carriers `c` are locked and touched.

    `there` joins what says that a carrier has not gone.
    """
    table, column = rows
    source = " FROM " + name + " c JOIN " + there + " WHERE c.label_id = $1"
    listed = "SELECT c." + key + source + " ORDER BY c." + key
    return _Table(
        "UPDATE " + table + " SET version = version WHERE " + column + " = $1",
        "INSERT INTO " + name + " (label_id, " + key + ") VALUES ($1, $2)"
        " ON CONFLICT (label_id, " + key + ") DO NOTHING",
        "DELETE FROM " + name + " WHERE label_id = $1 AND " + key + " = $2",
        "SELECT COUNT(*) FROM " + name + " WHERE " + key + " = $1",
        "UPDATE " + table + " SET version = version + 1 WHERE " + column + " = $1",
        (listed + " LIMIT $2 OFFSET $3", listed + " DESC LIMIT $2 OFFSET $3"),
        "SELECT COUNT(*) FROM (SELECT c." + key + source + " LIMIT $2) counted",
    )


_TABLES: Final[Mapping[str, _Table]] = {
    USER: _table(
        "label_holders",
        "account_id",
        ("account_counters", "account_id"),
        "accounts a ON a.id = c.account_id AND a.state NOT IN " + HIDING_STATES,
    ),
    CATEGORY: _table(
        "category_labels",
        "category_id",
        ("categories", "id"),
        "categories g ON g.id = c.category_id AND g.deleted_ms IS NULL",
    ),
    CONTRIBUTION: _table(
        "status_labels",
        "status_id",
        ("statuses", "id"),
        "statuses s ON s.id = c.status_id AND s.deleted_ms IS NULL",
    ),
}


async def lock(tx: Transaction, type_: str, carrier_id: int) -> bool:
    """Let nobody else change what one carries until the commit; False where there is nothing."""
    return bool(await tx.run(_TABLES[type_].lock, carrier_id))


async def has_too_many(tx: Reader, type_: str, carrier_id: int) -> bool:
    """Whether one carries more labels than one may."""
    row = await tx.one(_TABLES[type_].count_labels, carrier_id)
    assert row is not None
    is_category = type_ == CATEGORY
    most = limits.CATEGORY_LABELS_MAX if is_category else limits.LABELS_PER_CARRIER_MAX
    return int(row[0]) > most


async def insert(tx: Transaction, type_: str, label_id: LabelId, carrier_id: int) -> bool:
    """Give a label; False to whom carries it already."""
    return bool(await tx.run(_TABLES[type_].insert, label_id, carrier_id))


async def delete(tx: Transaction, type_: str, label_id: LabelId, carrier_id: int) -> bool:
    """Take a label; False from whom does not carry it."""
    return bool(await tx.run(_TABLES[type_].delete, label_id, carrier_id))


async def touch(tx: Transaction, type_: str, carrier_id: int) -> None:
    """Make every rendered copy of a carrier old."""
    await tx.run(_TABLES[type_].touch, carrier_id)


async def list_page(
    tx: Reader, type_: str, label_id: LabelId, part: tuple[int, int], *, upwards: bool
) -> list[int]:
    """The ids of some who carry a label, oldest or newest first; `part` is limit and offset."""
    upward, downward = _TABLES[type_].list
    return [row[0] for row in await tx.all(upward if upwards else downward, label_id, *part)]


async def count(tx: Reader, type_: str, label_id: LabelId, most: int) -> int:
    """How many carry a label; at most `most`."""
    row = await tx.one(_TABLES[type_].count, label_id, most)
    assert row is not None
    return int(row[0])


def _shown(
    name: LiteralString, key: LiteralString, rows: tuple[LiteralString, LiteralString]
) -> tuple[LiteralString, LiteralString]:
    """The statements that read how far some rows reach, and that make old what they stand for."""
    table, column = rows
    some = "SELECT " + key + " FROM " + name + " WHERE label_id = $1 AND " + key + " > $2"
    touched = "UPDATE " + table + " SET version = version + 1 WHERE " + column + " IN (" + some
    return some + " ORDER BY " + key + " LIMIT $3", touched + " AND " + key + " <= $3)"


# What shows a label: its carriers, and the first statuses of threads that are addressed to it.
_SHOWN_ON: Final[Mapping[str, tuple[tuple[LiteralString, LiteralString], ...]]] = {
    USER: (
        _shown("label_holders", "account_id", ("account_counters", "account_id")),
        _shown("addressings", "thread_id", ("statuses", "id")),
    ),
    CATEGORY: (_shown("category_labels", "category_id", ("categories", "id")),),
    CONTRIBUTION: (_shown("status_labels", "status_id", ("statuses", "id")),),
}


def kinds_showing(type_: str) -> int:
    """How many kinds of things show a label of a type."""
    return len(_SHOWN_ON[type_])


async def touch_some(
    tx: Transaction, type_: str, kind: int, label_id: LabelId, after_id: int
) -> int | None:
    """Make rendered copies old of what shows a label, above an id; how far, if there is more."""
    read, write = _SHOWN_ON[type_][kind]
    rows = await tx.all(read, label_id, after_id, limits.LABEL_TOUCHED_AT_ONCE)
    if not rows:
        return None
    await tx.run(write, label_id, after_id, rows[-1][0])
    return int(rows[-1][0]) if len(rows) == limits.LABEL_TOUCHED_AT_ONCE else None
