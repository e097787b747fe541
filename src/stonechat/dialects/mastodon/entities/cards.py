"""PreviewCard: what is shown of a page that a status links to.

It is always a link, and never HTML of the page's own: the fields for players and frames are there
because clients read them, and are empty. A text that is not known is "", not null.
"""

import msgspec

from stonechat.dialects.mastodon.entities.accounts import Site
from stonechat.dialects.mastodon.entities.times import instant_or_none
from stonechat.domain.views import CardView


class CardAuthor(msgspec.Struct, frozen=True):
    """Who wrote the page. That it is somebody with an account here is never said."""

    name: str
    url: str
    account: None = None


class PreviewCard(msgspec.Struct, frozen=True):
    """Mastodon's PreviewCard. `author_name` and `author_url` are what `authors` was before 4.3."""

    url: str
    title: str
    description: str
    language: str | None
    type: str
    author_name: str
    author_url: str
    authors: list[CardAuthor]
    provider_name: str
    provider_url: str
    html: str
    width: int
    height: int
    image: str | None
    image_description: str
    embed_url: str
    blurhash: str | None
    published_at: str | None


def present_card(card: CardView, site: Site) -> PreviewCard:
    """A card on the wire."""
    has_author = card.author_name or card.author_url
    return PreviewCard(
        url=card.url,
        title=card.title,
        description=card.description,
        language=card.language,
        type="link",
        author_name=card.author_name,
        author_url=card.author_url,
        authors=[CardAuthor(card.author_name, card.author_url)] if has_author else [],
        provider_name=card.provider_name,
        provider_url=card.provider_url,
        html="",
        width=card.width,
        height=card.height,
        image=None if card.image is None else f"{site.base_url}/cards/{card.image}",
        image_description=card.image_description,
        embed_url="",
        blurhash=card.blurhash,
        published_at=instant_or_none(card.published_ms),
    )
