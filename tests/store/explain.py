"""Asks both engines how they would run a statement, and finds what reads a whole table.

SQLite is asked without statistics: it then takes every table for a big one. PostgreSQL looks at
what is there, so every table is first filled with made-up rows, in a transaction that is rolled
back. It may not scan, merge or hash there, unless no index can help: so the question is whether
each row can be reached by an index, not what is quickest for a thousand rows. An index that is
read from end to end counts as a scan too, unless a LIMIT stops it.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, LiteralString, cast

from stonechat.storage.database import Database, Row, Transaction
from tests.recording import Statement

ROWS_PER_TABLE = 1000

_Distinct = dict[LiteralString, tuple[Any, ...]]

_EXPLAINABLE = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_SCANNED = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
_SORTED = "USE TEMP B-TREE FOR ORDER BY"
# What must have seen all of its input before it gives its first row.
_EXHAUSTING = ("Sort", "Aggregate", "Hash", "WindowAgg", "SetOp", "ModifyTable")
_INDEX_SCANS = ("Index Scan", "Index Only Scan", "Bitmap Index Scan")

_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attnotnull,
        EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique
            AND a.attnum = ANY (i.indkey))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.atthasdef
"""
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype IN ('c', 'f') AND connamespace = current_schema()::regnamespace
"""
_ONLY_INDEXES: LiteralString = (
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_mergejoin = off;"
    " SET LOCAL enable_hashjoin = off"
)
_FIRST_KEYS = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true) FROM pg_index
"""
_VALUES = {
    "bigint": "{}",
    "smallint": "({}) % 2",
    "integer": "{}",
    "double precision": "{}",
    "text": "'text ' || {}",
    "bytea": "decode(lpad(to_hex({}), 16, '0'), 'hex')",
}


async def assert_no_scans(
    database: Database, statements: Iterable[Statement], small_tables: Collection[str] = ()
) -> None:
    """Fail with every statement that reads the whole of a table that is not a small one."""
    scans = await find_scans(database, statements, small_tables)
    assert not scans, "\n" + "\n".join(scans)


async def find_scans(
    database: Database, statements: Iterable[Statement], small_tables: Collection[str] = ()
) -> list[str]:
    """What reads a whole table: `table: statement`, for every distinct statement."""
    distinct: _Distinct = {
        sql: values for sql, values in statements if sql.startswith(_EXPLAINABLE)
    }
    find = _find_on_sqlite if database.engine == "sqlite" else _find_on_postgres
    scans = await find(database, distinct)
    return sorted(f"{table}: {sql}" for table, sql in scans if table not in small_tables)


async def _find_on_sqlite(database: Database, statements: _Distinct) -> set[tuple[str, str]]:
    rows = await database.all("SELECT name FROM sqlite_schema WHERE type = 'table'")
    tables = [row[0] for row in rows]
    scans: set[tuple[str, str]] = set()
    for sql, values in statements.items():
        plan = [row[3] for row in await database.all("EXPLAIN QUERY PLAN " + sql, *values)]
        is_bounded = "LIMIT" in sql and _SORTED not in plan
        for match in filter(None, map(_SCANNED.match, plan)):
            if not (is_bounded and match[2]):
                scans.update((table, sql) for table in _tables_called(match[1], tables, sql))
    return scans


def _tables_called(name: str, tables: Iterable[str], sql: str) -> list[str]:
    """The tables that a name in a plan may mean: plans show aliases only."""
    aliased = [t for t in tables if re.search(rf"\b{t}\s+(?:AS\s+)?{name}\b", sql)]
    return aliased or [table for table in tables if table == name]


class _RollBack(Exception):
    """Carries the findings out of a transaction that must leave nothing behind."""


async def _find_on_postgres(database: Database, statements: _Distinct) -> set[tuple[str, str]]:
    scans: set[tuple[str, str]] = set()

    async def explain(tx: Transaction) -> None:
        await _fill(tx)
        await tx.run(_ONLY_INDEXES)
        plans = _Plans({row[0]: row[1] for row in await tx.all(_FIRST_KEYS)})
        for sql, values in statements.items():
            (plan,) = await tx.all("EXPLAIN (FORMAT JSON) " + sql, *values)
            root = json.loads(plan[0])[0]["Plan"]
            scans.update((table, sql) for table in plans.scans(root))
        raise _RollBack

    try:
        await database.write(explain)
    except _RollBack:
        return scans
    raise AssertionError


class _Plans:
    """Finds the scans in PostgreSQL's plans."""

    def __init__(self, first_keys: dict[str, str]) -> None:
        """`first_keys`: what each index is sorted by in the first place."""
        self._first_keys = first_keys

    def scans(
        self, node: dict[str, Any], table: str = "", *, is_bounded: bool = False
    ) -> Iterator[str]:
        kind = node["Node Type"]
        # The scan of a bitmap names its index only: the table is that of the node above.
        table = node.get("Relation Name", table)
        is_whole_index = kind in _INDEX_SCANS and not self._is_narrowed(node)
        if kind == "Seq Scan" or (is_whole_index and not is_bounded):
            yield table
        is_bounded = kind == "Limit" or (is_bounded and kind not in _EXHAUSTING)
        for child in node.get("Plans", ()):
            yield from self.scans(child, table, is_bounded=is_bounded)

    def _is_narrowed(self, node: dict[str, Any]) -> bool:
        # A condition on a later key alone still walks the whole index.
        first_key = re.escape(self._first_keys[node["Index Name"]])
        return bool(re.search(rf"(?<!\w){first_key}(?!\w)", node.get("Index Cond", "")))


async def _fill(tx: Transaction) -> None:
    """Give every table so many rows that a planner would rather not read them all."""
    for table, name in await tx.all(_CONSTRAINTS):
        await _run(tx, f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    columns: dict[str, list[Row]] = {}
    for row in await tx.all(_COLUMNS):
        columns.setdefault(row[0], []).append(row)
    for table, rows in columns.items():
        names = ", ".join(f'"{row[1]}"' for row in rows)
        values = ", ".join(_made_up(row) for row in rows)
        await _run(
            tx,
            f"INSERT INTO {table} ({names}) SELECT {values}"
            f" FROM generate_series(1, {ROWS_PER_TABLE}) g ON CONFLICT DO NOTHING",
        )
    await tx.run("ANALYZE")


def _made_up(column: Row) -> str:
    _, _, kind, is_required, is_unique = column
    value = _VALUES[kind].format("g" if is_unique else "g % 97")
    return value if is_required or is_unique else f"CASE WHEN g % 2 = 0 THEN {value} END"


async def _run(tx: Transaction, sql: str) -> None:
    # Made of the names in the catalogue, so no literal; nothing from outside is in it.
    await tx.run(cast("LiteralString", sql))
