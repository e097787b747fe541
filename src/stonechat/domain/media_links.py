"""Media links: what a medium carries that is no picture, film or sound, but leads somewhere.

A page with a preview, an object of another site, a document, another contribution: communities
show them among the media of a status. They are media like any other (one owner, one holder, one
row), and what is said of them stands in `MediaView.meta` under the one key LINK, read and written
by this module alone. The picture of a link is the medium's `preview`, a document its `file`.

A newcomer gets wrong that such media are no attachments: `media.shown_attachments` leaves them
out wherever a dialect knows nothing but files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from stonechat.domain.ids import EmbedId, MediaId, StatusId
from stonechat.domain.media import ATTACHMENTS, SHARE, URL
from stonechat.domain.views import CardView, MediaView
from stonechat.kernel.ids import ID_MAX

LINK: Final = "link"
"""The key of `MediaView.meta`. What a dialect shows of a file's measures stands beside it."""
PAGE: Final = "sc_link"
SHARED: Final = "sc_shared_object"
RESERVED_PREFIX: Final = "sc_"
"""Types of embeds that mean something to clients: nobody makes one by hand."""


@dataclass(frozen=True, slots=True)
class Embed:
    """An object of somewhere else, by a type and a name within it. `metadata` is JSON."""

    id: EmbedId
    embed_type: str
    embed_id: str
    url: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class EmbedDraft:
    """The order to keep an object of somewhere else."""

    embed_type: str
    embed_id: str
    url: str | None
    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EmbedChange:
    """The order to say other things of an embed. What is not set stays as it is."""

    embed_id: EmbedId
    sets_url: bool
    url: str | None
    metadata: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class MediaLink:
    """Where a medium leads, and what is said of it. Everything may be missing."""

    url: str | None = None
    title: str | None = None
    embed: Embed | None = None
    name: str | None = None
    """What its owner called a document."""
    mimetype: str | None = None
    size_bytes: int | None = None


def meta_of(link: MediaLink) -> dict[str, object]:
    """What stands in `MediaView.meta`; what is missing stands nowhere."""
    said: dict[str, object] = {
        name: value
        for name in ("url", "title", "name", "mimetype", "size_bytes")
        if (value := getattr(link, name)) is not None
    }
    if link.embed is not None:
        said["embed"] = {
            "id": link.embed.id,
            "embed_type": link.embed.embed_type,
            "embed_id": link.embed.embed_id,
            "url": link.embed.url,
            "metadata": dict(link.embed.metadata),
        }
    return {LINK: said}


def link_of(view: MediaView) -> MediaLink:
    """Where a medium leads; an empty link for one that is only a file."""
    said = _record(view.meta.get(LINK))
    size_bytes = said.get("size_bytes")
    return MediaLink(
        url=_text(said.get("url")),
        title=_text(said.get("title")),
        embed=_embed_of(_record(said.get("embed"))),
        name=_text(said.get("name")),
        mimetype=_text(said.get("mimetype")),
        size_bytes=size_bytes if isinstance(size_bytes, int) else None,
    )


def _embed_of(said: Mapping[str, object]) -> Embed | None:
    embed_type, embed_id, name = said.get("embed_type"), said.get("id"), said.get("embed_id")
    if (
        not isinstance(embed_type, str)
        or not isinstance(embed_id, int)
        or not isinstance(name, str)
    ):
        return None
    metadata = _record(said.get("metadata"))
    return Embed(EmbedId(embed_id), embed_type, name, _text(said.get("url")), metadata)


def _record(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def share_of(view: MediaView) -> StatusId | None:
    """The contribution that a medium shares; None for one that shares none."""
    if view.type != SHARE:
        return None
    embed = link_of(view).embed
    shared = None if embed is None else embed.metadata.get("id")
    return StatusId(shared) if isinstance(shared, int) and 0 < shared <= ID_MAX else None


def find_share(media: Iterable[MediaView]) -> StatusId | None:
    """The contribution that a status shares with its media, if it does."""
    return next((shared for each in media if (shared := share_of(each)) is not None), None)


def link_to_page(media_id: MediaId, url: str, card: CardView | None) -> tuple[MediaLink, str]:
    """What is said of a page, with or without its card; and its description.

    The embed bears the id of its medium: a page that somebody links to is in no list of embeds.
    """
    title = url if card is None else card.title
    description = "" if card is None else card.description
    metadata: dict[str, object] = {
        "url": url,
        "title": title,
        "description": description,
        "type": "link",
        "html": "",
    }
    embed = Embed(EmbedId(media_id), PAGE, str(media_id), url, metadata)
    return MediaLink(url=url, title=title, embed=embed), description


def find_page_card(media: Iterable[MediaView]) -> CardView | None:
    """The first page among the media of a status, as a card where dialects know only those.

    A status with pictures has no card, here as with Mastodon. Its own picture stays with the
    medium: the address of a card's picture is for everybody.
    """
    pages: list[MediaView] = []
    for each in media:
        if each.type in ATTACHMENTS:
            return None
        if each.type == URL:
            pages.append(each)
    for page in pages:
        link = link_of(page)
        if link.url is not None:
            return CardView(
                url=link.url,
                title=link.title or link.url,
                description=page.description or "",
                language=None,
                author_name="",
                author_url="",
                provider_name="",
                provider_url="",
                image=None,
                image_description="",
                width=0,
                height=0,
                blurhash=None,
                published_ms=None,
            )
    return None


def link_to_contribution(media_id: MediaId, kind: str, shared_id: StatusId) -> MediaLink:
    """What a share says: which contribution, and of which kind."""
    metadata: dict[str, object] = {"type": kind, "id": shared_id}
    return MediaLink(embed=Embed(EmbedId(media_id), SHARED, str(shared_id), None, metadata))
