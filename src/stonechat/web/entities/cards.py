"""Cards: what a page that a post links to says of itself, as one link with text.

It is a stranger's text, so the host always stands beside it: a page may call itself a bank. The
picture is a copy of ours.
"""

from dataclasses import dataclass

from stonechat.domain.addresses import read_address
from stonechat.domain.views import CardView
from stonechat.web.entities.directions import direction_of


@dataclass(frozen=True, slots=True)
class Preview:
    """A link's preview."""

    url: str
    title: str
    description: str
    host: str
    provider: str
    language: str | None
    direction: str
    picture_path: str | None
    picture_description: str


def present_card(card: CardView, *, with_picture: bool) -> Preview | None:
    """A link's preview; None where the address is none of the web."""
    # It was checked when the page was fetched. A link is no place to rely on that.
    address = read_address(card.url)
    if address is None:
        return None
    is_named = card.provider_name not in ("", address.host)
    return Preview(
        url=address.url,
        title=card.title or address.host,
        description=card.description,
        host=address.host,
        provider=card.provider_name if is_named else "",
        language=card.language,
        direction=direction_of(card.title),
        picture_path=f"/cards/{card.image}" if card.image and with_picture else None,
        picture_description=card.image_description,
    )
