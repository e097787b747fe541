"""Names in SQL: accounts found by the beginnings of the words of their names.

The words stand in a table of their own, so that a beginning is a range of an index on either
engine, and a new account is found in the moment in which it exists. A search looks at a bounded
number of candidates and puts those in order: whoever types one letter gets some good answers,
not the best of a million.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, LiteralString, cast

from stonechat.domain.ids import AccountId
from stonechat.domain.names import end_of_prefix
from stonechat.storage.database import Database
from stonechat.storage.statuses import Statement

CANDIDATES_MAX: Final = 200
"""How many accounts with a fitting word are looked at, besides those that the viewer follows."""

_INSERT: Final = (
    "INSERT INTO account_words (word, account_id) VALUES ($1, $2)"
    " ON CONFLICT (word, account_id) DO NOTHING"
)
_DELETE: Final[LiteralString] = "DELETE FROM account_words WHERE word = $1 AND account_id = $2"


def naming(account_id: AccountId, words: Iterable[str]) -> list[Statement]:
    """The statements by which an account is found by these words from now on."""
    return [(_INSERT, (word, account_id)) for word in sorted(words)]


def renaming(
    account_id: AccountId, before: frozenset[str], after: frozenset[str]
) -> list[Statement]:
    """The statements that a change of name takes; a word that stays is not touched."""
    gone: list[Statement] = [(_DELETE, (word, account_id)) for word in sorted(before - after)]
    return [*gone, *naming(account_id, after - before)]


# $1 viewer, $2 limit, $3 offset, $4 candidates; then both ends of each word's range.
_WORDS_FROM: Final = 5
_HEAD: Final[LiteralString] = (
    "SELECT a.id FROM (SELECT w.account_id AS id FROM followings f"
    " JOIN account_words w ON w.account_id = f.target_id WHERE f.account_id = $1 AND "
)
_OR_ANYBODY: Final[LiteralString] = (
    " UNION SELECT id FROM (SELECT w.account_id AS id FROM account_words w WHERE "
)
_TAIL: Final[LiteralString] = (
    ") n JOIN accounts a ON a.id = n.id JOIN account_counters c ON c.account_id = a.id"
    " LEFT JOIN followings f ON f.account_id = $1 AND f.target_id = a.id"
    " WHERE a.state IN ('active', 'disabled') AND a.id NOT IN ("
    "SELECT target_id FROM blocks WHERE account_id = $1"
    " UNION ALL SELECT account_id FROM blocks WHERE target_id = $1)"
    " ORDER BY CASE WHEN a.username_key = $5 THEN 0 ELSE 1 END,"
    " CASE WHEN f.id IS NULL THEN 1 ELSE 0 END, c.followers DESC, a.id LIMIT $2 OFFSET $3"
)


@cache
def _search_sql(words: int, *, only_followed: bool) -> LiteralString:
    fitting = _in_range("w", 0)
    for number in range(1, words):
        fitting = (
            fitting + " AND EXISTS (SELECT 1 FROM account_words x"
            " WHERE x.account_id = w.account_id AND " + _in_range("x", number) + ")"
        )
    if only_followed:
        # The bound on candidates is not needed there, but every parameter must be named.
        return _HEAD + fitting + " AND $4 > 0" + _TAIL
    anybody = _OR_ANYBODY + fitting + " ORDER BY w.word, w.account_id LIMIT $4) found"
    return _HEAD + fitting + anybody + _TAIL


def _in_range(table: LiteralString, number: int) -> LiteralString:
    first = _WORDS_FROM + 2 * number
    return cast("LiteralString", f"{table}.word >= ${first} AND {table}.word < ${first + 1}")


async def search(
    db: Database,
    viewer_id: AccountId,
    words: Sequence[str],
    *,
    limit: int,
    offset: int = 0,
    only_followed: bool = False,
) -> list[AccountId]:
    """Accounts in whose names each of the words begins a word.

    The exact name comes first, then those whom the viewer follows, then by followers.
    """
    if not words:
        return []
    ends = [end for word in words for end in (word, end_of_prefix(word))]
    sql = _search_sql(len(words), only_followed=only_followed)
    rows = await db.all_slow(sql, viewer_id, limit, offset, CANDIDATES_MAX, *ends)
    return [row[0] for row in rows]
