"""Exhibits: what stands under the words of a post: pictures and films, a poll, a link's preview.

All of it is text for the templates to escape, and addresses of our own; a preview's address is the
one stranger among them, and was checked to be http or https when the page was fetched.
"""

from dataclasses import dataclass
from typing import cast

from stonechat.domain.views import CardView, MediaView, PollView
from stonechat.web.entities.times import Moment, present_moment

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A picture, film or sound. `kind` is image, gifv, video or audio."""

    kind: str
    path: str
    preview_path: str | None
    description: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a poll; its numbers are None while they are kept secret."""

    title: str
    votes: int | None
    percent: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """A poll as everybody may read it."""

    options: tuple[Option, ...]
    voters: str
    is_over: bool
    ends: Moment


@dataclass(frozen=True, slots=True)
class Preview:
    """What a page that is linked to says of itself."""

    url: str
    title: str
    description: str
    source: str
    picture_path: str | None
    picture_description: str


def present_exhibit(media: MediaView) -> Exhibit:
    """Something to look at or to listen to."""
    folder = f"/media/{media.account_id}/{media.id}"
    small = cast("dict[str, int]", media.meta.get("small") or {})
    return Exhibit(
        kind=media.type,
        path=f"{folder}/{media.file}",
        preview_path=None if media.preview is None else f"{folder}/{media.preview}",
        description=media.description or "",
        width=small.get("width"),
        height=small.get("height"),
    )


def present_question(poll: PollView, now_ms: int) -> Question:
    """A poll with its numbers, as far as they are told yet."""
    is_over = poll.is_over(now_ms)
    is_told = is_over or not poll.hides_totals
    most = max(poll.voters if poll.is_multiple else sum(poll.votes), 1)
    options = tuple(
        Option(title, votes, round(PERCENT * votes / most))
        if is_told
        else Option(title, None, None)
        for title, votes in zip(poll.options, poll.votes, strict=True)
    )
    voters = "1 person" if poll.voters == 1 else f"{poll.voters} people"
    return Question(options, voters, is_over, present_moment(poll.expires_ms))


def present_preview(card: CardView) -> Preview:
    """A link's preview; the host says where it leads when the page names no source."""
    host = card.url.partition("://")[2].partition("/")[0]
    return Preview(
        url=card.url,
        title=card.title or host,
        description=card.description,
        source=card.provider_name or host,
        picture_path=None if card.image is None else f"/cards/{card.image}",
        picture_description=card.image_description,
    )
