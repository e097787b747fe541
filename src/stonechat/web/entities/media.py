"""Media: pictures, films and sounds as a page shows them.

The addresses are paths on this server without any seal: what is not for everybody has no address
that would do, and stands on no page. What a browser shows first is the preview; a small picture
has none and is its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from stonechat.blobs.formats import CONTENT_TYPES
from stonechat.domain.media import AUDIO, GIFV, IMAGE, VIDEO
from stonechat.domain.views import MediaView

UNKNOWN_TYPE: Final = "application/octet-stream"
_ONE_AND_MANY: Final[Mapping[str, tuple[str, str]]] = {
    IMAGE: ("a picture", "pictures"),
    GIFV: ("an animation", "animations"),
    VIDEO: ("a video", "videos"),
    AUDIO: ("a recording", "recordings"),
}
_SECONDS_PER_MINUTE: Final = 60


class File(NamedTuple):
    """One file of a medium. The measures are None where it is only to be heard."""

    path: str
    content_type: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A picture, film or sound. `kind` is image, gifv, video or audio."""

    kind: str
    file: File
    shown: File | None
    """The picture to look at first; None for a sound without one."""
    description: str
    name: str
    """What it is called by whoever cannot see it: as described, or by its kind."""
    length: str
    """`1:05`, or nothing."""


def present_media(media: MediaView) -> Exhibit | None:
    """Something to look at or to listen to; None without a file."""
    if media.file is None:
        return None
    file = _file(media, media.file, "original")
    shown = None if media.preview is None else _file(media, media.preview, "small")
    if shown is None and media.type == IMAGE:
        shown = file
    return Exhibit(
        kind=media.type,
        file=file,
        shown=shown,
        description=media.description or "",
        name=media.description or f"{count_media([media]).capitalize()} without a description",
        length=_length(media),
    )


def count_media(media: Iterable[MediaView]) -> str:
    """`a video`, `2 pictures`, `a picture, an animation`."""
    counts: dict[str, int] = {}
    for each in media:
        counts[each.type] = counts.get(each.type, 0) + 1
    return ", ".join(
        _ONE_AND_MANY[kind][0] if count == 1 else f"{count} {_ONE_AND_MANY[kind][1]}"
        for kind, count in counts.items()
    )


def _file(media: MediaView, name: str, measured: str) -> File:
    measures = cast("Mapping[str, object]", media.meta.get(measured) or {})
    width, height = measures.get("width"), measures.get("height")
    return File(
        f"/media/{media.account_id}/{media.id}/{name}",
        CONTENT_TYPES.get(name.rpartition(".")[2], UNKNOWN_TYPE),
        width if isinstance(width, int) else None,
        height if isinstance(height, int) else None,
    )


def _length(media: MediaView) -> str:
    seconds = media.meta.get("duration")
    if not isinstance(seconds, float | int):
        return ""
    minutes, rest = divmod(round(seconds), _SECONDS_PER_MINUTE)
    return f"{minutes}:{rest:02}"
