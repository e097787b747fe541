"""Spooling: bodies with files that are too large for memory, written to disk while they arrive.

Whoever may send one is known before the first byte is read, and what all of them together may
take has a bound. So has what one person may take of it, whose slow bodies could hold up everybody
else: those above it wait for their turn, unread. The folder of a body lasts until its request is
answered (`intake.room`); only the files that the operation asks for by name are written at all. A
body that is no multipart is small, and read as everywhere else.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from stonechat.blobs.spool import Growing, working_folder
from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.http.parameters.fields import Fields
from stonechat.http.parameters.multiparts import (
    MultipartReader,
    Piece,
    SpooledUpload,
    claims,
    is_upload,
)
from stonechat.kernel.errors import MalformedRequest, TooLarge, Unavailable

SPOOLED_BODY_BYTES_MAX: Final = limits.MEDIA_FILM_BYTES_MAX + 2 * 1024 * 1024
"""A film, its thumbnail, and words."""
SPOOLED_TEXT_BYTES_MAX: Final = 256 * 1024
"""What is kept in memory of a body: its words."""
UPLOADS_AT_ONCE_MAX: Final = 128
UPLOADS_OF_ONE_AT_ONCE_MAX: Final = 8
UPLOADS_OF_ONE_WAITING_MAX: Final = 64
"""Retries of one upload may well come all at once."""
TURN_S_MAX: Final = 20.0
"""So long an upload waits for others of the same person."""
SPOOLED_BYTES_MAX: Final = 8 * 1024 * 1024 * 1024
"""What all bodies that one process is receiving may take on the disk."""
UPLOAD_S_MAX: Final = 3600.0
"""From the head of a request to the end of its body; one that stalls is given up much sooner."""


class SpooledBody(NamedTuple):
    """What a body held: fields, and files by their field's name."""

    fields: Fields
    files: dict[str, SpooledUpload]


class _Queue:
    """The bodies of one person: those that are received, and those that wait for that."""

    def __init__(self) -> None:
        self.length = 0
        self.places = asyncio.Semaphore(UPLOADS_OF_ONE_AT_ONCE_MAX)

    async def wait(self) -> None:
        try:
            async with asyncio.timeout(TURN_S_MAX):
                await self.places.acquire()
        except TimeoutError as error:
            raise Unavailable(reason="too many uploads of one person at once") from error


class Intake:
    """The bodies that this process is receiving."""

    def __init__(self) -> None:
        self.uploads = 0
        self.size_bytes = 0
        self._queues: dict[AccountId, _Queue] = {}

    @asynccontextmanager
    async def room(self, data_dir: Path, account_id: AccountId) -> AsyncGenerator["Spool"]:
        """A place for one body of a person's; Unavailable where there is none left."""
        async with self._turn(account_id), self._room(data_dir) as room:
            yield room

    @asynccontextmanager
    async def _turn(self, account_id: AccountId) -> AsyncGenerator[None]:
        """One of the places that a person may take; Unavailable where none becomes free."""
        queue = self._queues.setdefault(account_id, _Queue())
        if queue.length >= UPLOADS_OF_ONE_AT_ONCE_MAX + UPLOADS_OF_ONE_WAITING_MAX:
            raise Unavailable(reason="too many uploads of one person at once")
        queue.length += 1
        try:
            await queue.wait()
            try:
                yield
            finally:
                queue.places.release()
        finally:
            queue.length -= 1
            if not queue.length:
                del self._queues[account_id]

    @asynccontextmanager
    async def _room(self, data_dir: Path) -> AsyncGenerator["Spool"]:
        if self.uploads >= UPLOADS_AT_ONCE_MAX:
            raise Unavailable(reason="too many uploads at once")
        self.uploads += 1
        room: Spool | None = None
        try:
            async with working_folder(data_dir) as folder:
                room = Spool(self, folder)
                yield room
        finally:
            self.uploads -= 1
            if room is not None:
                room.close()


intake: Final = Intake()


class Spool:
    """One body on the disk."""

    def __init__(self, intake: Intake, folder: Path) -> None:
        self._intake = intake
        self._folder = folder
        self._size_bytes = 0
        self._number = 0
        self._growing: dict[str, tuple[Piece, Growing]] = {}

    async def receive(
        self, chunks: AsyncIterable[bytes], boundary: str, *, wanted: Collection[str], size_max: int
    ) -> SpooledBody:
        """Take a body apart as it comes, and keep the files whose fields are `wanted`."""
        reader = MultipartReader(boundary, text_bytes_max=SPOOLED_TEXT_BYTES_MAX)
        try:
            async with asyncio.timeout(UPLOAD_S_MAX):
                return await self._receive(chunks, reader, wanted, size_max)
        except TimeoutError as error:
            raise MalformedRequest("The upload took too long") from error

    async def _receive(
        self,
        chunks: AsyncIterable[bytes],
        reader: MultipartReader,
        wanted: Collection[str],
        size_max: int,
    ) -> SpooledBody:
        received = 0
        async for chunk in chunks:
            received += len(chunk)
            if received > size_max:
                raise TooLarge(f"The request body is larger than {size_max} bytes")
            for piece in reader.feed(chunk):
                if piece.name in wanted:
                    await self._keep(piece)
        fields = reader.finish() if received else {}
        files: dict[str, SpooledUpload] = {}
        for name, (piece, file) in self._growing.items():
            await file.finish()
            if is_upload(piece.part, file.size_bytes):
                files[name] = SpooledUpload(file.path, file.size_bytes, *claims(piece.part))
        return SpooledBody(fields, files)

    async def _keep(self, piece: Piece) -> None:
        begun = self._growing.get(piece.name)
        if begun is None or begun[0].part is not piece.part:
            if begun is not None:
                # The last one of a name counts; of those before it nothing is kept.
                begun[1].close()
                begun[1].path.unlink(missing_ok=True)
            self._number += 1
            begun = piece, Growing(self._folder / str(self._number))
            self._growing[piece.name] = begun
        self._count(len(piece.content))
        await begun[1].write(piece.content)

    def _count(self, size_bytes: int) -> None:
        self._size_bytes += size_bytes
        self._intake.size_bytes += size_bytes
        if self._intake.size_bytes > SPOOLED_BYTES_MAX:
            raise Unavailable(reason="the uploads under way are too large")

    def close(self) -> None:
        """Give back what the body took."""
        self._intake.size_bytes -= self._size_bytes
        self._size_bytes = 0
        for _, file in self._growing.values():
            file.close()
