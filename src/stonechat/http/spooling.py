"""Spooling: bodies with files that are too large for memory, written to disk while they arrive.

Whoever may send one is known before the first byte is read, and what all of them together may
take has a bound. The folder of a body lasts until its request is answered (`intake.room`); only
the files that the operation asks for by name are written at all. A body that is no multipart is
small, and read as everywhere else.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from stonechat.blobs.spool import Growing, working_folder
from stonechat.domain import limits
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
SPOOLED_BYTES_MAX: Final = 8 * 1024 * 1024 * 1024
"""What all bodies that one process is receiving may take on the disk."""
UPLOAD_S_MAX: Final = 3600.0
"""From the head of a request to the end of its body; one that stalls is given up much sooner."""


class SpooledBody(NamedTuple):
    """What a body held: fields, and files by their field's name."""

    fields: Fields
    files: dict[str, SpooledUpload]


class Intake:
    """The bodies that this process is receiving."""

    def __init__(self) -> None:
        self.uploads = 0
        self.size_bytes = 0

    @asynccontextmanager
    async def room(self, data_dir: Path) -> AsyncGenerator["Spool"]:
        """A place for one body; Unavailable where there is none left."""
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
