"""Embeds in SQL: objects of somewhere else, each known by its type and its name.

Those that an administrator made or changed are kept. All others are there for the media that show
them, and are swept when the last one is gone: who names one holds its row until the commit.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.ids import AccountId, EmbedId
from stonechat.domain.media_links import Embed
from stonechat.storage.database import Database, Reader, Row, Transaction
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.visibility import HIDING_STATES, visible

LISTED_MAX: Final = 10_000
"""Out of so many embeds of a list those are chosen that everybody may know of."""

_COLUMNS: Final[LiteralString] = "SELECT e.id, e.embed_type, e.embed_id, e.url, e.metadata"
_FIND: Final = _COLUMNS + " FROM embeds e WHERE e.id = $1"
_FIND_NAMED: Final = _COLUMNS + " FROM embeds e WHERE e.embed_type = $1 AND e.embed_id = $2"


def _embed(row: Row) -> Embed:
    return Embed(row[0], row[1], row[2], row[3], json.loads(row[4]))


async def find(tx: Reader, embed_id: EmbedId) -> Embed | None:
    """An embed, or None."""
    row = await tx.one(_FIND, embed_id)
    return None if row is None else _embed(row)


_IS_SHOWN: Final = (
    "SELECT 1 FROM embeds e WHERE e.id = $1 AND (e.is_kept = 1"
    " OR EXISTS (SELECT 1 FROM media m WHERE m.embed_id = e.id AND m.account_id = $2)"
    " OR EXISTS (SELECT 1 FROM media m JOIN statuses s ON s.id = m.status_id"
    " AND s.is_collapsed = 0 JOIN accounts a ON a.id = s.account_id"
    " WHERE m.embed_id = e.id AND " + visible("$2") + "))"
)


async def is_shown(tx: Reader, embed_id: EmbedId, viewer_id: AccountId) -> bool:
    """Whether an embed is kept, a medium of the viewer's own, or shown by what they may see."""
    return await tx.one(_IS_SHOWN, embed_id, viewer_id) is not None


_HOLD: Final = "UPDATE embeds SET url = url WHERE id = $1"


async def hold(tx: Transaction, embed_id: EmbedId) -> Embed | None:
    """The same, held until the commit: of two who change parts of it, both are heard."""
    return await find(tx, embed_id) if await tx.run(_HOLD, embed_id) else None


async def find_named(tx: Reader, embed_type: str, name: str) -> Embed | None:
    """An embed by its type and its name, or None."""
    row = await tx.one(_FIND_NAMED, embed_type, name)
    return None if row is None else _embed(row)


class EmbedSearch(NamedTuple):
    """Which embeds are looked for: of a type, of a name, of both, or all of them."""

    embed_type: str | None = None
    name: str | None = None
    is_open: bool = True
    """Those alone that everybody may know of."""

    @property
    def values(self) -> tuple[str, ...]:
        """What the statements are given behind the bounds."""
        return tuple(each for each in (self.embed_type, self.name) if each is not None)


# $1 limit, $2 offset, $3 how many are looked at, then the type and the name.
_WHICH: Final[dict[tuple[bool, bool], LiteralString]] = {
    (True, True): "n.embed_type = $4 AND n.embed_id = $5 ORDER BY n.embed_type, n.embed_id",
    (True, False): "n.embed_type = $4 ORDER BY n.embed_type, n.embed_id",
    (False, True): "n.embed_id = $4 ORDER BY n.embed_id, n.id",
    (False, False): "n.id > 0 ORDER BY n.id",
}
_ORDER: Final[dict[tuple[bool, bool], LiteralString]] = {
    (True, True): "e.id",
    (True, False): "e.embed_id",
    (False, True): "e.id",
    (False, False): "e.id",
}
_IS_OPEN: Final[LiteralString] = (
    # Not EXISTS: PostgreSQL would gather all media that show anything.
    " WHERE e.is_kept = 1 OR (SELECT s.id FROM media m JOIN statuses s ON s.id = m.status_id"
    " AND s.deleted_ms IS NULL AND s.visibility <= 1 AND s.is_collapsed = 0"
    " JOIN accounts a ON a.id = s.account_id AND a.state NOT IN " + HIDING_STATES + ""
    " WHERE m.embed_id = e.id LIMIT 1) IS NOT NULL"
)


@cache
def _search_sql(which: tuple[bool, bool], *, is_open: bool) -> LiteralString:
    return (
        " FROM (SELECT n.id, n.embed_type, n.embed_id, n.url, n.metadata, n.is_kept FROM embeds n"
        " WHERE " + _WHICH[which] + " LIMIT $3) e" + (_IS_OPEN if is_open else "")
    )


def _parts(wanted: EmbedSearch) -> tuple[tuple[bool, bool], LiteralString]:
    which = (wanted.embed_type is not None, wanted.name is not None)
    return which, _search_sql(which, is_open=wanted.is_open)


async def search(db: Database, wanted: EmbedSearch, *, limit: int, offset: int) -> list[Embed]:
    """A part of what is looked for."""
    which, found = _parts(wanted)
    sql = _COLUMNS + found + " ORDER BY " + _ORDER[which] + " LIMIT $1 OFFSET $2"
    rows = await db.all_slow(sql, limit, offset, LISTED_MAX, *wanted.values)
    return [_embed(row) for row in rows]


async def count(db: Database, wanted: EmbedSearch, count_max: int) -> int:
    """How many a search finds, counted up to a bound."""
    sql = "SELECT COUNT(*) FROM (SELECT e.id" + _parts(wanted)[1] + " LIMIT $1 OFFSET $2) counted"
    return (await db.all_slow(sql, count_max, 0, LISTED_MAX, *wanted.values))[0][0]


_INSERT: Final = (
    "INSERT INTO embeds (id, embed_type, embed_id, url, metadata, is_kept)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (embed_type, embed_id) DO NOTHING"
)
_HOLD_NAMED: Final = "UPDATE embeds SET url = url WHERE embed_type = $1 AND embed_id = $2"
_UPDATE: Final = "UPDATE embeds SET url = $2, metadata = $3, is_kept = 1 WHERE id = $1"
_KEEP: Final = "UPDATE embeds SET is_kept = 1 WHERE id = $1"


def _text(metadata: Mapping[str, object]) -> str:
    return json.dumps(dict(metadata), ensure_ascii=False)


async def insert(tx: Transaction, embed: Embed, *, is_kept: bool) -> bool:
    """Write a new embed; False where there is one of that type and name."""
    values = (embed.id, embed.embed_type, embed.embed_id, embed.url, _text(embed.metadata))
    return bool(await tx.run(_INSERT, *values, int(is_kept)))


async def hold_named(tx: Transaction, embed_type: str, name: str) -> Embed | None:
    """An embed by its type and its name, which stays until the commit; or None."""
    is_there = await tx.run(_HOLD_NAMED, embed_type, name)
    return await find_named(tx, embed_type, name) if is_there else None


async def update(tx: Transaction, embed: Embed) -> bool:
    """Say other things of an embed, which is kept from now on; False where there is none."""
    return bool(await tx.run(_UPDATE, embed.id, embed.url, _text(embed.metadata)))


async def keep(tx: Transaction, embed_id: EmbedId) -> bool:
    """Keep an embed, whatever becomes of the media that show it; False where there is none."""
    return bool(await tx.run(_KEEP, embed_id))


_WALK: Final = (
    "SELECT e.id, (SELECT m.id FROM media m WHERE m.embed_id = e.id LIMIT 1) FROM embeds e"
    " WHERE e.is_kept = 0 AND e.id > $1 ORDER BY e.id LIMIT $2"
)


@cache
def _hold_sql(count: int) -> LiteralString:
    return "UPDATE embeds SET url = url WHERE id IN (" + parameters(1, count) + ")"


@cache
def _delete_sql(count: int) -> LiteralString:
    return (
        "DELETE FROM embeds WHERE is_kept = 0 AND (SELECT m.id FROM media m"
        " WHERE m.embed_id = embeds.id LIMIT 1) IS NULL AND id IN (" + parameters(1, count) + ")"
    )


async def delete_unused(tx: Transaction, after: int, limit: int) -> int | None:
    """Take away those of at most IN_MAX embeds behind an id that nothing shows; where to go on.

    None at the end.
    """
    rows = await tx.all(_WALK, after, limit)
    if unused := [row[0] for row in rows if row[1] is None]:
        unused = padded(unused)
        # Held first: whoever has named one of them by now has committed, and the next sees it.
        await tx.run(_hold_sql(len(unused)), *unused)
        await tx.run(_delete_sql(len(unused)), *unused)
    return rows[-1][0] if len(rows) == limit else None
