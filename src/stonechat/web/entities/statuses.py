"""Posts: a status as the templates show it. People say "post", so the pages do too.

`content` is HTML that domain/text/markup made and the only thing here that a template does not
escape; everything else is text and must stay text.
"""

from dataclasses import dataclass

from markupsafe import Markup

from stonechat.domain.entries import EntryView
from stonechat.domain.media import shown_attachments
from stonechat.domain.media_links import find_page_card
from stonechat.domain.places import Place
from stonechat.domain.policies import Visibility
from stonechat.domain.quotes import without_quote_line
from stonechat.domain.reactions import REACTIONS
from stonechat.kernel.ids import ms_of_id
from stonechat.web.entities.addresses import Site, status_path, status_uri
from stonechat.web.entities.bylines import Person, present_person
from stonechat.web.entities.cards import Preview, present_card
from stonechat.web.entities.directions import direction_of
from stonechat.web.entities.media import Exhibit, count_media, present_media
from stonechat.web.entities.metadata import Property, describe_media
from stonechat.web.entities.polls import Question, present_poll
from stonechat.web.entities.quotes import Quote, present_quote
from stonechat.web.entities.times import Moment, present_moment
from stonechat.web.entities.titles import (
    SUMMARY_CHARACTERS_MAX,
    TITLE_CHARACTERS_MAX,
    shorten,
    tell,
    warning_of,
)


@dataclass(frozen=True, slots=True)
class Post:
    """What a template needs of a status."""

    id: int
    path: str
    url: str
    uri: str
    author: Person
    booster: Person | None
    answered: str | None
    content: Markup
    spoiler: str
    language: str | None
    direction: str
    title: str
    summary: str
    app_name: str | None
    tags: tuple[str, ...]
    posted: Moment
    edited: Moment | None
    changed: Moment
    counts: tuple[str, ...]
    is_sensitive: bool
    media: tuple[Exhibit, ...]
    media_words: str
    metadata: tuple[Property, ...]
    poll: Question | None
    place: str
    """Where it was said; empty where nobody knows."""
    card: Preview | None
    quote: Quote | None
    is_unlisted: bool
    is_indexable: bool

    @property
    def has_picture(self) -> bool:
        """Whether there is something of its own to show beside a link to it."""
        return any(name == "og:image" for name, _ in self.metadata)


def _answered(entry: EntryView) -> str | None:
    """Whom it answers, unless that is its author."""
    if entry.in_reply_to_id is None or entry.in_reply_to_account_id == entry.author.id:
        return None
    for mention in entry.mentions:
        if mention.id == entry.in_reply_to_account_id:
            domain = "" if mention.domain is None else f"@{mention.domain}"
            return f"@{mention.username}{domain}"
    return "another post"


def _counted(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def _counts(entry: EntryView) -> tuple[str, ...]:
    counts = (
        (entry.replies, "answer"),
        (entry.boosts, "boost"),
        (entry.quotes, "quote"),
        (entry.favourites, "favourite"),
    )
    reactions = (f"{number} {_label(which)}" for which, number in entry.reactions)
    return (*(_counted(number, one) for number, one in counts if number), *reactions)


def _label(reaction: int) -> str:
    found = REACTIONS.get(reaction)
    return "other" if found is None else found.label.lower()


def _place(place: Place | None) -> str:
    """The name of a place, or else where on the globe it lies."""
    if place is None:
        return ""
    if place.location is not None:
        return place.location
    spot = (each for each in (place.lat, place.lng) if each is not None)
    return ", ".join(f"{each:g}" for each in spot)


def _content(entry: EntryView) -> Markup:
    content = entry.content if entry.quoted is None else without_quote_line(entry.content)
    return Markup(content)  # noqa: S704 - made by domain/text/markup, all escaped


def _media(entry: EntryView) -> tuple[Exhibit, ...]:
    found = (present_media(each) for each in shown_attachments(entry.media))
    return tuple(each for each in found if each is not None)


def _card(entry: EntryView) -> Preview | None:
    # A warning folds the card away as a whole; without one only the picture can be left out.
    with_picture = bool(warning_of(entry)) or not entry.is_sensitive
    card = entry.card or find_page_card(entry.media)
    return None if card is None else present_card(card, with_picture=with_picture)


def _is_indexable(entry: EntryView) -> bool:
    """Whether search engines may have it: each whose words are shown has a say."""
    shown = (entry,) if entry.quoted is None else (entry, entry.quoted)
    return all(each.author.is_indexable and each.visibility == Visibility.PUBLIC for each in shown)


def present_post(entry: EntryView, site: Site, now_ms: int) -> Post:
    """A status as the templates show it."""
    path = status_path(entry.author.acct, entry.id)
    posted = present_moment(ms_of_id(entry.id))
    edited = None if entry.edited_ms is None else present_moment(entry.edited_ms)
    told, media = tell(entry), _media(entry)
    return Post(
        id=entry.id,
        path=path,
        url=site.base_url + path,
        uri=status_uri(site, entry.author.username, entry.id),
        author=present_person(entry.author),
        booster=None if entry.booster is None else present_person(entry.booster),
        answered=_answered(entry),
        content=_content(entry),
        spoiler=warning_of(entry),
        language=entry.language,
        direction=direction_of(entry.text),
        title=shorten(told, TITLE_CHARACTERS_MAX),
        summary=shorten(told, SUMMARY_CHARACTERS_MAX),
        app_name=entry.app_name,
        tags=entry.tags,
        posted=posted,
        edited=edited,
        changed=edited or posted,
        counts=_counts(entry),
        is_sensitive=entry.is_guarded,
        media=media,
        media_words=count_media(shown_attachments(entry.media)),
        metadata=() if entry.is_guarded else describe_media(media, site.base_url),
        poll=None if entry.poll is None else present_poll(entry.poll, now_ms),
        place=_place(entry.facets.place),
        card=_card(entry),
        quote=None if entry.quoted is None else present_quote(entry.quoted, site),
        is_unlisted=entry.visibility != Visibility.PUBLIC,
        is_indexable=_is_indexable(entry),
    )
