"""Every table at once, in SQL: what a backup reads and a restore puts in its place.

Tables and columns are read from the database's own catalogue, so that a table which somebody adds
is never forgotten. The values are the same on both engines, and so is the archive. Restoring is
one transaction beside a running server: readers see all of the old rows or all of the new ones,
writers wait. Rendered fragments are checked by id and version alone, therefore the versions that
come in are lifted above every one that this database has ever had.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, LiteralString, NamedTuple, cast

from stonechat.kernel.errors import InvalidInput
from stonechat.storage.database import Reader, Row, Transaction

LEFT_ALONE: Final = frozenset({"processes", "schema_migrations"})
"""Tables that tell of this very database: who runs on it, and how it came to be."""
VERSIONED: Final = {
    "account_counters": "version",
    "beacons": "version",
    "boards": "version",
    "categories": "version",
    "statuses": "version",
}
"""Columns by which rendered fragments and open pages are checked."""
GENERATION: Final = 1 << 32
"""A row changes less often than this; every restore lifts the versions by as much."""
RESTORES: Final = "restores"
"""The fact that counts how often this database was restored."""
PARAMETERS_PER_STATEMENT_MAX: Final = 2000

_KINDS: Final = {
    "bigint": "integer",
    "integer": "integer",
    "text": "text",
    "bytea": "bytes",
    "blob": "bytes",
    "double precision": "number",
    "real": "number",
}


class Column(NamedTuple):
    """A column: its name, what it holds, and whether it may be null."""

    name: str
    kind: str
    is_nullable: bool


class Table(NamedTuple):
    """A table of the product."""

    name: str
    columns: tuple[Column, ...]


# In both, what the engine itself computes is left out, and so is what is no plain table.
_LIST_COLUMNS: Final[dict[str, LiteralString]] = {
    "sqlite": (
        "SELECT t.name, c.name, lower(c.type),"
        ' CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN 0 ELSE 1 END'
        " FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c"
        " WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%'"
        " AND c.hidden = 0 ORDER BY t.name, c.cid"
    ),
    "postgres": (
        "SELECT t.table_name::text, c.column_name::text, c.data_type::text,"
        " CASE WHEN c.is_nullable = 'NO' THEN 0 ELSE 1 END"
        " FROM information_schema.tables t JOIN information_schema.columns c"
        " ON c.table_schema = t.table_schema AND c.table_name = t.table_name"
        " WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
        " AND c.is_generated = 'NEVER' ORDER BY t.table_name, c.ordinal_position"
    ),
}


async def list_tables(reader: Reader, engine: str) -> dict[str, Table]:
    """Every table that belongs into an archive, by name."""
    columns: dict[str, list[Column]] = {}
    for table, name, type_, is_nullable in await reader.all(_LIST_COLUMNS[engine]):
        if table not in LEFT_ALONE:
            kind = _KINDS[type_]
            columns.setdefault(table, []).append(Column(name, kind, bool(is_nullable)))
    return {name: Table(name, tuple(found)) for name, found in columns.items()}


def _text(words: str) -> LiteralString:
    # Names out of the catalogue are ours: migrations gave them.
    return cast("LiteralString", words)


def reading(table: Table) -> LiteralString:
    """The statement that gives every row of a table."""
    return _text(f"SELECT {_names(table)} FROM {table.name}")


def _names(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


async def count_rows(reader: Reader, table: Table) -> int:
    """How many rows a table has."""
    row = await reader.one(_text(f"SELECT COUNT(*) FROM {table.name}"))
    assert row is not None
    return int(row[0])


_FIND_RESTORES: Final = "SELECT value FROM facts WHERE name = $1"
_KEEP_RESTORES: Final = (
    "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2"
)


async def empty(tx: Transaction, engine: str, tables: Mapping[str, Table]) -> int:
    """Delete every row, so that nobody else writes until the commit; the next generation."""
    if engine == "postgres":
        # Whoever reads goes on with the old rows. SQLite's transaction has the file to itself.
        await tx.run(_text(f"LOCK TABLE {', '.join(sorted(tables))} IN EXCLUSIVE MODE"))
    row = await tx.one(_FIND_RESTORES, RESTORES)
    for name in tables:
        await tx.run(_text(f"DELETE FROM {name}"))
    return 1 if row is None else int(row[0]) + 1


async def keep_generation(tx: Transaction, generation: int) -> None:
    """Remember which generation the versions are of; what came in says another one."""
    await tx.run(_KEEP_RESTORES, RESTORES, str(generation))


@cache
def _insert_sql(table: Table, rows: int) -> LiteralString:
    width = len(table.columns)
    groups = (
        "(" + ", ".join(f"${number}" for number in range(first, first + width)) + ")"
        for first in range(1, rows * width, width)
    )
    return _text(f"INSERT INTO {table.name} ({_names(table)}) VALUES {', '.join(groups)}")


async def insert_rows(tx: Transaction, table: Table, rows: Sequence[Row], generation: int) -> None:
    """Write rows as they came out of another database, their versions lifted."""
    lifted = _lifted(table, rows, generation)
    at_once = max(1, PARAMETERS_PER_STATEMENT_MAX // len(table.columns))
    whole = len(lifted) - len(lifted) % at_once
    for start in range(0, whole, at_once):
        values = [value for row in lifted[start : start + at_once] for value in row]
        await tx.run(_insert_sql(table, at_once), *values)
    for row in lifted[whole:]:
        await tx.run(_insert_sql(table, 1), *row)


def _lifted(table: Table, rows: Sequence[Row], generation: int) -> Sequence[Row]:
    column = VERSIONED.get(table.name)
    if column is None:
        return rows
    place = [each.name for each in table.columns].index(column)

    def lift(row: Row) -> tuple[Any, ...]:
        version = row[place] % GENERATION + generation * GENERATION
        return (*row[:place], version, *row[place + 1 :])

    return [lift(row) for row in rows]


async def analyse(tx: Transaction, engine: str) -> None:
    """Let the planner know what is there now. SQLite sees to that when it is closed."""
    if engine == "postgres":
        await tx.run("ANALYZE")


def ensure_same(
    tables: Mapping[str, Table], archived: Iterable[tuple[str, Sequence[str]]]
) -> list[Table]:
    """The tables of an archive, columns in its order; refused where they are not ours."""
    found: list[Table] = []
    for name, columns in archived:
        table = tables.get(name)
        known = {} if table is None else {each.name: each for each in table.columns}
        if len(columns) != len(known) or set(columns) != set(known):
            raise InvalidInput(f"The archive's table {name!r} is not one of this schema.")
        found.append(Table(name, tuple(known[column] for column in columns)))
    missing = set(tables) - {table.name for table in found}
    if missing or len(found) != len(tables):
        raise InvalidInput(f"The archive is not whole: it lacks {', '.join(sorted(missing))}.")
    return found
