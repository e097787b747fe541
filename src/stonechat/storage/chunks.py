"""Chunks in SQL: files that come in pieces, until all of each is there.

The pieces lie in the database, so that any process can take the next one. Two that bring the same
piece at once let the row count decide: `advance` moves an upload on from one place only.
"""

from typing import Final, LiteralString

from stonechat.domain.chunks import Upload
from stonechat.domain.ids import AccountId, MediaId, UploadId
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.statuses import Statement

_COLUMNS: Final[LiteralString] = (
    "id, account_id, name, size_bytes, received_bytes, expires_ms, media_id"
)
_FIND: Final = "SELECT " + _COLUMNS + " FROM uploads WHERE account_id = $1 AND id = $2"


async def find(tx: Reader, account_id: AccountId, upload_id: UploadId) -> Upload | None:
    """An upload of an account, or None."""
    row = await tx.one(_FIND, account_id, upload_id)
    return None if row is None else Upload(*row)


_MEASURE: Final = (
    "SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM uploads WHERE account_id = $1"
    " AND media_id IS NULL"
)


async def measure_open(tx: Reader, account_id: AccountId) -> tuple[int, int]:
    """How many uploads of an account are not complete, and how many bytes they announce."""
    row = await tx.one(_MEASURE, account_id)
    assert row is not None
    return int(row[0]), int(row[1])


_INSERT: Final = (
    "INSERT INTO uploads (account_id, id, field, name, size_bytes, received_bytes, expires_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
)
_INSERT_CHUNK: Final = (
    "INSERT INTO upload_chunks (account_id, upload_id, start_bytes, content)"
    " VALUES ($1, $2, $3, $4)"
)


def inserting(upload: Upload, field: str, content: bytes) -> list[Statement]:
    """The statements that write a new upload with its first piece."""
    return [
        (
            _INSERT,
            (
                upload.account_id,
                upload.id,
                field,
                upload.name,
                upload.size_bytes,
                upload.received_bytes,
                upload.expires_ms,
            ),
        ),
        (_INSERT_CHUNK, (upload.account_id, upload.id, 0, content)),
    ]


_ADVANCE: Final = (
    "UPDATE uploads SET received_bytes = $4 WHERE account_id = $1 AND id = $2"
    " AND received_bytes = $3 AND media_id IS NULL"
)


async def advance(tx: Transaction, upload: Upload, start: int, content: bytes) -> bool:
    """Add a piece that follows what is there; False where it follows no more."""
    key = (upload.account_id, upload.id, start)
    if not await tx.run(_ADVANCE, *key, start + len(content)):
        return False
    await tx.run(_INSERT_CHUNK, *key, content)
    return True


_FIND_CHUNK: Final = (
    "SELECT content FROM upload_chunks WHERE account_id = $1 AND upload_id = $2"
    " AND start_bytes = $3"
)
_LIST_CHUNKS: Final = (
    "SELECT content FROM upload_chunks WHERE account_id = $1 AND upload_id = $2"
    " AND start_bytes >= $3 ORDER BY start_bytes LIMIT $4"
)


async def find_chunk(tx: Reader, upload: Upload, start: int) -> bytes | None:
    """The piece that begins at a place, or None."""
    row = await tx.one(_FIND_CHUNK, upload.account_id, upload.id, start)
    return None if row is None else row[0]


async def list_chunks(tx: Reader, upload: Upload, start: int, limit: int) -> list[bytes]:
    """So many pieces at most from a place on, in their order."""
    rows = await tx.all(_LIST_CHUNKS, upload.account_id, upload.id, start, limit)
    return [row[0] for row in rows]


_CLAIM: Final = (
    "UPDATE uploads SET media_id = $3 WHERE account_id = $1 AND id = $2 AND media_id IS NULL"
)
_DELETE_CHUNKS: Final = "DELETE FROM upload_chunks WHERE account_id = $1 AND upload_id = $2"
_DELETE: Final = "DELETE FROM uploads WHERE account_id = $1 AND id = $2"


async def claim(tx: Transaction, upload: Upload, media_id: MediaId) -> bool:
    """Say what becomes of an upload; False where that was said."""
    return bool(await tx.run(_CLAIM, upload.account_id, upload.id, media_id))


def deleting_chunks(upload: Upload) -> Statement:
    """The statement that takes the pieces away which nobody needs any more."""
    return _DELETE_CHUNKS, (upload.account_id, upload.id)


_LIST_ENDED: Final = "SELECT account_id, id FROM uploads WHERE expires_ms < $1 LIMIT $2"
_LIST_OWN_ENDED: Final = (
    "SELECT account_id, id FROM uploads WHERE account_id = $1 AND expires_ms < $2 LIMIT $3"
)
_LIST_OF_ACCOUNT: Final = "SELECT account_id, id FROM uploads WHERE account_id = $1 LIMIT $2"


async def delete_ended(tx: Transaction, now_ms: int, limit: int) -> int:
    """Take away uploads whose time is over, so many at most; how many."""
    return await _delete_all(tx, await tx.all(_LIST_ENDED, now_ms, limit))


async def delete_own_ended(tx: Transaction, account_id: AccountId, now_ms: int, limit: int) -> int:
    """The same of one account."""
    return await _delete_all(tx, await tx.all(_LIST_OWN_ENDED, account_id, now_ms, limit))


async def delete_of_account(tx: Transaction, account_id: AccountId, limit: int) -> int:
    """Take away what an account has on its way, so many at most; how many."""
    return await _delete_all(tx, await tx.all(_LIST_OF_ACCOUNT, account_id, limit))


async def _delete_all(tx: Transaction, rows: list[Row]) -> int:
    for account_id, upload_id in rows:
        await tx.run(_DELETE_CHUNKS, account_id, upload_id)
        await tx.run(_DELETE, account_id, upload_id)
    return len(rows)
