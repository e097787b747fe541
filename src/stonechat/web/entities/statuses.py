"""Posts: a status as the templates show it. People say "post", so the pages do too.

`content` is HTML that domain/text/markup made and the only thing here that a template does not
escape; everything else is text and must stay text.
"""

import re
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from stonechat.domain.entries import Byline, EntryView
from stonechat.domain.policies import Visibility
from stonechat.kernel.ids import ms_of_id
from stonechat.web.entities.addresses import (
    Site,
    picture_path,
    profile_path,
    status_path,
    status_uri,
)
from stonechat.web.entities.directions import direction_of
from stonechat.web.entities.exhibits import (
    Exhibit,
    Preview,
    Question,
    present_exhibit,
    present_preview,
    present_question,
)
from stonechat.web.entities.times import Moment, present_moment

TITLE_CHARACTERS_MAX: Final = 70
SUMMARY_CHARACTERS_MAX: Final = 300
_SPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody beside what they said."""

    name: str
    acct: str
    path: str
    avatar: str


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
    exhibits: tuple[Exhibit, ...]
    question: Question | None
    preview: Preview | None
    is_unlisted: bool
    is_indexable: bool


def shorten(text: str, characters_max: int) -> str:
    """The beginning of a text on one line, cut between words where that is near enough."""
    line = _SPACE.sub(" ", text).strip()
    if len(line) <= characters_max:
        return line
    cut = line[: characters_max - 1]
    head, _, tail = cut.rpartition(" ")
    return (head if len(tail) < characters_max // 3 else cut).rstrip() + "…"


def present_person(byline: Byline) -> Person:
    """Somebody beside what they said; their name where they chose no other."""
    return Person(
        byline.display_name or byline.username,
        byline.acct,
        profile_path(byline.acct),
        picture_path(byline.avatar, "avatar.png"),
    )


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


def _told(entry: EntryView) -> str:
    """A post in words alone: its warning, else its text, else what its pictures show."""
    if entry.spoiler:
        # It stands for what it warns of wherever the text could not be folded away.
        return f"Content warning: {entry.spoiler}"
    if entry.text:
        return entry.text
    described = "; ".join(each.description for each in entry.media if each.description)
    return described or ("A post without words" if entry.media else "")


def present_post(entry: EntryView, site: Site, now_ms: int) -> Post:
    """A status as the templates show it."""
    path = status_path(entry.author.acct, entry.id)
    posted = present_moment(ms_of_id(entry.id))
    edited = None if entry.edited_ms is None else present_moment(entry.edited_ms)
    counts = ((entry.replies, "answer"), (entry.boosts, "boost"), (entry.favourites, "favourite"))
    told = _told(entry)
    return Post(
        id=entry.id,
        path=path,
        url=site.base_url + path,
        uri=status_uri(site, entry.author.username, entry.id),
        author=present_person(entry.author),
        booster=None if entry.booster is None else present_person(entry.booster),
        answered=_answered(entry),
        content=Markup(entry.content),  # noqa: S704 - made by domain/text/markup, all escaped
        spoiler=entry.spoiler,
        language=entry.language,
        direction=direction_of(entry.text),
        title=shorten(told, TITLE_CHARACTERS_MAX),
        summary=shorten(told, SUMMARY_CHARACTERS_MAX),
        app_name=entry.app_name,
        tags=entry.tags,
        posted=posted,
        edited=edited,
        changed=edited or posted,
        counts=tuple(_counted(number, one) for number, one in counts if number),
        is_sensitive=entry.is_sensitive,
        exhibits=tuple(present_exhibit(each) for each in entry.media if each.file is not None),
        question=None if entry.poll is None else present_question(entry.poll, now_ms),
        preview=None if entry.card is None else present_preview(entry.card),
        is_unlisted=entry.visibility != Visibility.PUBLIC,
        is_indexable=entry.author.is_indexable and entry.visibility == Visibility.PUBLIC,
    )


def present_feed_html(post: Post) -> str:
    """What a feed reader shows: it cannot fold anything away, so the warning goes first."""
    if not post.spoiler:
        return str(post.content)
    warning = Markup("<p><strong>Content warning:</strong> {}</p><hr>").format(post.spoiler)
    return str(warning + post.content)
