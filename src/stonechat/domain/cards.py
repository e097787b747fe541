"""Cards: what is shown of a page that a status links to.

A page is a stranger's, so a card is text and never HTML, every text has a bound, and every address
in it is one of the web. It says what the page says of itself, not what is true.

`Page` is what was found in the tags; `sketch` makes a card of it, still without its picture, and
tells where that would be. Which link of a status has a card, and for how long one may be shown
before the page is asked again, is told here, too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import ClassVar, Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.addresses import WebAddress, host_of_domain, join, read_address
from stonechat.domain.statuses import Status
from stonechat.domain.text.cleaning import clean_name
from stonechat.domain.text.entities import Link, extract
from stonechat.domain.text.hosts import canonical_host
from stonechat.domain.text.languages import normalise_language
from stonechat.domain.views import CardView
from stonechat.kernel.clock import to_ms

_UNREADABLE: Final = re.compile("[\0\ud800-\udfff]")
_DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000
_YEARS: Final = range(1000, 9999)
"""Years that every client can show, in any time zone."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself, as it stands there: texts that mean nothing yet."""

    PROPERTIES: ClassVar[frozenset[str]] = frozenset(
        {
            "article:author",
            "article:published_time",
            "author",
            "description",
            "og:description",
            "og:image",
            "og:image:alt",
            "og:image:secure_url",
            "og:image:url",
            "og:locale",
            "og:site_name",
            "og:title",
            "og:url",
            "twitter:description",
            "twitter:image",
            "twitter:image:alt",
            "twitter:image:src",
            "twitter:title",
        }
    )
    LINKS: ClassVar[frozenset[str]] = frozenset({"canonical", "image_src"})

    properties: Mapping[str, str]
    links: Mapping[str, str]
    title: str
    language: str

    def first(self, *names: str) -> str:
        """The first of these properties that the page has."""
        return next((self.properties[name] for name in names if name in self.properties), "")


class Sketch(NamedTuple):
    """A card without its picture, and where the picture is."""

    card: CardView
    picture: WebAddress | None


def find_link(text: str, own_domain: str) -> WebAddress | None:
    """The link of a text that has a card: the first one that leads away from here.

    What is here is shown by its own page, to those who may see it, and by no card.
    """
    if "://" not in text:
        return None
    own_host = host_of_domain(own_domain)
    for entity in extract(text):
        if isinstance(entity, Link) and canonical_host(entity.host) != own_host:
            address = read_address(entity.url)
            is_short = address is not None and is_keepable(address)
            return address if is_short else None
    return None


def find_link_of(status: Status, own_domain: str) -> WebAddress | None:
    """The link of a status that has a card. Media and quotes take its place."""
    if status.media or status.quote_of_id is not None or status.boost_of_id is not None:
        return None
    return find_link(status.text, own_domain)


def is_keepable(address: WebAddress) -> bool:
    """Whether an address is short enough to be remembered."""
    return len(address.url) <= limits.CARD_URL_CHARACTERS_MAX


def sketch(page: Page, here: WebAddress) -> Sketch | None:
    """The card of a page that was found at `here`; None for one that has no title."""
    title = _line(
        page.first("og:title", "twitter:title") or page.title, limits.CARD_TITLE_CHARACTERS_MAX
    )
    if not title:
        return None
    author = page.first("article:author", "author")
    author_address = read_address(author)
    image = page.first(
        "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"
    )
    image = image or page.links.get("image_src", "")
    picture = join(here, image) if image else None
    provider = _line(page.first("og:site_name"), limits.CARD_NAME_CHARACTERS_MAX)
    card = CardView(
        url=_canonical(page, here).url,
        title=title,
        description=_line(
            page.first("og:description", "twitter:description", "description"),
            limits.CARD_DESCRIPTION_CHARACTERS_MAX,
        ),
        language=normalise_language(page.language) or normalise_language(page.first("og:locale")),
        author_name=_author_name(page, author if author_address is None else ""),
        author_url="" if author_address is None else author_address.url,
        provider_name=provider,
        provider_url=f"{here.origin}/" if provider else "",
        image=None,
        image_description=_line(
            page.first("og:image:alt", "twitter:image:alt"),
            limits.CARD_IMAGE_DESCRIPTION_CHARACTERS_MAX,
        ),
        width=0,
        height=0,
        blurhash=None,
        published_ms=read_instant(page.first("article:published_time")),
    )
    return Sketch(card, picture if picture is not None and is_keepable(picture) else None)


def _author_name(page: Page, author: str) -> str:
    """Of the two that a page may name the one that is a name."""
    name = author or page.first("author")
    return "" if read_address(name) else _line(name, limits.CARD_NAME_CHARACTERS_MAX)


def _canonical(page: Page, here: WebAddress) -> WebAddress:
    """The address that a page wants to be called by, which has to be on the same site."""
    for reference in (page.links.get("canonical"), page.first("og:url")):
        address = join(here, reference) if reference else None
        if address is not None and address.origin == here.origin and is_keepable(address):
            return address
    return here


def _line(text: str, characters_max: int) -> str:
    """A text as one line without anything that acts on its surroundings, cut at a bound."""
    # What is far too long is not even cleaned.
    text = clean_name(_UNREADABLE.sub(" ", text[: 4 * characters_max]), field="title")
    return text if len(text) <= characters_max else f"{text[: characters_max - 1].rstrip()}…"


def read_instant(text: str) -> int | None:
    """Milliseconds since 1970 of a date as pages write it; None where it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.year not in _YEARS:
            return None
        return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


class State(Enum):
    """What the memory of an address is worth now."""

    UNKNOWN = "unknown"
    """It was never fetched, or too long ago, or by somebody who never came back."""
    CLAIMED = "claimed"
    """Somebody is fetching it."""
    KNOWN = "known"
    """What was found holds, even if that is nothing."""


class Memory(NamedTuple):
    """What is remembered of an address. While it is being fetched `content` is empty."""

    fetched_ms: int
    content: str | None
    image: str | None

    def state(self, now_ms: int) -> State:
        """Whether it may be used, and whether the address may be asked again."""
        if self.content is None:
            kept_ms, until = limits.CARD_FAILURE_HOURS * _HOUR_MS, State.KNOWN
        elif not self.content:
            kept_ms, until = limits.CARD_CLAIM_SECONDS * 1000, State.CLAIMED
        else:
            kept_ms, until = limits.CARD_DAYS * _DAY_MS, State.KNOWN
        return until if now_ms < self.fetched_ms + kept_ms else State.UNKNOWN
