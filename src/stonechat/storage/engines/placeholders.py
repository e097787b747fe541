"""Placeholders: what the engines do to the `$1`, `$2` … of a statement.

Statements are written with PostgreSQL's numbers. SQLite would read `$1` as a name and count
names in the order in which they appear, so it is given `?1`. What stands between quotes is
left alone on both engines.
"""

import re
from functools import lru_cache
from typing import Final

TEXTS_MAX: Final = 4096
"""How many respelled statements are remembered before all of them are forgotten."""
SETS_MAX: Final = 512
"""How many joined write sets are remembered."""

_QUOTED_OR_NUMBER: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\$(\d+)")


def _respelled(sql: str, sign: str, offset: int) -> str:
    def put(match: re.Match[str]) -> str:
        number = match[1]
        return match[0] if number is None else sign + str(int(number) + offset)

    return _QUOTED_OR_NUMBER.sub(put, sql)


def _count(sql: str) -> int:
    numbers = (match[1] for match in _QUOTED_OR_NUMBER.finditer(sql))
    return max((int(number) for number in numbers if number), default=0)


class SqliteTexts(dict[str, str]):
    """Statement to the same statement with `?1` for `$1`; a known one costs one lookup."""

    def __missing__(self, sql: str) -> str:
        if len(self) >= TEXTS_MAX:
            self.clear()
        text = self[sql] = _respelled(sql, "?", 0)
        return text


@lru_cache(SETS_MAX)
def joined(statements: tuple[str, ...]) -> str:
    """One statement for PostgreSQL that runs all of these, the parameters counted through."""
    if len(statements) == 1:
        return statements[0]
    parts: list[str] = []
    offset = 0
    for number, sql in enumerate(statements):
        parts.append(f"s{number} AS ({_respelled(sql, '$', offset)})")
        offset += _count(sql)
    return f"WITH {', '.join(parts)} SELECT 1"
