"""Processing: making the files of a medium, within a request or by a job.

What is made is named in the row before it is stored, so that whatever a crash leaves behind goes
with the row. Two who make the same medium, because one of them was taken for dead, store the same
files under the same names, and the row count says who has finished it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from stonechat.blobs import workshop
from stonechat.blobs.spool import working_folder
from stonechat.blobs.store import new_name
from stonechat.blobs.workshop import Made
from stonechat.domain.ids import AccountId, MediaId
from stonechat.domain.media import UNDER_WAY
from stonechat.kernel.errors import InvalidInput
from stonechat.services.env import Env
from stonechat.services.media import SHELF, SOURCES, discarding, thumbnail_name
from stonechat.storage import idempotency, media
from stonechat.storage.database import Transaction
from stonechat.storage.media import Files
from stonechat.storage.statuses import Statement

PROCESS_JOB: Final = "process_media"
KEY_KIND: Final = "media"
FAILED_PROCESSING: Final = "Error processing thumbnail for uploaded media"


@dataclass(frozen=True, slots=True)
class Task:
    """One medium that is to be made, whoever makes it."""

    account_id: AccountId
    media_id: MediaId
    kind: str
    source: str | None
    """The file on its shelf; None for one that was never put there."""
    key: str | None


async def process_media(env: Env, payload: Mapping[str, object]) -> None:
    """Make a film of what lies on the shelf. Done twice it is done once."""
    task = msgspec.convert(payload, Task)
    assert task.source is not None
    found = await media.find(env.db, task.account_id, task.media_id)
    if found is None or found.state not in UNDER_WAY:
        await env.db.write(lambda tx: tx.run_all(*_discarding_source(env, task)))
        return
    async with working_folder(env.settings.data_dir) as folder:
        source, thumbnail = folder / "source", folder / "thumbnail"
        if not await env.blobs.fetch(SOURCES, task.source, source):
            await refuse(env, task, FAILED_PROCESSING)
            return
        has_thumbnail = await env.blobs.fetch(SOURCES, thumbnail_name(task.source), thumbnail)
        try:
            await make(env, task, source, folder, thumbnail if has_thumbnail else None)
        except InvalidInput as refusal:
            await refuse(env, task, refusal.message)


async def make(env: Env, task: Task, source: Path, folder: Path, thumbnail: Path | None) -> None:
    """Make the files of a medium, store them, and say that it is ready."""
    made = await workshop.make(source, folder, kind=task.kind, thumbnail=thumbnail)
    names = await env.db.write(lambda tx: _name(tx, task, made))
    if names is None:
        return
    for name, file in zip(names, (made.file, made.preview), strict=True):
        if name is not None and file is not None:
            await env.blobs.insert(SHELF, name, file)
    if await env.db.write(lambda tx: _finish(env, tx, task, made)):
        return
    # It was deleted while it was made, when there were no files yet to be deleted with it.
    for name in filter(None, names):
        await env.blobs.delete(SHELF, name)


async def _finish(env: Env, tx: Transaction, task: Task, made: Made) -> bool:
    """Say that a medium is ready, if nobody else has; whether there is such a medium at all."""
    is_finished = await media.finish(
        tx,
        task.account_id,
        task.media_id,
        kind=made.type,
        meta=made.meta,
        blurhash=made.blurhash,
    )
    if is_finished:
        await tx.run_all(*_discarding_source(env, task))
    return is_finished or await media.find(tx, task.account_id, task.media_id) is not None


async def _name(tx: Transaction, task: Task, made: Made) -> tuple[str, str | None] | None:
    """How the files are called; None where nobody needs them any more."""
    file = new_name(made.file.suffix[1:])
    preview = None if made.preview is None else new_name(made.preview.suffix[1:])
    if await media.name_files(tx, task.account_id, task.media_id, file, preview):
        return file, preview
    found = await media.find(tx, task.account_id, task.media_id)
    if found is None or found.state not in UNDER_WAY or found.file_name is None:
        return None
    names = found.file_name, found.preview_name
    if [_suffix(name) for name in names] != [_suffix(file), _suffix(preview)]:
        raise InvalidInput(FAILED_PROCESSING)
    # Somebody was here before, and stored some of them perhaps: the same ones take their place.
    return names


def _suffix(name: str | None) -> str:
    return "" if name is None else name.rpartition(".")[2]


async def refuse(env: Env, task: Task, refusal: str) -> None:
    """Say why a medium cannot be made. Its key is free again."""

    async def work(tx: Transaction) -> None:
        if await media.refuse(tx, task.account_id, task.media_id, refusal):
            await tx.run_all(*_dropping_key(task), *_discarding_source(env, task))

    await env.db.write(work)
    env.wake_jobs()


async def give_up(env: Env, task: Task) -> None:
    """What failed for a reason that passes leaves nothing behind, so that it can be repeated."""

    async def work(tx: Transaction) -> None:
        files = await media.delete(tx, task.account_id, task.media_id)
        if files is not None:
            await tx.run_all(*_dropping_key(task), *discarding(env, files))

    await env.db.write(work)
    env.wake_jobs()


def _dropping_key(task: Task) -> Sequence[Statement]:
    if task.key is None:
        return ()
    return (idempotency.dropping(task.account_id, task.key, (KEY_KIND, task.media_id)),)


def _discarding_source(env: Env, task: Task) -> Sequence[Statement]:
    return () if task.source is None else discarding(env, Files((), (task.source,)))
