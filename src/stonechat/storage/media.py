"""Media in SQL: what accounts have uploaded, who holds it, and what is left of it.

A row is written before anything is made of the file, and names its files before they exist, so
that nothing ever lies in a store without a row that knows of it. Whoever takes, names or
finishes a medium lets the row count decide: another one may have been quicker.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, LiteralString, NamedTuple

from stonechat.domain.ids import AccountId, MediaId, StatusId
from stonechat.domain.media import EMBED, READY, Holder, MediaChange, Medium
from stonechat.domain.media_links import link_of
from stonechat.domain.policies import Visibility
from stonechat.domain.views import MediaView
from stonechat.kernel.ids import id_at
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES, visible

REFUSAL: Final = "refusal"
"""Where `meta` has why a medium could not be processed; a medium that could has no such part."""

_COLUMNS: Final[LiteralString] = (
    "m.id, m.account_id, m.type, m.file, m.preview, m.description, m.focus_x, m.focus_y, m.meta,"
    " m.blurhash, m.state, m.source, m.status_id, m.scheduled_id, s.deleted_ms IS NOT NULL"
)
_TABLES: Final[LiteralString] = " FROM media m LEFT JOIN statuses s ON s.id = m.status_id"


def _medium(row: Row) -> Medium:
    meta: dict[str, Any] = json.loads(row[8])
    refusal: str | None = meta.pop(REFUSAL, None)
    is_ready = row[10] == READY
    view = MediaView(
        id=row[0],
        account_id=row[1],
        type=row[2],
        file=row[3] if is_ready else None,
        preview=row[4] if is_ready else None,
        description=row[5],
        focus=None if row[6] is None else (row[6], row[7]),
        meta=meta,
        blurhash=row[9],
    )
    return Medium(
        view=view,
        state=row[10],
        source=row[11],
        file_name=row[3],
        preview_name=row[4],
        holder=Holder(row[12], row[13]),
        is_left=bool(row[14]),
        refusal=refusal,
    )


_FIND: Final = "SELECT " + _COLUMNS + _TABLES + " WHERE m.account_id = $1 AND m.id = $2"


async def find(tx: Reader, account_id: AccountId, media_id: MediaId) -> Medium | None:
    """A medium of an account, or None."""
    row = await tx.one(_FIND, account_id, media_id)
    return None if row is None else _medium(row)


@cache
def _load_sql(count: int) -> LiteralString:
    ids = parameters(2, count)
    return "SELECT " + _COLUMNS + _TABLES + " WHERE m.account_id = $1 AND m.id IN (" + ids + ")"


async def load(tx: Reader, account_id: AccountId, media_ids: Sequence[MediaId]) -> list[Medium]:
    """Those of some media that there are, and are the account's own."""
    ids = padded(media_ids)
    return [_medium(row) for row in await tx.all(_load_sql(len(ids)), account_id, *ids)]


# What is older is swept, so nobody's whole past is counted.
_COUNT_FREE: Final = (
    "SELECT COUNT(*) FROM media WHERE account_id = $1 AND id > $2 AND status_id IS NULL"
    " AND scheduled_id IS NULL AND state <> 'failed'"
)


async def count_free(tx: Reader, account_id: AccountId, since_ms: int) -> int:
    """How much an account has uploaded since a time that nothing holds and that is not refused."""
    row = await tx.one(_COUNT_FREE, account_id, id_at(since_ms))
    assert row is not None
    return int(row[0])


_INSERT: Final = (
    "INSERT INTO media (account_id, id, state, type, source, description, focus_x, focus_y)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)


def inserting(media: MediaView, state: str, source: str | None) -> Statement:
    """The statement that writes a medium that is yet to be processed."""
    x, y = media.focus or (None, None)
    return _INSERT, (
        media.account_id,
        media.id,
        state,
        media.type,
        source,
        media.description or None,
        x,
        y,
    )


_INSERT_LINK: Final = (
    "INSERT INTO media (account_id, id, state, type, description, preview, meta, blurhash,"
    " embed_id) VALUES ($1, $2, 'ready', $3, $4, $5, $6, $7, $8)"
)


def inserting_link(media: MediaView) -> Statement:
    """The statement that writes a medium of which nothing is to be made: it leads somewhere."""
    meta = json.dumps(media.meta, ensure_ascii=False)
    description = media.description or None
    embed = link_of(media).embed if media.type == EMBED else None
    return _INSERT_LINK, (
        media.account_id,
        media.id,
        media.type,
        description,
        media.preview,
        meta,
        media.blurhash,
        None if embed is None else embed.id,
    )


_ARRIVE: Final = (
    "UPDATE media SET state = 'processing' WHERE account_id = $1 AND id = $2 AND state = 'arriving'"
)
_NAME: Final = (
    "UPDATE media SET file = $3, preview = $4 WHERE account_id = $1 AND id = $2"
    " AND state = 'processing' AND file IS NULL"
)
_FINISH: Final = (
    "UPDATE media SET state = 'ready', source = NULL, meta = $4, blurhash = $5,"
    # What stands inside a text stays what it is, whatever was made of the picture.
    " type = CASE WHEN type = 'eimage' THEN type ELSE $3 END"
    " WHERE account_id = $1 AND id = $2 AND state = 'processing'"
)
_REFUSE: Final = (
    "UPDATE media SET state = 'failed', source = NULL, meta = $3"
    " WHERE account_id = $1 AND id = $2 AND state IN ('arriving', 'processing')"
)


async def arrive(tx: Transaction, account_id: AccountId, media_id: MediaId) -> bool:
    """The file is where it can be processed; False where that was so, or all is over."""
    return bool(await tx.run(_ARRIVE, account_id, media_id))


async def name_files(
    tx: Transaction, account_id: AccountId, media_id: MediaId, file: str, preview: str | None
) -> bool:
    """Say how the files will be called; False where that was said, or all is over."""
    return bool(await tx.run(_NAME, account_id, media_id, file, preview))


async def finish(
    tx: Transaction,
    account_id: AccountId,
    media_id: MediaId,
    *,
    kind: str,
    meta: Mapping[str, object],
    blurhash: str | None,
) -> bool:
    """The files are there: the medium is ready. False where somebody else was quicker."""
    text = json.dumps(meta, ensure_ascii=False)
    return bool(await tx.run(_FINISH, account_id, media_id, kind, text, blurhash))


async def refuse(tx: Transaction, account_id: AccountId, media_id: MediaId, refusal: str) -> bool:
    """The medium cannot be processed, and why."""
    text = json.dumps({REFUSAL: refusal}, ensure_ascii=False)
    return bool(await tx.run(_REFUSE, account_id, media_id, text))


_LEFT: Final[LiteralString] = (
    "EXISTS (SELECT 1 FROM statuses s WHERE s.id = media.status_id AND s.deleted_ms IS NOT NULL)"
)
_FREE: Final[LiteralString] = "(status_id IS NULL AND scheduled_id IS NULL OR " + _LEFT + ")"


@cache
def _take_sql(count: int) -> LiteralString:
    return (
        "UPDATE media SET status_id = $2, scheduled_id = $3 WHERE account_id = $1"
        " AND state = 'ready' AND (status_id = $2 OR scheduled_id = $3 OR status_id = $4"
        " OR scheduled_id = $5 OR " + _FREE + ") AND id IN (" + parameters(6, count) + ")"
    )


async def take(
    tx: Transaction,
    account_id: AccountId,
    media_ids: Sequence[MediaId],
    *,
    holder: Holder,
    held: Holder,
) -> int:
    """Give media that are free, or `held` so far, to a holder; how many that were."""
    ids = padded(media_ids)
    return await tx.run(_take_sql(len(ids)), account_id, *holder, *held, *ids)


_LET_GO: Final = "UPDATE media SET scheduled_id = NULL WHERE account_id = $1 AND scheduled_id = $2"


async def let_go(tx: Transaction, account_id: AccountId, scheduled_id: int) -> None:
    """Nobody holds any more what a scheduled status held."""
    await tx.run(_LET_GO, account_id, scheduled_id)


_CHANGE: Final[LiteralString] = (
    "UPDATE media SET description = CASE WHEN $3 = 1 THEN $4 ELSE description END,"
    " focus_x = CASE WHEN $5 = 1 THEN $6 ELSE focus_x END,"
    " focus_y = CASE WHEN $5 = 1 THEN $7 ELSE focus_y END"
    " WHERE account_id = $1 AND id = $2 AND "
)
_CHANGE_FREE: Final = _CHANGE + _FREE
_CHANGE_HELD: Final = _CHANGE + "(status_id = $8 OR " + _FREE + ")"


async def change(
    tx: Transaction,
    account_id: AccountId,
    change: MediaChange,
    status_id: StatusId | None = None,
) -> bool:
    """Describe a medium anew that is free, or that a status holds; False where it is not."""
    x, y = change.focus or (None, None)
    values = (
        account_id,
        change.media_id,
        int(change.description is not None),
        change.description or None,
        int(change.focus is not None),
        x,
        y,
    )
    if status_id is None:
        return bool(await tx.run(_CHANGE_FREE, *values))
    return bool(await tx.run(_CHANGE_HELD, *values, status_id))


_UPDATE_PREVIEW: Final = (
    "UPDATE media SET preview = $3, meta = $4, blurhash = $5"
    " WHERE account_id = $1 AND id = $2 AND state = 'ready'"
)


async def update_preview(tx: Transaction, shown: MediaView) -> bool:
    """Show another picture before a film plays; False where the film is not ready."""
    meta = json.dumps(shown.meta, ensure_ascii=False)
    values = (shown.account_id, shown.id, shown.preview, meta, shown.blurhash)
    return bool(await tx.run(_UPDATE_PREVIEW, *values))


class FoundFiles(NamedTuple):
    """The files of a medium that is ready, and what decides who may have them."""

    names: tuple[str, ...]
    is_owner_active: bool
    visibility: int | None
    """Of the status that shows it; None where there is none, or none any more."""
    is_visible: bool
    """Whether the viewer may see that status."""


_FIND_FILES: Final = (
    "SELECT m.file, m.preview, a.state NOT IN " + HIDING_STATES + ","
    " CASE WHEN s.deleted_ms IS NULL THEN s.visibility END, " + visible("$3") + ""
    " FROM media m JOIN accounts a ON a.id = m.account_id"
    " LEFT JOIN statuses s ON s.id = m.status_id"
    " WHERE m.account_id = $1 AND m.id = $2 AND m.state = 'ready'"
)


async def find_files(
    tx: Reader, account_id: AccountId, media_id: MediaId, viewer_id: AccountId
) -> FoundFiles | None:
    """What there is of a medium, and whether a viewer may see the status that holds it."""
    row = await tx.one(_FIND_FILES, account_id, media_id, viewer_id)
    if row is None:
        return None
    names = tuple(name for name in row[:2] if name is not None)
    return FoundFiles(names, bool(row[2]), row[3], bool(row[4]))


class Shown(NamedTuple):
    """A medium as somebody meets it, and whether everybody may."""

    medium: Medium
    is_public: bool


_FIND_SHOWN: Final = (
    "SELECT " + _COLUMNS + ", CASE WHEN s.deleted_ms IS NULL THEN s.visibility END" + _TABLES + ""
    " JOIN accounts a ON a.id = m.account_id WHERE m.id = $1"
    " AND (m.account_id = $2 OR (m.state = 'ready' AND " + visible("$2") + ""
    # What moderators hid is there for them, and shows nobody else what it has.
    " AND (s.is_collapsed = 0 OR EXISTS (SELECT 1 FROM accounts v WHERE v.id = $2"
    " AND v.role IN ('owner', 'admin', 'moderator')))))"
)


async def find_shown(tx: Reader, media_id: MediaId, viewer_id: AccountId) -> Shown | None:
    """A medium of the viewer's own, or one of a status that they may see; else None."""
    row = await tx.one(_FIND_SHOWN, media_id, viewer_id)
    if row is None:
        return None
    return Shown(_medium(row), row[15] is not None and row[15] <= Visibility.UNLISTED)


_CLICK: Final = "UPDATE media SET clicks = clicks + 1 WHERE account_id = $1 AND id = $2"
_MARK_INLINE: Final = (
    "UPDATE media SET type = 'eimage' WHERE account_id = $1 AND id = $2"
    " AND type IN ('image', 'gifv')"
)


async def count_click(tx: Transaction, account_id: AccountId, media_id: MediaId) -> None:
    """Somebody has followed a medium."""
    await tx.run(_CLICK, account_id, media_id)


def marking_inline(account_id: AccountId, media_id: MediaId) -> Statement:
    """The statement that makes a picture one that stands inside a text."""
    return _MARK_INLINE, (account_id, media_id)


@dataclass(frozen=True, slots=True)
class Files:
    """The files of media that are no more, by their shelves."""

    media: tuple[str, ...]
    uploads: tuple[str, ...]


_RETURNING: Final[LiteralString] = " RETURNING file, preview, source"
_DELETE: Final = "DELETE FROM media WHERE account_id = $1 AND id = $2 AND " + _FREE + _RETURNING
_DELETE_OF_STATUS: Final = "DELETE FROM media WHERE status_id = $1" + _RETURNING
_DELETE_FREE: Final = (
    "DELETE FROM media WHERE (account_id, id) IN (SELECT account_id, id FROM media"
    " WHERE status_id IS NULL AND scheduled_id IS NULL AND id < $1 ORDER BY id LIMIT $2)"
    " AND status_id IS NULL AND scheduled_id IS NULL" + _RETURNING
)
_DELETE_OF_DELETED: Final = (
    "DELETE FROM media WHERE (account_id, id) IN (SELECT m.account_id, m.id FROM statuses s"
    " JOIN media m ON m.status_id = s.id WHERE s.deleted_ms IS NOT NULL AND s.deleted_ms < $1"
    # Somebody may say it again with them while the sweep waits for their rows.
    " LIMIT $2) AND " + _LEFT + _RETURNING
)
_DELETE_OF_ACCOUNT: Final = (
    "DELETE FROM media WHERE account_id = $1 AND id IN (SELECT id FROM media"
    " WHERE account_id = $1 ORDER BY id LIMIT $2)" + _RETURNING
)


def _files(rows: Sequence[Row]) -> Files:
    media = tuple(name for row in rows for name in row[:2] if name is not None)
    return Files(media, tuple(row[2] for row in rows if row[2] is not None))


async def delete(tx: Transaction, account_id: AccountId, media_id: MediaId) -> Files | None:
    """Take away a medium that is free; None where there is no such one, or it is not."""
    rows = await tx.all(_DELETE, account_id, media_id)
    return _files(rows) if rows else None


async def delete_of_status(tx: Transaction, status_id: StatusId) -> Files:
    """Take away all that a status holds."""
    return _files(await tx.all(_DELETE_OF_STATUS, status_id))


async def delete_free(tx: Transaction, before_ms: int, limit: int) -> tuple[Files, int]:
    """Take away what nobody holds and is older than a time, so many at most; and how many."""
    rows = await tx.all(_DELETE_FREE, id_at(before_ms), limit)
    return _files(rows), len(rows)


async def delete_of_deleted(tx: Transaction, before_ms: int, limit: int) -> tuple[Files, int]:
    """Take away what is held by statuses that were deleted before a time; and how many."""
    rows = await tx.all(_DELETE_OF_DELETED, before_ms, limit)
    return _files(rows), len(rows)


async def delete_of_account(
    tx: Transaction, account_id: AccountId, limit: int
) -> tuple[Files, int]:
    """Take away what an account has uploaded, so many at most; and how many."""
    rows = await tx.all(_DELETE_OF_ACCOUNT, account_id, limit)
    return _files(rows), len(rows)
