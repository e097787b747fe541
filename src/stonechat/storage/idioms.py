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


def ddl(engine: str, text: str) -> str:
    """The schema text in the words of `engine`."""
    if engine == "sqlite":
        for ours, theirs in _SQLITE_DDL:
            text = text.replace(ours, theirs)
    return text


IN_SIZES: Final = (1, 5, 20, 40, 80, 200, 500)
"""IN lists are padded to these lengths, so that few distinct statements exist."""


def padded(values: Sequence[T]) -> tuple[T, ...]:
    """`values`, which is not empty, with its last one repeated up to the next of IN_SIZES."""
    size = next(size for size in IN_SIZES if size >= len(values))
    return (*values, *values[-1:] * (size - len(values)))


@cache
def parameters(first: int, count: int) -> LiteralString:
    """The text `$first, …` of `count` parameters, for an IN list."""
    numbers = ", ".join(f"${number}" for number in range(first, first + count))
    return cast("LiteralString", numbers)
