"""Uploads: from a file that was sent to a medium that a status can show.

A row is written first, with the Idempotency-Key, and names the files before they are stored: what
a crash leaves behind is known, and is swept with its row. A picture is made within the request; a
film is put on a shelf and made by a job. Of many requests with one key one writes the row, and the
others wait for what becomes of it; if nothing does, for its process has died, they do its work with
the file that they have brought along. A key of a failed upload is free again.
"""

import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from stonechat.blobs import formats
from stonechat.blobs.refusals import UNVERIFIED, ensure_size
from stonechat.blobs.spool import working_folder
from stonechat.blobs.store import new_name
from stonechat.domain import limits
from stonechat.domain.ids import AccountId, MediaId
from stonechat.domain.media import (
    ARRIVING,
    AUDIO,
    FAILED,
    GIFV,
    IMAGE,
    PROCESSING,
    UNDER_WAY,
    VIDEO,
    Holder,
    Medium,
    UploadMedia,
)
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import MediaView
from stonechat.kernel.errors import InvalidInput, NotFound, StonechatError, Unavailable
from stonechat.services.env import Env
from stonechat.services.media import FILM, PICTURE, SOURCES, discarding, thumbnail_name
from stonechat.services.once import Kept, unless_kept
from stonechat.services.processing import KEY_KIND, PROCESS_JOB, Task, give_up, make, refuse
from stonechat.storage import accounts, idempotency, media
from stonechat.storage.database import Transaction
from stonechat.storage.jobs import enqueueing
from stonechat.storage.media import Files

JOIN_S_MAX: Final = 30.0
"""So long one waits for what becomes of another request's upload before doing its work."""
FILM_S_MAX: Final = 20.0
"""So long version 1 of the endpoint waits for a film."""
LOOK_S: Final = 0.1
SOURCE_SUFFIX: Final = "src"
_SOUNDS: Final = frozenset({"mp3", "flac", "wav", "aac"})


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was sent, where it lies; and the picture that is to stand for it."""

    path: Path
    size_bytes: int
    thumbnail: Path | None = None
    thumbnail_bytes: int = 0


async def upload_media(env: Env, viewer: Viewer, order: UploadMedia, sent: Sent) -> Medium:
    """Keep a file; the medium is ready if it is a picture, and under way if it is a film."""
    me, key = viewer.account_id, _own_key(order)

    async def begin() -> Task:
        kind, kind_shown = await _examine(sent)
        begun = _begun(env, me, order, kind, kind_shown)
        await env.db.write(lambda tx: _insert(env, tx, begun, key))
        return Task(me, begun.id, kind, begun.source, key)

    begun = await unless_kept(env, viewer, key, begin)
    if isinstance(begun, Kept):
        return await _join(env, me, MediaId(begun.id), key, sent)
    return await _carry_out(env, begun, sent)


async def wait_for_media(env: Env, medium: Medium, within_s: float = FILM_S_MAX) -> Medium:
    """A medium once it is ready, if that is soon; else as it is then."""
    settled = await _settle(env, medium.account_id, medium.id, within_s, waits_for_films=True)
    return _judge(settled)


def _own_key(order: UploadMedia) -> str | None:
    # Clients number their requests: the key of a status may be that of an upload, too.
    return None if order.idempotency_key is None else f"{KEY_KIND}\n{order.idempotency_key}"


async def _examine(sent: Sent) -> tuple[str, str]:
    """What decodes a file, and what it is likely to be shown as; InvalidInput for what is none."""
    head = await asyncio.to_thread(_read_head, sent.path)
    kind, name = formats.kind_of(head), formats.identify(head)
    if kind is None:
        raise InvalidInput(UNVERIFIED, field="file")
    is_likely_to_move = kind != PICTURE
    if name == "gif":
        # Only its last byte tells whether it moves, and making a film of it takes its time.
        kind = FILM
    ensure_size(
        sent.size_bytes,
        limits.MEDIA_IMAGE_BYTES_MAX if kind == PICTURE else limits.MEDIA_FILM_BYTES_MAX,
    )
    ensure_size(sent.thumbnail_bytes, limits.MEDIA_IMAGE_BYTES_MAX)
    if name in _SOUNDS:
        return kind, AUDIO
    if name in formats.PICTURES:
        return kind, GIFV if is_likely_to_move else IMAGE
    return kind, VIDEO


def _read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(formats.HEAD_BYTES)


def _begun(
    env: Env, account_id: AccountId, order: UploadMedia, kind: str, kind_shown: str
) -> Medium:
    view = MediaView(
        id=MediaId(env.ids.next_id()),
        account_id=account_id,
        type=kind_shown,
        file=None,
        preview=None,
        description=order.description or None,
        focus=order.focus,
        meta={},
        blurhash=None,
    )
    is_film = kind != PICTURE
    return Medium(
        view=view,
        state=ARRIVING if is_film else PROCESSING,
        source=new_name(SOURCE_SUFFIX) if is_film else None,
        file_name=None,
        preview_name=None,
        holder=Holder(),
        is_left=False,
    )


async def ensure_room(env: Env, tx: Transaction, me: AccountId) -> None:
    """InvalidInput for an account with too many media that nothing shows; holds its others back."""
    since_ms = env.clock.now_ms() - limits.MEDIA_FREE_HOURS * 3_600_000
    await accounts.lock(tx, me)
    if await media.count_free(tx, me, since_ms) >= limits.MEDIA_FREE_PER_ACCOUNT_MAX:
        raise InvalidInput(
            f"You have {limits.MEDIA_FREE_PER_ACCOUNT_MAX} files that no post shows:"
            " delete some of them, or try again tomorrow"
        )


async def _insert(env: Env, tx: Transaction, begun: Medium, key: str | None) -> None:
    me, now_ms = begun.account_id, env.clock.now_ms()
    await ensure_room(env, tx, me)
    written = [media.inserting(begun.view, begun.state, begun.source)]
    if key is not None:
        kept = idempotency.keeping(me, key, kind=KEY_KIND, result_id=begun.id, now_ms=now_ms)
        written.append(kept)
    await tx.run_all(*written)


async def _carry_out(env: Env, task: Task, sent: Sent) -> Medium:
    try:
        if task.kind == PICTURE:
            async with working_folder(env.settings.data_dir) as folder:
                await make(env, task, sent.path, folder, None)
        else:
            await _submit(env, task, sent)
    except InvalidInput as refusal:
        await refuse(env, task, refusal.message)
        raise
    except StonechatError:
        await give_up(env, task)
        raise
    return _judge(await media.find(env.db, task.account_id, task.media_id))


async def _submit(env: Env, task: Task, sent: Sent) -> None:
    """Put a film where a job will find it, and leave the job."""
    source = task.source
    assert source is not None
    await env.blobs.insert(SOURCES, source, sent.path)
    if sent.thumbnail is not None:
        await env.blobs.insert(SOURCES, thumbnail_name(source), sent.thumbnail)
    payload = asdict(task)
    now_ms = env.clock.now_ms()

    async def work(tx: Transaction) -> None:
        # Of two who have brought the same film one leaves the job.
        if await media.arrive(tx, task.account_id, task.media_id):
            await tx.run_all(enqueueing(env.ids.next_id(), PROCESS_JOB, payload, now_ms))
            return
        found = await media.find(tx, task.account_id, task.media_id)
        if found is None or found.source is None:
            # All was over before the file came to lie there: nobody else would take it away.
            await tx.run_all(*discarding(env, Files((), (source,))))

    await env.db.write(work)
    env.wake_jobs()


async def _join(
    env: Env, account_id: AccountId, media_id: MediaId, key: str | None, sent: Sent
) -> Medium:
    """What becomes of the upload of another request with the same key."""
    found = await _settle(env, account_id, media_id, JOIN_S_MAX, waits_for_films=False)
    if found is None:
        # Either its owner has deleted it, or it has failed for a reason that passes.
        assert key is not None
        if await idempotency.find(env.db, account_id, key, 0) == (KEY_KIND, media_id):
            raise NotFound
        raise Unavailable(reason="the upload that this one repeats has failed")
    if _is_settled(found, waits_for_films=False):
        return _judge(found)
    # Whoever began it is no more.
    kind, _ = await _examine(sent)
    return await _carry_out(env, Task(account_id, media_id, kind, found.source, key), sent)


async def _settle(
    env: Env, account_id: AccountId, media_id: MediaId, within_s: float, *, waits_for_films: bool
) -> Medium | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while True:
                found = await media.find(env.db, account_id, media_id)
                if found is None or _is_settled(found, waits_for_films=waits_for_films):
                    return found
                await asyncio.sleep(LOOK_S)
    return await media.find(env.db, account_id, media_id)


def _is_settled(medium: Medium, *, waits_for_films: bool) -> bool:
    """Whether there is nothing to wait for: a film that is on its shelf is in good hands."""
    is_in_good_hands = medium.state == PROCESSING and medium.source is not None
    return medium.state not in UNDER_WAY or (is_in_good_hands and not waits_for_films)


def _judge(medium: Medium | None) -> Medium:
    if medium is None:
        raise NotFound
    if medium.state == FAILED:
        raise InvalidInput(medium.refusal)
    return medium
