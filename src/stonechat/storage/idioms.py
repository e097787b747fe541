"""What SQLite and PostgreSQL spell differently; everything else is written once.

Statements use `$1` parameters, which asyncpg takes as they are and SQLite reads as `?1`. The
schema is written in PostgreSQL's words; `ddl` turns them into SQLite's.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, TypeVar, cast

T = TypeVar("T")

_SQLITE_DDL: Final = (
    ("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY"),
    ("BYTEA", "BLOB"),
    ("DOUBLE PRECISION", "REAL"),
    ("/* pairs */", "WITHOUT ROWID"),
    # SQLite compares bytes unless told otherwise; PostgreSQL goes by its database's language.
    (' COLLATE "C"', ""),
)

SKIP_LOCKED: Final[dict[str, LiteralString]] = {
    "sqlite": "",
    "postgres": " FOR UPDATE SKIP LOCKED",
}
"""Ends a claiming SELECT. SQLite has one writer, so there is nothing to skip."""


def locked(engine: str, sql: LiteralString, table: LiteralString) -> LiteralString:
    """A SELECT that holds the rows of `table`, by its name in the statement, until the commit."""
    return sql + " FOR UPDATE OF " + table if engine == "postgres" else sql


def ddl(engine: str, text: str) -> str:
    """The schema text in the words of `engine`."""
    if engine == "sqlite":
        for ours, theirs in _SQLITE_DDL:
            text = text.replace(ours, theirs)
    return text


IN_SIZES: Final = (1, 5, 20, 40, 80, 200, 500)
"""IN lists are padded to these lengths, so that few distinct statements exist."""
IN_MAX: Final = IN_SIZES[-1]

_SIZES: Final = tuple(
    next(size for size in IN_SIZES if size >= length) for length in range(IN_MAX + 1)
)


def padded(values: Sequence[T]) -> tuple[T, ...]:
    """`values`, one to IN_MAX of them, with the last one repeated up to the next of IN_SIZES."""
    length = len(values)
    missing = _SIZES[length] - length
    return (*values, *(values[-1],) * missing) if missing else tuple(values)


@cache
def parameters(first: int, count: int) -> LiteralString:
    """The text `$first, …` of `count` parameters, for an IN list."""
    numbers = ", ".join(f"${number}" for number in range(first, first + count))
    return cast("LiteralString", numbers)
