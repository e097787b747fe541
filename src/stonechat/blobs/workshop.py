"""The workshop: has a file that a stranger sent made into one of ours, by a process of its own.

Nothing of such a file is looked at here but its first bytes, which say to which decoder it goes
(blobs/formats). The process answers with a few numbers and is not believed: its answer is typed,
its files are looked at again, and every sentence is written on this side (blobs/refusals).

A newcomer gets wrong how long it may take: a picture is done in a second or two, a film may need a
quarter of an hour. Whoever waits no longer (a cancelled task) ends the process with it.
"""

import asyncio
import os
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final, NamedTuple

from stonechat.blobs import formats, measures
from stonechat.blobs.answers import Answer
from stonechat.blobs.formats import (
    CONTENT_TYPES,
    HEAD_BYTES,
    PICTURES,
    SUFFIX_FORMATS,
    SUPPORTED_MIME_TYPES,
    kind_of,
)
from stonechat.blobs.processes import Decoder, Order, distrust
from stonechat.blobs.refusals import UNVERIFIED, ensure_size, refuse
from stonechat.domain import limits
from stonechat.kernel.errors import Unavailable

__all__ = ["SUPPORTED_MIME_TYPES", "Made", "content_types", "kind_of", "make"]

PROCESSES_AT_ONCE_MAX: Final = 2
FILMS_AT_ONCE_MAX: Final = 1
"""A film may take long; the other process is left to pictures."""
PICTURES_WAITING_MAX: Final = 32
FILMS_WAITING_MAX: Final = 16

content_types: Final[Mapping[str, str]] = CONTENT_TYPES
"""Every kind of file that is made, by its suffix."""


class Made(NamedTuple):
    """A file of ours, as it is to be kept and shown: its kind is Mastodon's word for it."""

    type: str
    file: Path
    preview: Path | None
    meta: dict[str, object]
    blurhash: str | None


async def make(source: Path, folder: Path, *, kind: str, thumbnail: Path | None = None) -> Made:
    """A file made anew in a folder that exists; InvalidInput for one that is refused.

    A thumbnail is a picture that takes the place of the preview.
    """
    order = await asyncio.to_thread(_order, source, folder, kind, thumbnail)
    return await _lanes[order.kind].run(order)


def _order(source: Path, folder: Path, kind: str, thumbnail: Path | None) -> Order:
    name, looks_like = _identify(source)
    thumbnail_name = ""
    if thumbnail is not None:
        thumbnail_name, _ = _identify(thumbnail)
        if thumbnail_name not in PICTURES:
            raise refuse(UNVERIFIED, "thumbnail")
    # A GIF may turn out to move only after its beginning, and needs the time of a film then.
    is_film = name == "gif" or "film" in (kind, looks_like)
    lane = "film" if is_film else "picture"
    return Order(lane, name, source, folder, thumbnail, thumbnail_name)


def _identify(path: Path) -> tuple[str, str | None]:
    """The format and the kind of a file that may be worked on."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        size_bytes = os.fstat(file.fileno()).st_size
    name = formats.identify(head)
    if name is None:
        raise refuse(UNVERIFIED)
    is_picture = name in PICTURES
    most = limits.MEDIA_IMAGE_BYTES_MAX if is_picture else limits.MEDIA_FILM_BYTES_MAX
    ensure_size(size_bytes, most)
    return name, kind_of(head)


_processes: Final = BoundedSemaphore(PROCESSES_AT_ONCE_MAX)


class _Lane:
    """A thread for each process of a kind that may run, and a bounded queue before them."""

    def __init__(self, kind: str, at_once_max: int, waiting_max: int) -> None:
        self._threads = ThreadPoolExecutor(at_once_max, f"workshop-{kind}")
        self._kind, self._inside, self._inside_max = kind, 0, at_once_max + waiting_max

    async def run(self, order: Order) -> Made:
        if self._inside >= self._inside_max:
            raise Unavailable(reason=f"too many files wait to be processed: {self._kind}")
        self._inside += 1
        decoder = Decoder(order)
        try:
            return await asyncio.wrap_future(self._threads.submit(_run, decoder, order.folder))
        finally:
            # Whoever was cancelled leaves no process behind.
            decoder.stop()
            self._inside -= 1


def _run(decoder: Decoder, folder: Path) -> Made:
    stem = secrets.token_hex(8)
    file, preview = folder / f"{stem}.part", folder / f"{stem}-preview.part"
    try:
        with _processes:
            answer = decoder.run(file, preview)
        return _collect(answer, file, preview)
    finally:
        file.unlink(missing_ok=True)
        preview.unlink(missing_ok=True)


def _collect(answer: Answer, file: Path, preview: Path) -> Made:
    """Give what was made its suffixes, if it is what the answer says."""
    made, shown = answer.still or answer.film, answer.preview
    kind = _type_of(answer)
    if kind is None or made is None or not _is_so(file, made.suffix):
        raise distrust()
    if shown is not None and not _is_so(preview, shown.suffix):
        raise distrust()
    meta = measures.of_answer(answer, file.stat().st_size)
    place = file.rename(file.with_suffix(f".{made.suffix}"))
    preview_place = shown and preview.rename(preview.with_suffix(f".{shown.suffix}"))
    return Made(kind, place, preview_place, meta, answer.blurhash)


def _type_of(answer: Answer) -> str | None:
    """Mastodon's word for what was made; None for an answer that contradicts itself."""
    film, is_shown = answer.film, answer.preview is not None
    if is_shown != (answer.blurhash is not None) or (film is None) == (answer.still is None):
        return None
    if film is None:
        return "image" if is_shown else None
    if film.motion is None:
        return "audio" if film.sound is not None and film.suffix != "mp4" else None
    if not is_shown or film.suffix != "mp4":
        return None
    return "gifv" if film.loops else "video"


def _is_so(path: Path, suffix: str) -> bool:
    """Whether a file begins as files of that kind do."""
    with path.open("rb") as file:
        return formats.identify(file.read(HEAD_BYTES)) == SUFFIX_FORMATS[suffix]


_lanes: Final[Mapping[str, _Lane]] = {
    "picture": _Lane("picture", PROCESSES_AT_ONCE_MAX, PICTURES_WAITING_MAX),
    "film": _Lane("film", FILMS_AT_ONCE_MAX, FILMS_WAITING_MAX),
}
