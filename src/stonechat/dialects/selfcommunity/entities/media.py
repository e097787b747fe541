"""Media: what a contribution carries, as the vendor's Media and Embed.

The addresses of what is not for everybody end in a mark, as in the other dialects: whoever sends a
presented medium out lets the viewer's seal take its place (kernel/seals). Films and sounds, which
this dialect's clients cannot upload, are shown as pages that play something; so is the card that
a status of another dialect has. A newcomer gets wrong `image`: of a picture it is the picture, of
everything else what is shown in its stead, and a small picture is its own thumbnail.
"""

from collections.abc import Mapping, Sequence
from typing import Final, cast

import msgspec

from stonechat.blobs.formats import CONTENT_TYPES
from stonechat.dialects.selfcommunity.entities.times import instant
from stonechat.domain.ids import EmbedId, MediaId, StatusId
from stonechat.domain.media import AUDIO, DOCUMENT, GIFV, IMAGE, INLINE, URL, VIDEO
from stonechat.domain.media_links import PAGE, Embed, link_of, link_to_page
from stonechat.domain.views import CardView, MediaView
from stonechat.kernel.ids import ms_of_id
from stonechat.kernel.seals import MARK

FILES: Final = "media"
CARDS: Final = "cards"
PICTURES: Final = frozenset({IMAGE, GIFV, INLINE})
PLAYED: Final = frozenset({VIDEO, AUDIO})


class Thumbnail(msgspec.Struct, frozen=True):
    """A smaller picture."""

    url: str
    width: int
    height: int


class EmbedEntity(msgspec.Struct, frozen=True):
    """The vendor's Embed."""

    id: int
    embed_type: str
    embed_id: str
    url: str | None
    metadata: Mapping[str, object]


class Media(msgspec.Struct, frozen=True):
    """The vendor's Media."""

    id: int
    added_at: str
    type: str
    title: str | None
    description: str | None
    url: str | None
    image: str | None
    image_width: int | None
    image_height: int | None
    order: int
    embed: EmbedEntity | None
    image_thumbnail: Thumbnail | None
    image_mimetype: str | None
    size: int | None
    mimetype: str | None


class ChunkAnswer(msgspec.Struct, frozen=True):
    """How far an upload has come."""

    upload_id: str
    offset: int
    expires: str


def present_embed(embed: Embed) -> EmbedEntity:
    """An embed on the wire."""
    return EmbedEntity(embed.id, embed.embed_type, embed.embed_id, embed.url, embed.metadata)


def present_media(view: MediaView, base_url: str, *, is_sealed: bool, order: int = 0) -> Media:
    """A medium on the wire; `is_sealed` where not everybody may see it."""
    if view.type in PICTURES:
        return _present_picture(view, base_url, is_sealed=is_sealed, order=order)
    if view.type in PLAYED:
        return _present_played(view, base_url, is_sealed=is_sealed, order=order)
    return _present_link(view, base_url, is_sealed=is_sealed, order=order)


def present_card_media(card: CardView, status_id: StatusId, base_url: str, order: int = 0) -> Media:
    """The card of a status of another dialect, as a medium of the status's own id."""
    link, description = link_to_page(MediaId(status_id), card.url, card)
    image = None if card.image is None else f"{base_url}/{CARDS}/{card.image}"
    assert link.embed is not None
    return Media(
        id=status_id,
        added_at=instant(ms_of_id(status_id)),
        type=URL,
        title=link.title,
        description=description,
        url=card.url,
        image=image,
        image_width=card.width if image else None,
        image_height=card.height if image else None,
        order=order,
        embed=_with_images(link.embed, image),
        image_thumbnail=None if image is None else Thumbnail(image, card.width, card.height),
        image_mimetype=None if card.image is None else _mimetype(card.image),
        size=None,
        mimetype=None,
    )


def present_all_media(
    media: Sequence[MediaView],
    card: CardView | None,
    status_id: StatusId,
    base_url: str,
    *,
    is_sealed: bool,
) -> list[Media]:
    """All that a status carries, in its order; a card comes last."""
    shown = [
        present_media(each, base_url, is_sealed=is_sealed, order=order)
        for order, each in enumerate(media)
    ]
    if card is not None:
        shown.append(present_card_media(card, status_id, base_url, len(shown)))
    return shown


def _present_picture(view: MediaView, base_url: str, *, is_sealed: bool, order: int) -> Media:
    """A picture, or the first frame of one that moves: `url` is then the film itself."""
    shown, part = view.file, "original"
    if view.type != IMAGE and view.preview is not None and _mimetype(shown) == "video/mp4":
        shown, part = view.preview, "small"
    width, height = _measures(view, part)
    return Media(
        id=view.id,
        added_at=instant(ms_of_id(view.id)),
        type=INLINE if view.type == INLINE else IMAGE,
        title=None,
        description=view.description,
        url=_file_url(view, view.file, base_url, is_sealed=is_sealed),
        image=_file_url(view, shown, base_url, is_sealed=is_sealed),
        image_width=width,
        image_height=height,
        order=order,
        embed=None,
        image_thumbnail=_thumbnail(view, base_url, is_sealed=is_sealed),
        image_mimetype=_mimetype(shown),
        size=None,
        mimetype=_mimetype(view.file),
    )


def _present_played(view: MediaView, base_url: str, *, is_sealed: bool, order: int) -> Media:
    """A film or a sound: a page of the type `video` or `audio`."""
    url = _file_url(view, view.file, base_url, is_sealed=is_sealed)
    metadata: dict[str, object] = {
        "url": url,
        "title": view.description or "",
        "description": view.description or "",
        "type": view.type,
        "html": "",
    }
    embed = Embed(EmbedId(view.id), PAGE, str(view.id), url, metadata)
    return _present_shown(view, base_url, embed, URL, is_sealed=is_sealed, order=order, url=url)


def _present_link(view: MediaView, base_url: str, *, is_sealed: bool, order: int) -> Media:
    """What leads somewhere: a page, an embed, a share, a document."""
    link = link_of(view)
    url = link.url
    if view.type == DOCUMENT:
        url = _file_url(view, view.file, base_url, is_sealed=is_sealed)
    return _present_shown(
        view, base_url, link.embed, view.type, is_sealed=is_sealed, order=order, url=url
    )


def _present_shown(
    view: MediaView,
    base_url: str,
    embed: Embed | None,
    shown_type: str,
    *,
    is_sealed: bool,
    order: int,
    url: str | None,
) -> Media:
    link = link_of(view)
    image = _file_url(view, view.preview, base_url, is_sealed=is_sealed)
    width, height = _measures(view, "small")
    return Media(
        id=view.id,
        added_at=instant(ms_of_id(view.id)),
        type=shown_type,
        title=link.title or link.name,
        description=view.description,
        url=url,
        image=image,
        image_width=width if image else None,
        image_height=height if image else None,
        order=order,
        embed=None if embed is None else _with_images(embed, image),
        image_thumbnail=_thumbnail(view, base_url, is_sealed=is_sealed),
        image_mimetype=_mimetype(view.preview),
        size=link.size_bytes,
        mimetype=link.mimetype or _mimetype(view.file),
    )


def _with_images(embed: Embed, image: str | None) -> EmbedEntity:
    """An embed; one of a page says which pictures the page has, and that is our own copy."""
    if embed.embed_type != PAGE:
        return present_embed(embed)
    metadata = {**embed.metadata, "images": [] if image is None else [image]}
    return EmbedEntity(embed.id, embed.embed_type, embed.embed_id, embed.url, metadata)


def _thumbnail(view: MediaView, base_url: str, *, is_sealed: bool) -> Thumbnail | None:
    name, part = view.preview, "small"
    if name is None and view.type in PICTURES:
        name, part = view.file, "original"
    url = _file_url(view, name, base_url, is_sealed=is_sealed)
    width, height = _measures(view, part)
    if url is None or width is None or height is None:
        return None
    return Thumbnail(url, width, height)


def _file_url(view: MediaView, name: str | None, base_url: str, *, is_sealed: bool) -> str | None:
    if name is None:
        return None
    url = f"{base_url}/{FILES}/{view.account_id}/{view.id}/{name}"
    return url + MARK if is_sealed else url


def _measures(view: MediaView, part: str) -> tuple[int | None, int | None]:
    found = view.meta.get(part)
    if not isinstance(found, dict):
        return None, None
    measures = cast("Mapping[str, object]", found)
    width, height = measures.get("width"), measures.get("height")
    if not isinstance(width, int) or not isinstance(height, int):
        return None, None
    return width, height


def _mimetype(name: str | None) -> str | None:
    return None if name is None else CONTENT_TYPES.get(name.rpartition(".")[2])
