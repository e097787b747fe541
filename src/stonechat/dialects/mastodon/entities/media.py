"""MediaAttachment: a picture, film or sound, as its uploader and the readers of a status see it.

The addresses of what is not for everybody end in a mark, which the renderer replaces by the
viewer's seal (kernel/seals): whoever sends a presented attachment out must have done that.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from stonechat.dialects.mastodon.entities.accounts import Site
from stonechat.domain.media import IMAGE
from stonechat.domain.views import MediaView
from stonechat.kernel.seals import MARK

FILES: Final = "media"
"""The first step of the path of every file."""


class MediaAttachment(msgspec.Struct, frozen=True):
    """Mastodon's MediaAttachment. `url` is null until the file was processed."""

    id: str
    type: str
    url: str | None
    preview_url: str | None
    remote_url: None
    preview_remote_url: None
    text_url: None
    meta: Mapping[str, object] | None
    description: str | None
    blurhash: str | None


def present_media(media: MediaView, site: Site, *, is_sealed: bool) -> MediaAttachment:
    """A medium on the wire; `is_sealed` where not everybody may see it."""
    preview = media.preview
    if preview is None and media.type == IMAGE:
        # A small picture is its own preview.
        preview = media.file
    return MediaAttachment(
        id=str(media.id),
        type=media.type,
        url=file_url(media, media.file, site, is_sealed=is_sealed),
        preview_url=file_url(media, preview, site, is_sealed=is_sealed),
        remote_url=None,
        preview_remote_url=None,
        text_url=None,
        meta=_meta(media),
        description=media.description,
        blurhash=media.blurhash,
    )


def file_url(media: MediaView, name: str | None, site: Site, *, is_sealed: bool) -> str | None:
    """Where one of the files of a medium is; None where there is none."""
    if name is None:
        return None
    url = f"{site.base_url}/{FILES}/{media.account_id}/{media.id}/{name}"
    return url + MARK if is_sealed else url


def _meta(media: MediaView) -> Mapping[str, object] | None:
    """The measures, with the point that is to stay visible; null where nothing is known."""
    meta = dict(media.meta)
    if media.focus is not None:
        meta["focus"] = {"x": media.focus[0], "y": media.focus[1]}
    return meta or None
