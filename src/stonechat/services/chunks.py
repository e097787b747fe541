"""Chunks: taking a file piece by piece, and making a medium of it when all of it is there.

Every piece is in the database before it is answered for, so the next one may come to any process.
Completing goes on where somebody else stopped, and gives one medium however often it is asked for:
a picture by the key that its upload is known by in services/uploads, a document because the
transaction that makes its row names it in the upload, once.

A newcomer gets wrong what a document is: bytes that are kept as they came. Nobody here opens
them, so a file that is anything besides a PDF is refused (domain/chunks.is_pdf).
"""

import asyncio
import hashlib
import os
from pathlib import Path
from typing import Final

from stonechat.blobs import formats
from stonechat.blobs.refusals import UNVERIFIED
from stonechat.blobs.spool import Growing, working_folder
from stonechat.blobs.store import new_name
from stonechat.domain import limits
from stonechat.domain.chunks import (
    PDF_TAIL_BYTES,
    CompleteUpload,
    SendChunk,
    Upload,
    check_chunk,
    check_size,
    is_pdf,
    refuse_place,
    type_of,
)
from stonechat.domain.ids import AccountId, MediaId, UploadId
from stonechat.domain.media import DOCUMENT, INLINE, PROCESSING, READY, Medium, UploadMedia
from stonechat.domain.media_links import MediaLink, meta_of
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import MediaView
from stonechat.kernel.errors import InvalidInput
from stonechat.services import uploads
from stonechat.services.env import Env
from stonechat.services.media import SHELF
from stonechat.storage import accounts, chunks, media
from stonechat.storage.database import Reader, Transaction

CHUNKS_AT_ONCE: Final = 16
ENDED_AT_ONCE: Final = 5
PDF_SUFFIX: Final = "pdf"
NOT_A_PDF: Final = "The file is no PDF, or more than one"


async def send_chunk(env: Env, viewer: Viewer, order: SendChunk) -> Upload:
    """Keep a piece of a file. One that came before is answered like the first time."""
    check_chunk(order.stretch, len(order.content), order.field)
    if order.upload_id is None:
        return await _begin(env, viewer.account_id, order)
    upload_id = order.upload_id
    return await env.db.write(lambda tx: _go_on(env, tx, viewer.account_id, upload_id, order))


async def _begin(env: Env, me: AccountId, order: SendChunk) -> Upload:
    if order.stretch.start != 0:
        raise refuse_place(0)
    now_ms = env.clock.now_ms()
    upload = Upload(
        id=UploadId(env.ids.next_id()),
        account_id=me,
        name=order.name,
        size_bytes=order.stretch.total,
        received_bytes=order.stretch.end,
        expires_ms=now_ms + limits.UPLOAD_HOURS * 3_600_000,
    )

    async def work(tx: Transaction) -> None:
        await accounts.lock(tx, me)
        await chunks.delete_own_ended(tx, me, now_ms, ENDED_AT_ONCE)
        count, announced = await chunks.measure_open(tx, me)
        most = limits.UPLOADED_BYTES_PER_ACCOUNT_MAX
        if count >= limits.UPLOADS_PER_ACCOUNT_MAX or announced + upload.size_bytes > most:
            raise InvalidInput(
                "Too many files are on their way: complete some of them, or try again later",
                field=order.field,
                rule="too_many",
            )
        for sql, values in chunks.inserting(upload, order.field, order.content):
            await tx.run(sql, *values)

    await env.db.write(work)
    return upload


async def _go_on(
    env: Env, tx: Transaction, me: AccountId, upload_id: UploadId, order: SendChunk
) -> Upload:
    upload = await _get(env, tx, me, upload_id)
    stretch = order.stretch
    if stretch.total != upload.size_bytes:
        raise InvalidInput(
            f"The file was announced with {upload.size_bytes} bytes", field="content_range"
        )
    if await chunks.advance(tx, upload, stretch.start, order.content):
        return _at(upload, stretch.end)
    # Somebody has moved it on since it was read, perhaps with this very chunk.
    upload = await _get(env, tx, me, upload_id)
    if upload.media_id is not None:
        # All of it is there, and was found to be what its sender meant.
        return _at(upload, stretch.end)
    if await chunks.find_chunk(tx, upload, stretch.start) != order.content:
        raise refuse_place(upload.received_bytes)
    return _at(upload, stretch.end)


def _at(upload: Upload, received_bytes: int) -> Upload:
    """An upload as the answer to one chunk tells of it."""
    return Upload(
        upload.id,
        upload.account_id,
        upload.name,
        upload.size_bytes,
        received_bytes,
        upload.expires_ms,
        upload.media_id,
    )


async def _get(env: Env, tx: Reader, me: AccountId, upload_id: UploadId) -> Upload:
    upload = await chunks.find(tx, me, upload_id)
    if upload is None:
        raise _no_upload()
    if upload.expires_ms <= env.clock.now_ms():
        raise InvalidInput("The upload has expired", field="upload_id", rule="expired")
    return upload


def _no_upload() -> InvalidInput:
    return InvalidInput("There is no such upload", field="upload_id", rule="does_not_exist")


async def complete_upload(env: Env, viewer: Viewer, order: CompleteUpload) -> Medium:
    """Make a medium of a file that came in pieces; the same one each time."""
    upload = await _get(env, env.db, viewer.account_id, order.upload_id)
    if upload.media_id is not None:
        made = await media.find(env.db, upload.account_id, upload.media_id)
        if made is None:
            raise _no_upload()
        if made.view.type != DOCUMENT or made.state == READY:
            return await _wait(env, made)
    elif not upload.is_whole:
        raise InvalidInput(
            f"{upload.received_bytes} of {upload.size_bytes} bytes have arrived",
            field="upload_id",
            rule="incomplete",
        )
    kind = type_of(order, upload.name)
    check_size(kind, upload.size_bytes)
    async with working_folder(env.settings.data_dir) as folder:
        path = await _assemble(env, upload, folder, order.md5)
        if path is None:
            # Another request has completed it meanwhile, and taken the pieces away.
            return await _find_made(env, upload)
        if kind == DOCUMENT:
            return await _keep_document(env, upload, path)
        return await _keep_picture(env, viewer, upload, kind, path)


async def _find_made(env: Env, upload: Upload) -> Medium:
    after = await chunks.find(env.db, upload.account_id, upload.id)
    media_id = None if after is None else after.media_id
    made = None if media_id is None else await media.find(env.db, upload.account_id, media_id)
    if made is None:
        raise _no_upload()
    return await _wait(env, made)


async def _wait(env: Env, made: Medium) -> Medium:
    return await uploads.wait_for_media(env, made, limits.COMMUNITY_WAIT_SECONDS_MAX)


async def _assemble(env: Env, upload: Upload, folder: Path, md5: str) -> Path | None:
    """The file whole; None where its pieces are there no more, InvalidInput for another MD5."""
    file = Growing(folder / "whole")
    # It says that all has arrived as it was sent, and nothing else.
    digest = hashlib.md5(usedforsecurity=False)
    try:
        while file.size_bytes < upload.size_bytes:
            pieces = await chunks.list_chunks(env.db, upload, file.size_bytes, CHUNKS_AT_ONCE)
            if not pieces:
                return None
            for piece in pieces:
                digest.update(piece)
                await file.write(piece)
        await file.finish()
    finally:
        file.close()
    if digest.hexdigest() != md5:
        raise InvalidInput("The MD5 is not that of what has arrived", field="md5")
    return file.path


async def _keep_picture(env: Env, viewer: Viewer, upload: Upload, kind: str, path: Path) -> Medium:
    head, _ = await asyncio.to_thread(_read_ends, path)
    if formats.identify(head) not in formats.PICTURES:
        raise InvalidInput(UNVERIFIED, field="image")
    # No header can hold a line's end: the key is never spelled like one that a client sends.
    media_order = UploadMedia(idempotency_key=f"chunks\n{upload.id}")
    sent = uploads.Sent(path, upload.size_bytes)
    made = await uploads.upload_media(env, viewer, media_order, sent)

    async def work(tx: Transaction) -> None:
        await chunks.claim(tx, upload, made.id)
        inline = [media.marking_inline(made.account_id, made.id)] if kind == INLINE else []
        for sql, values in (*inline, chunks.deleting_chunks(upload)):
            await tx.run(sql, *values)

    await env.db.write(work)
    found = await media.find(env.db, made.account_id, made.id)
    return await _wait(env, found or made)


async def _keep_document(env: Env, upload: Upload, path: Path) -> Medium:
    head, tail = await asyncio.to_thread(_read_ends, path)
    if not is_pdf(head, tail):
        raise InvalidInput(NOT_A_PDF, field="document")
    media_id = await env.db.write(lambda tx: _claim_document(env, tx, upload))
    names = await env.db.write(lambda tx: _name_document(tx, upload.account_id, media_id))
    if names is not None:
        await env.blobs.insert(SHELF, names, path)
    link = MediaLink(
        title=upload.name or None,
        name=upload.name or None,
        mimetype=formats.DOCUMENT_TYPES[PDF_SUFFIX],
        size_bytes=upload.size_bytes,
    )

    async def work(tx: Transaction) -> None:
        await media.finish(
            tx, upload.account_id, media_id, kind=DOCUMENT, meta=meta_of(link), blurhash=None
        )
        sql, values = chunks.deleting_chunks(upload)
        await tx.run(sql, *values)

    await env.db.write(work)
    return await _find_made(env, upload)


async def _claim_document(env: Env, tx: Transaction, upload: Upload) -> MediaId:
    """The medium that a document becomes; its row is written by whoever is first."""
    media_id = MediaId(env.ids.next_id())
    # Accounts are held before uploads, as by whoever begins one.
    await accounts.lock(tx, upload.account_id)
    if not await chunks.claim(tx, upload, media_id):
        after = await chunks.find(tx, upload.account_id, upload.id)
        if after is None or after.media_id is None:
            raise _no_upload()
        return after.media_id
    await uploads.ensure_room(env, tx, upload.account_id)
    view = MediaView(media_id, upload.account_id, DOCUMENT, None, None, None, None, {}, None)
    sql, values = media.inserting(view, PROCESSING, None)
    await tx.run(sql, *values)
    return media_id


async def _name_document(tx: Transaction, me: AccountId, media_id: MediaId) -> str | None:
    """How the file is called; None where it is stored already, or thrown away again."""
    name = new_name(PDF_SUFFIX)
    if await media.name_files(tx, me, media_id, name, None):
        return name
    found = await media.find(tx, me, media_id)
    return None if found is None or found.state == READY else found.file_name


def _read_ends(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(formats.HEAD_BYTES)
        size_bytes = os.fstat(file.fileno()).st_size
        file.seek(max(0, size_bytes - PDF_TAIL_BYTES))
        return head, file.read(PDF_TAIL_BYTES)
