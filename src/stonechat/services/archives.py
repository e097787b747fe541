"""Backup and restore: the whole of a site in one file, the same for both engines.

A backup is a snapshot, taken while the server runs. It holds every row of every table as a line
of JSON, and the files of people; it does not hold the settings, nor uploads that wait to be
processed. A restore replaces all of that in one transaction, beside a running server if there is
one: it is data alone, so nothing in a file that somebody tampered with is ever executed. Files
come first and are never overwritten, for a name always means the same file. Each goes through a
copy on the local disk: whether it lay in a bucket or was deleted meanwhile, no member is half of
it, and no video is ever in memory.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import structlog

from stonechat import __version__
from stonechat.blobs import files
from stonechat.blobs.containers import (
    CHUNK_BYTES,
    FORMAT,
    FORMAT_VERSION,
    Manifest,
    Reader,
    TablePart,
    Writer,
)
from stonechat.blobs.store import BLOB_BYTES_MAX, PASSING, SHELVES, Store, is_name
from stonechat.kernel.clock import Clock
from stonechat.kernel.errors import Conflict, InvalidInput
from stonechat.storage import archives
from stonechat.storage.archives import Table
from stonechat.storage.database import Row, Snapshot, Transaction, WholeDatabase
from stonechat.storage.migrations.runner import current_version

ROWS_AT_ONCE: Final = 500
LINE_BYTES_MAX: Final = 16 << 20
ARCHIVED: Final = tuple(shelf for shelf in SHELVES if shelf not in PASSING)
_TABLES: Final = "tables/"
_LINES: Final = ".jsonl"
_NUL: Final = b"\\u0000"

_log: Final = structlog.stdlib.get_logger()

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much it is in all."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What went into an archive, or came out of one."""

    rows: int
    files: int


class _File(NamedTuple):
    """A file of the store, and a member of an archive."""

    shelf: str
    name: str

    @property
    def member(self) -> str:
        return f"{self.shelf}/{self.name}"


async def back_up(
    db: WholeDatabase, clock: Clock, *, blobs: Store, target: Path, progress: Progress
) -> Contents:
    """Write everything as it is now into `target`, in place of what is there."""
    version = await current_version(db)
    with Writer(target) as writer:
        async with db.snapshot() as snapshot:
            count = await _write_files(writer, blobs, progress)
            tables = await archives.list_tables(snapshot, db.engine)
            parts = [
                await _write_table(writer, snapshot, table, progress) for table in tables.values()
            ]
        manifest = Manifest(
            format=FORMAT,
            format_version=FORMAT_VERSION,
            stonechat=__version__,
            made_ms=clock.now_ms(),
            engine=db.engine,
            schema_version=version.version,
            schema_compatible=version.compatible,
            tables=parts,
            members=writer.members,
        )
        writer.finish(manifest)
    return Contents(sum(part.rows for part in parts), count)


async def _write_files(writer: Writer, blobs: Store, progress: Progress) -> int:
    found = [_File(shelf, name) for shelf in ARCHIVED async for name in blobs.list_names(shelf)]
    count = 0
    with TemporaryDirectory(prefix="stonechat-") as folder:
        copy = Path(folder) / "copy"
        for done, file in enumerate(found, 1):
            # Somebody may have deleted it since the shelf was read.
            if await blobs.fetch(file.shelf, file.name, copy):
                await asyncio.to_thread(writer.write, file.member, _chunks(copy), is_dense=True)
                count += 1
            progress("files", done, len(found))
    return count


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


async def _write_table(
    writer: Writer, snapshot: Snapshot, table: Table, progress: Progress
) -> TablePart:
    total = await archives.count_rows(snapshot, table)
    encode = msgspec.json.Encoder().encode_lines
    member = writer.begin(f"{_TABLES}{table.name}{_LINES}")
    done = 0
    async for batch in snapshot.batches(archives.reading(table), ROWS_AT_ONCE):
        member.write(encode([tuple(row) for row in batch]))
        done += len(batch)
        progress(table.name, done, total)
    member.finish()
    return TablePart(table.name, [column.name for column in table.columns], done)


async def restore(db: WholeDatabase, *, blobs: Store, source: Path, progress: Progress) -> Contents:
    """Put what is in `source` in place of everything that is here."""
    with Reader(source) as reader:
        manifest = reader.manifest
        await _ensure_schema(db, manifest)
        found = _find_files(reader)
        tables = archives.ensure_same(
            await archives.list_tables(db, db.engine),
            [(part.name, part.columns) for part in manifest.tables],
        )
        await _keep_files(reader, blobs, found, progress)
        refill = _Refill(reader, tables, db.engine, progress)
        try:
            await db.write(refill.run)
        except Conflict:
            raise _refuse("a row is in it twice") from None
    contents = Contents(sum(part.rows for part in manifest.tables), len(found))
    _log.info("database.restored", rows=contents.rows, made_ms=manifest.made_ms)
    return contents


async def _ensure_schema(db: WholeDatabase, manifest: Manifest) -> None:
    ours = await current_version(db)
    if (manifest.schema_version, manifest.schema_compatible) != tuple(ours):
        raise _refuse(
            f"it has schema {manifest.schema_version} and this Stonechat {ours.version}; restore it"
            f" with Stonechat {manifest.stonechat}, then start the newer one"
        )


def _find_files(reader: Reader) -> dict[_File, int]:
    """The files in an archive with their sizes; what is neither one nor a table is refused."""
    expected = {f"{_TABLES}{part.name}{_LINES}" for part in reader.manifest.tables}
    found: dict[_File, int] = {}
    for member in reader.manifest.members:
        file = _File(*member.name.partition("/")[::2])
        if file.shelf in ARCHIVED and is_name(file.name):
            if member.size_bytes > BLOB_BYTES_MAX:
                raise _refuse(f"the file {file.name} is too large")
            found[file] = member.size_bytes
        elif member.name in expected:
            expected.remove(member.name)
        else:
            raise _refuse(f"{member.name!r} does not belong into it")
    if expected:
        raise _refuse(f"it lacks {min(expected)!r}")
    return found


async def _keep_files(
    reader: Reader, blobs: Store, found: dict[_File, int], progress: Progress
) -> None:
    with TemporaryDirectory(prefix="stonechat-") as folder:
        copy = Path(folder) / "copy"
        for done, (file, size_bytes) in enumerate(found.items(), 1):
            there = await blobs.find(file.shelf, file.name)
            if there is None or there.size_bytes != size_bytes:
                await asyncio.to_thread(_unpack, reader, file.member, copy)
                await blobs.insert(file.shelf, file.name, copy)
            progress("files", done, len(found))


def _unpack(reader: Reader, member: str, target: Path) -> None:
    with files.making(target) as file:
        for chunk in reader.chunks(member):
            file.write(chunk)


class _Refill:
    """The transaction of a restore. It may be run again, and begins anew then."""

    def __init__(
        self, reader: Reader, tables: list[Table], engine: str, progress: Progress
    ) -> None:
        self._reader = reader
        self._tables = tables
        self._engine = engine
        self._progress = progress

    async def run(self, tx: Transaction) -> None:
        tables = {table.name: table for table in self._tables}
        generation = await archives.empty(tx, self._engine, tables)
        for part in self._reader.manifest.tables:
            await self._fill(tx, tables[part.name], part.rows, generation)
        await archives.keep_generation(tx, generation)
        await archives.analyse(tx, self._engine)

    async def _fill(self, tx: Transaction, table: Table, total: int, generation: int) -> None:
        done = 0
        for lines in _blocks(self._reader.chunks(f"{_TABLES}{table.name}{_LINES}")):
            rows = _rows(table, lines)
            await archives.insert_rows(tx, table, rows, generation)
            done += len(rows)
            self._progress(table.name, done, total)
        if done != total:
            raise _refuse(f"{table.name} has {done} rows instead of {total}")


def _blocks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut between lines."""
    rest = b""
    for chunk in chunks:
        head, newline, tail = (rest + chunk).rpartition(b"\n")
        rest = tail
        if newline:
            yield head + newline
        if len(rest) > LINE_BYTES_MAX:
            raise _refuse("a row in it is too large")
    if rest:
        raise _refuse("its last row is cut off")


_INTEGER: Final = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_TYPES: Final[dict[str, Any]] = {"integer": _INTEGER, "text": str, "bytes": bytes, "number": float}


@cache
def _decoder(table: Table) -> msgspec.json.Decoder[tuple[Any, ...]]:
    types = [
        _TYPES[column.kind] | None if column.is_nullable else _TYPES[column.kind]
        for column in table.columns
    ]
    return msgspec.json.Decoder(tuple[tuple(types)])  # pyright: ignore[reportInvalidTypeArguments] - known only now


def _rows(table: Table, lines: bytes) -> list[Row]:
    try:
        rows: list[Row] = _decoder(table).decode_lines(lines)
    except (msgspec.MsgspecError, UnicodeError):
        raise _refuse(f"a row of {table.name} is not what the table holds") from None
    # PostgreSQL keeps no NUL in a text. The look at the bytes costs nothing, and may be wrong.
    if _NUL in lines and any("\0" in value for row in rows for value in row if type(value) is str):
        raise _refuse(f"a text of {table.name} holds a NUL character")
    return rows


def _refuse(reason: str) -> InvalidInput:
    return InvalidInput(f"The backup cannot be restored: {reason}.")
