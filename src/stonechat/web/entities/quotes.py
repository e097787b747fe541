"""Quotes: what somebody else said, shown within a post: who it was, a few words, and the way there.

No more than a title would tell: what its author folded away is not unfolded by quoting it, and its
media, poll and quotes are on its own page.
"""

from dataclasses import dataclass

from stonechat.domain.entries import EntryView
from stonechat.kernel.ids import ms_of_id
from stonechat.web.entities.addresses import Site, status_path
from stonechat.web.entities.bylines import Person, present_person
from stonechat.web.entities.directions import direction_of
from stonechat.web.entities.times import Moment, present_moment
from stonechat.web.entities.titles import SUMMARY_CHARACTERS_MAX, shorten, tell


@dataclass(frozen=True, slots=True)
class Quote:
    """A post within another one."""

    author: Person
    path: str
    url: str
    words: str
    language: str | None
    direction: str
    posted: Moment


def present_quote(entry: EntryView, site: Site) -> Quote:
    """What is quoted, as it is shown where it is quoted."""
    path, words = status_path(entry.author.acct, entry.id), tell(entry)
    return Quote(
        author=present_person(entry.author),
        path=path,
        url=site.base_url + path,
        words=shorten(words, SUMMARY_CHARACTERS_MAX),
        language=entry.language,
        direction=direction_of(words),
        posted=present_moment(ms_of_id(entry.id)),
    )
