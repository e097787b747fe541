"""Embeds in SQL: objects of somewhere else, each known by its type and its name."""

import json
from collections.abc import Mapping
from typing import Final, LiteralString

from stonechat.domain.ids import EmbedId
from stonechat.domain.media_links import Embed
from stonechat.storage.database import Reader, Row, Transaction

_COLUMNS: Final[LiteralString] = "SELECT id, embed_type, embed_id, url, metadata FROM embeds"
_FIND: Final = _COLUMNS + " WHERE id = $1"
_FIND_NAMED: Final = _COLUMNS + " WHERE embed_type = $1 AND embed_id = $2"
_BY_ID: Final[LiteralString] = " ORDER BY id LIMIT $1 OFFSET $2"
_LIST: Final = _COLUMNS + " WHERE id > 0" + _BY_ID
_COUNT: Final = "SELECT COUNT(*) FROM (SELECT 1 FROM embeds WHERE id > 0 LIMIT $1) n"
_LIST_TYPE: Final = (
    _COLUMNS + " WHERE embed_type = $3 ORDER BY embed_type, embed_id LIMIT $1 OFFSET $2"
)
_COUNT_TYPE: Final = "SELECT COUNT(*) FROM (SELECT 1 FROM embeds WHERE embed_type = $2 LIMIT $1) n"
_LIST_NAME: Final = _COLUMNS + " WHERE embed_id = $3 ORDER BY embed_id, id LIMIT $1 OFFSET $2"
_COUNT_NAME: Final = "SELECT COUNT(*) FROM (SELECT 1 FROM embeds WHERE embed_id = $2 LIMIT $1) n"


def _embed(row: Row) -> Embed:
    return Embed(row[0], row[1], row[2], row[3], json.loads(row[4]))


async def find(tx: Reader, embed_id: EmbedId) -> Embed | None:
    """An embed, or None."""
    row = await tx.one(_FIND, embed_id)
    return None if row is None else _embed(row)


_HOLD: Final = "UPDATE embeds SET url = url WHERE id = $1"


async def hold(tx: Transaction, embed_id: EmbedId) -> Embed | None:
    """The same, held until the commit: of two who change parts of it, both are heard."""
    return await find(tx, embed_id) if await tx.run(_HOLD, embed_id) else None


async def find_named(tx: Reader, embed_type: str, name: str) -> Embed | None:
    """An embed by its type and its name, or None."""
    row = await tx.one(_FIND_NAMED, embed_type, name)
    return None if row is None else _embed(row)


async def search(
    tx: Reader, embed_type: str | None, name: str | None, *, limit: int, offset: int
) -> list[Embed]:
    """Embeds of a type, of a name, of both, or all of them."""
    if embed_type is not None and name is not None:
        found = await find_named(tx, embed_type, name)
        return [found] if found is not None and offset == 0 and limit > 0 else []
    if embed_type is not None:
        rows = await tx.all(_LIST_TYPE, limit, offset, embed_type)
    elif name is not None:
        rows = await tx.all(_LIST_NAME, limit, offset, name)
    else:
        rows = await tx.all(_LIST, limit, offset)
    return [_embed(row) for row in rows]


async def count(tx: Reader, embed_type: str | None, name: str | None, count_max: int) -> int:
    """How many a search finds, counted up to a bound."""
    if embed_type is not None and name is not None:
        return int(await find_named(tx, embed_type, name) is not None)
    if embed_type is not None:
        row = await tx.one(_COUNT_TYPE, count_max, embed_type)
    elif name is not None:
        row = await tx.one(_COUNT_NAME, count_max, name)
    else:
        row = await tx.one(_COUNT, count_max)
    assert row is not None
    return int(row[0])


_INSERT: Final = (
    "INSERT INTO embeds (id, embed_type, embed_id, url, metadata) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (embed_type, embed_id) DO NOTHING"
)
_UPDATE: Final = "UPDATE embeds SET url = $2, metadata = $3 WHERE id = $1"


def _text(metadata: Mapping[str, object]) -> str:
    return json.dumps(dict(metadata), ensure_ascii=False)


async def insert(tx: Transaction, embed: Embed) -> bool:
    """Write a new embed; False where there is one of that type and name."""
    values = (embed.id, embed.embed_type, embed.embed_id, embed.url, _text(embed.metadata))
    return bool(await tx.run(_INSERT, *values))


async def update(tx: Transaction, embed: Embed) -> bool:
    """Say other things of an embed; False where there is none."""
    return bool(await tx.run(_UPDATE, embed.id, embed.url, _text(embed.metadata)))
