"""Places in SQL: which ones what everybody may see names, found by the words of their names.

Only public contributions count, so nobody learns from here where something was said that is not
for them. A place is there for as long as one of them names it. How many do is not kept but looked
up, to a bound, when somebody searches: so what moderators hid, and whose author is gone, counts
for nothing without a word to these tables.

Whoever names a place holds its rows until the commit and raises `namings`. That is what a newcomer
takes for a counter that nobody reads: by it whoever takes away the last use finds out that another
one came meanwhile, whose use no snapshot of theirs shows.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, cast

from stonechat.domain.ids import StatusId
from stonechat.domain.names import end_of_prefix
from stonechat.domain.places import PLACE_WORDS_MAX, KnownPlace
from stonechat.storage.database import Database
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES

CANDIDATES_MAX: Final = 200
"""How many words that fit are looked at, and how many places of their names."""
USES_COUNTED_MAX: Final = 50
"""Of each place, the newest; what more name is not before it."""
NEWEST_LOOKED_AT_MAX: Final = 2_000
"""Where nothing is searched for: the newest contributions that name a place."""

_USE: Final = (
    "INSERT INTO status_places (status_id, name_key, lat, lng) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (status_id) DO UPDATE SET name_key = excluded.name_key, lat = excluded.lat,"
    " lng = excluded.lng"
)
_PLACE: Final = (
    "INSERT INTO places (name_key, lat, lng, name) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (name_key, lat, lng) DO UPDATE SET namings = places.namings + 1"
)
_LEAVE: Final = "DELETE FROM status_places WHERE status_id = $1"
_FORGET_PLACE: Final = (
    "DELETE FROM places WHERE name_key = $2 AND lat = $3 AND lng = $4 AND NOT EXISTS"
    " (SELECT 1 FROM status_places u WHERE u.name_key = $2 AND u.lat = $3 AND u.lng = $4"
    " AND u.status_id <> $1)"
    # A row that somebody else held is looked at once more as they left it; the subquery is not.
    " AND namings = (SELECT q.namings FROM places q WHERE q.name_key = $2 AND q.lat = $3"
    " AND q.lng = $4)"
)
_FORGET_NAME: Final = (
    "DELETE FROM place_words WHERE name_key = $2 AND NOT EXISTS"
    " (SELECT 1 FROM status_places u WHERE u.name_key = $2 AND u.status_id <> $1)"
    " AND namings = (SELECT q.namings FROM place_words q WHERE q.name_key = place_words.name_key"
    " AND q.word = place_words.word)"
)


@cache
def _name_sql(words: int) -> LiteralString:
    rows = ", ".join(f"($1, ${number})" for number in range(2, words + 2))
    return cast(
        "LiteralString",
        "INSERT INTO place_words (name_key, word) VALUES " + rows + " ON CONFLICT (word, name_key)"
        " DO UPDATE SET namings = place_words.namings + 1",
    )


def moving(
    status_id: StatusId, before: KnownPlace | None, after: KnownPlace | None
) -> list[Statement]:
    """The statements by which a contribution names another place than before."""
    statements: list[Statement] = []
    if before is not None:
        statements.append((_FORGET_PLACE, (status_id, *before.identity)))
        if after is None or after.key != before.key:
            statements.append((_FORGET_NAME, (status_id, before.key)))
        if after is None:
            statements.append((_LEAVE, (status_id,)))
    if after is not None:
        statements.append((_USE, (status_id, *after.identity)))
        statements.append((_PLACE, (*after.identity, after.name)))
        words = after.words
        assert len(words) <= PLACE_WORDS_MAX
        # In one order: of two who name the same, the second waits for the first and no more.
        statements.append((_name_sql(len(words)), (after.key, *sorted(words))))
    return statements


# $1 limit, $2 offset, $3 how many are looked at; in a search both ends of each word's range follow.
_WORDS_FROM: Final = 4
_USES: Final = cast("LiteralString", str(USES_COUNTED_MAX))
# What moderators hid and what somebody said who is not there any more is named by nobody.
_SHOWN: Final[LiteralString] = (
    " JOIN statuses s ON s.id = u.status_id AND s.is_collapsed = 0"
    " JOIN accounts a ON a.id = s.account_id AND a.state NOT IN " + HIDING_STATES
)
_NEWEST: Final[LiteralString] = (
    "SELECT u.name_key, u.lat, u.lng, COUNT(*) AS uses FROM (SELECT n.name_key, n.lat, n.lng,"
    " n.status_id FROM status_places n WHERE n.status_id > 0 ORDER BY n.status_id DESC LIMIT $3) u"
    "" + _SHOWN + " GROUP BY u.name_key, u.lat, u.lng"
)
_ORDER: Final[LiteralString] = " ORDER BY f.uses DESC, f.name_key, f.lat, f.lng LIMIT $1 OFFSET $2"


@cache
def _found(words: int) -> LiteralString:
    if not words:
        return _NEWEST
    fitting = _in_range("w", 0)
    for number in range(1, words):
        fitting = (
            fitting + " AND EXISTS (SELECT 1 FROM place_words x"
            " WHERE x.name_key = w.name_key AND " + _in_range("x", number) + ")"
        )
    return (
        "SELECT c.name_key, c.lat, c.lng, (SELECT COUNT(*) FROM (SELECT n.status_id"
        " FROM status_places n WHERE n.name_key = c.name_key AND n.lat = c.lat AND n.lng = c.lng"
        " ORDER BY n.status_id DESC LIMIT " + _USES + ") u" + _SHOWN + ") AS uses"
        " FROM (SELECT p.name_key, p.lat, p.lng FROM places p WHERE p.name_key IN"
        " (SELECT n.name_key FROM (SELECT w.name_key FROM place_words w WHERE "
        + fitting
        + " ORDER BY w.word, w.name_key LIMIT $3) n) LIMIT $3) c"
    )


def _in_range(table: LiteralString, number: int) -> LiteralString:
    first = _WORDS_FROM + 2 * number
    return cast("LiteralString", f"{table}.word >= ${first} AND {table}.word < ${first + 1}")


def _bounds(words: Sequence[str]) -> list[object]:
    if not words:
        return [NEWEST_LOOKED_AT_MAX]
    return [CANDIDATES_MAX, *(end for word in words for end in (word, end_of_prefix(word)))]


_JOINED: Final[LiteralString] = (
    " JOIN places p ON p.name_key = f.name_key AND p.lat = f.lat AND p.lng = f.lng WHERE f.uses > 0"
)


async def list_places(
    db: Database, words: Sequence[str], *, limit: int, offset: int
) -> list[KnownPlace]:
    """Places in whose names each of the words begins a word, those that most name first."""
    sql = "SELECT p.name, p.lat, p.lng FROM (" + _found(len(words)) + ") f" + _JOINED + _ORDER
    rows = await db.all_slow(sql, limit, offset, *_bounds(words))
    return [KnownPlace(*row) for row in rows]


async def count_places(db: Database, words: Sequence[str], count_max: int) -> int:
    """How many those are, up to a bound."""
    sql = (
        "SELECT COUNT(*) FROM (SELECT p.name_key FROM (" + _found(len(words)) + ") f"
        "" + _JOINED + " LIMIT $1 OFFSET $2) counted"
    )
    return (await db.all_slow(sql, count_max, 0, *_bounds(words)))[0][0]
