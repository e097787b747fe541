"""Media: what one has uploaded, read, described anew and thrown away; and the files themselves.

How a medium comes to be is in services/uploads, how a status takes it in services/attachments.
Files are deleted by a job, which the transaction leaves that takes their rows away: whatever
happens afterwards, no file stays that nobody knows of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import msgspec

from stonechat.blobs import workshop
from stonechat.blobs.spool import working_folder
from stonechat.blobs.store import Blob, new_name
from stonechat.blobs.workshop import Made
from stonechat.domain import limits
from stonechat.domain.ids import NOBODY, AccountId, MediaId
from stonechat.domain.media import ATTACHMENTS, FAILED, FILMS, MediaChange, Medium
from stonechat.domain.policies import Visibility
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.secrets import is_same
from stonechat.services.env import Env
from stonechat.storage import chunks, jobs, media
from stonechat.storage.database import Transaction
from stonechat.storage.media import Files
from stonechat.storage.statuses import Statement

SHELF: Final = "media"
SOURCES: Final = "uploads"
"""The shelf of files as they came."""
DISCARD_JOB: Final = "discard_files"
THUMBNAIL_SUFFIX: Final = ".thumb"
PICTURE: Final = "picture"
FILM: Final = "film"
"""Which of the two decoders gets a file."""
ROWS_AT_ONCE: Final = 200
UPLOADS_AT_ONCE: Final = 5
"""Each may be hundreds of pieces."""
UNNAMED_MS: Final = 3_600_000
"""So long a file that is stored already may wait for the row that is to name it."""
UNFINISHED: Final = "Cannot change files that have not finished processing. Try again in a moment!"


async def see_media(env: Env, viewer: Viewer, media_id: MediaId) -> Medium:
    """A medium of the viewer's own that no status holds; anything else is not found."""
    found = await media.find(env.db, viewer.account_id, media_id)
    if found is None or not found.is_free or found.view.type not in ATTACHMENTS:
        raise NotFound
    if found.state == FAILED:
        raise InvalidInput(found.refusal)
    return found


async def change_media(
    env: Env, viewer: Viewer, change: MediaChange, thumbnail: Path | None
) -> Medium:
    """Describe a medium anew, or give a film another picture to be shown before it plays."""
    before = await see_media(env, viewer, change.media_id)
    if thumbnail is None or before.view.type not in FILMS:
        return await env.db.write(lambda tx: _change(tx, viewer, change))
    async with working_folder(env.settings.data_dir) as folder:
        made = await workshop.make(thumbnail, folder, kind=PICTURE)
        picture = made.preview or made.file
        name = new_name(picture.suffix[1:])
        await store_unnamed(env, name, picture)
        changed = await env.db.write(
            lambda tx: _change_preview(env, tx, viewer, change, (name, made))
        )
    env.wake_jobs()
    return changed


async def _change(tx: Transaction, viewer: Viewer, change: MediaChange) -> Medium:
    # The row is ours from here on, so what is read of it is what will be replaced.
    if not await media.change(tx, viewer.account_id, change):
        raise NotFound
    changed = await media.find(tx, viewer.account_id, change.media_id)
    assert changed is not None
    return changed


async def _change_preview(
    env: Env, tx: Transaction, viewer: Viewer, change: MediaChange, shown: tuple[str, Made]
) -> Medium:
    before, (name, made) = await _change(tx, viewer, change), shown
    small = made.meta.get("small") or made.meta["original"]
    view = replace(
        before.view,
        preview=name,
        meta={**before.view.meta, "small": small},
        blurhash=made.blurhash,
    )
    if not await media.update_preview(tx, view):
        raise InvalidInput(UNFINISHED)
    old = () if before.preview_name is None else (before.preview_name,)
    await tx.run_all(naming(name), *discarding(env, Files(old, ())))
    return replace(before, view=view, preview_name=name)


async def store_unnamed(env: Env, name: str, file: Path) -> None:
    """Store a file that no row names yet: unless one soon does, it is taken away again.

    Whoever names it runs `naming` in the same transaction.
    """
    unnamed = discarding(env, Files((name,), ()), after_ms=UNNAMED_MS, once_key=_unnamed_key(name))
    await env.db.write(lambda tx: tx.run_all(*unnamed))
    await env.blobs.insert(SHELF, name, file)


def naming(name: str) -> Statement:
    """The statement by which a file stays that `store_unnamed` has stored."""
    return jobs.dropping(_unnamed_key(name))


def _unnamed_key(name: str) -> str:
    return f"preview:{name}"


async def delete_media(env: Env, viewer: Viewer, media_id: MediaId) -> None:
    """Throw a medium away that no status holds."""
    me = viewer.account_id

    async def work(tx: Transaction) -> None:
        files = await media.delete(tx, me, media_id)
        if files is None:
            if await media.find(tx, me, media_id) is None:
                raise NotFound
            raise InvalidInput("Media attachment is currently used by a status")
        await tx.run_all(*discarding(env, files))

    await env.db.write(work)
    env.wake_jobs()


def discarding(
    env: Env, files: Files, *, after_ms: int = 0, once_key: str | None = None
) -> Sequence[Statement]:
    """The statements that leave the work of deleting files; none where there are none."""
    if files == Files((), ()):
        return ()
    run_ms = env.clock.now_ms() + after_ms
    return (jobs.enqueueing(env.ids.next_id(), DISCARD_JOB, asdict(files), run_ms, once_key),)


async def discard_files(env: Env, payload: Mapping[str, object]) -> None:
    """Delete files whose rows are gone."""
    files = msgspec.convert(payload, Files)
    for name in files.media:
        await env.blobs.delete(SHELF, name)
    for name in files.uploads:
        await env.blobs.delete(SOURCES, name)
        await env.blobs.delete(SOURCES, thumbnail_name(name))


def thumbnail_name(source: str) -> str:
    """What the thumbnail is called that came along with a file."""
    return source.partition(".")[0] + THUMBNAIL_SUFFIX


async def check_file(
    env: Env, account_id: AccountId, media_id: MediaId, name: str, seal: str
) -> bool:
    """NotFound unless whoever holds an address may have its file now; whether everybody may.

    What a public status shows is for everybody. Of anything else the address needs the seal of
    somebody who may see the status, or of the owner where no status shows it. One statement.
    """
    viewer_id = AccountId(env.seals.open(seal, name) or NOBODY)
    found = await media.find_files(env.db, account_id, media_id, viewer_id)
    if found is None or not any(is_same(name, each) for each in found.names):
        raise NotFound
    if found.visibility is None:
        may_have, is_public = viewer_id == account_id and found.is_owner_active, False
    else:
        is_public = found.visibility <= Visibility.UNLISTED
        may_have = found.is_visible and (is_public or viewer_id != NOBODY)
    if not may_have:
        raise NotFound
    return is_public


async def open_file(env: Env, name: str) -> Blob:
    """The bytes of a file; NotFound where it was deleted a moment ago."""
    blob = await env.blobs.find(SHELF, name)
    if blob is None:
        raise NotFound
    return blob


async def sweep(env: Env, tx: Transaction, *, now_ms: int, rows_max: int) -> bool:
    """Take away what nobody has held for a day, and what statuses held that were deleted long ago.

    Whether there may be more of it.
    """
    free_ms = now_ms - limits.MEDIA_FREE_HOURS * 3_600_000
    deleted_ms = now_ms - limits.DELETED_STATUS_DAYS * 86_400_000
    free, free_count = await media.delete_free(tx, free_ms, rows_max)
    left, left_count = await media.delete_of_deleted(tx, deleted_ms, rows_max)
    files = Files(free.media + left.media, free.uploads + left.uploads)
    await tx.run_all(*discarding(env, files))
    return max(free_count, left_count) == rows_max


async def delete_all(env: Env, account_id: AccountId) -> None:
    """Take away all that an account has ever uploaded."""

    async def work(tx: Transaction) -> int:
        files, count = await media.delete_of_account(tx, account_id, ROWS_AT_ONCE)
        await tx.run_all(*discarding(env, files))
        return count

    while await env.db.write(work) == ROWS_AT_ONCE:
        pass
    while await env.db.write(lambda tx: chunks.delete_of_account(tx, account_id, UPLOADS_AT_ONCE)):
        pass
    env.wake_jobs()
