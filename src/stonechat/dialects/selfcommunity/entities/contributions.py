"""Status, Post and Discussion in pieces: what is the same for everybody, and what is not.

The pieces of one version are rendered once and kept. Left out are the categories (each says
whether the viewer follows it), the author (who has a version of their own), and the viewer's
marks, which end the object. Fields come in the order of the vendor's document, those that its
later schemas added behind them.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from stonechat.dialects.selfcommunity.entities.media import Media, present_all_media
from stonechat.dialects.selfcommunity.entities.reactions import Reaction, present_reaction
from stonechat.dialects.selfcommunity.entities.times import instant, instant_or_none
from stonechat.domain import reactions
from stonechat.domain.contributions import DISCUSSION, STATUS
from stonechat.domain.ids import CategoryId, LabelId, MediaId
from stonechat.domain.inline_media import marked
from stonechat.domain.media import SHARE
from stonechat.domain.media_links import link_to_contribution, meta_of
from stonechat.domain.places import Place
from stonechat.domain.policies import Visibility
from stonechat.domain.text.mentions import Handle
from stonechat.domain.text.rich import Rich
from stonechat.domain.text.rich_markup import CommunityPerson, render_community
from stonechat.domain.text.summaries import summarise
from stonechat.domain.views import MediaView, PollView, StatusView
from stonechat.kernel.ids import ms_of_id
from stonechat.kernel.seals import MARK

SLUG_CHARACTERS: Final = 60
_encode: Final = msgspec.json.Encoder().encode
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


class Location(msgspec.Struct, frozen=True):
    """Where something was said."""

    location: str | None
    lat: float | None
    lng: float | None


class Beginning(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands before the categories."""

    id: int
    type: str
    title: str | msgspec.UnsetType = msgspec.UNSET


class Middle(msgspec.Struct, frozen=True):
    """What stands between the categories and the author."""

    medias: list[Media]
    location: Location | None
    last_activity_at: str
    last_edited_at: str | None


class ReactionCount(msgspec.Struct, frozen=True):
    """How many gave one reaction."""

    reaction: Reaction
    count: int


class Ending(msgspec.Struct, frozen=True):
    """What stands behind the author, but for the viewer's marks."""

    added_at: str
    html: str
    summary: str
    deleted: bool
    collapsed: bool
    comment_count: int
    vote_count: int
    flag_count: int
    share_count: int
    addressing: tuple[LabelId, ...] | msgspec.UnsetType
    view_count: int
    follower_count: int
    reactions_count: list[ReactionCount]
    summary_html: str
    summary_truncated: bool
    slug: str
    recipients: tuple[str, ...]
    scheduled_at: str | None
    draft: bool
    tags: tuple[LabelId, ...]
    poll: msgspec.UnsetType | None = msgspec.UNSET
    """Null where there is none. A status has no such field, and a poll is made for each viewer."""


class ContributionFragment(NamedTuple):
    """The rendered pieces of one version."""

    beginning: bytes
    middle: bytes
    ending: bytes
    veiled: tuple[bytes, bytes, bytes] | None
    """The same three for whom a moderator hid it from."""
    categories: tuple[CategoryId, ...]
    kind: str
    thread_id: int
    poll: PollView | None
    poll_title: str
    is_sealed: bool
    is_lifted: bool
    is_comment: bool
    addressing: tuple[LabelId, ...]
    """Left out of the ending, to be shown as tags; empty where ids do."""


def weigh(fragment: ContributionFragment) -> int:
    """About how many bytes a fragment takes."""
    return len(fragment.beginning) + len(fragment.middle) + len(fragment.ending)


class Labels(NamedTuple):
    """The labels that a contribution carries, and whether one of them lifts it in feeds."""

    ids: tuple[LabelId, ...] = ()
    is_lifting: bool = False


NO_LABELS: Final = Labels()


class Waits(NamedTuple):
    """That something is not said yet, and when it will be, if it has a time."""

    due_ms: int | None


def present_contribution(
    view: StatusView,
    base_url: str,
    category_tags: Mapping[CategoryId, str],
    *,
    labels: Labels = NO_LABELS,
    shared: StatusView | None = None,
    shows_tags: bool = False,
    waits: Waits | None = None,
) -> ContributionFragment:
    """The pieces of a contribution. `category_tags` are the hashtags of its categories.

    `shared` is what a boost passes on: here it is a share of that, without a word of its own.
    With `shows_tags` whom it is addressed to is told by tags instead of by their ids.
    """
    middle = _middle(view, base_url, shared)
    ending = _ending(view, html_of(view, base_url, category_tags), labels.ids, base_url)
    if shows_tags and view.facets.addressing:
        ending = msgspec.structs.replace(ending, addressing=msgspec.UNSET)
    if waits is not None:
        scheduled_at = instant_or_none(waits.due_ms)
        ending = msgspec.structs.replace(ending, scheduled_at=scheduled_at, draft=True)
    return ContributionFragment(
        beginning=_begin(view, _title(view), view.facets.action),
        middle=b"]," + _encode(middle)[1:-1] + b',"author":',
        ending=b"," + _encode(ending)[1:-1],
        veiled=_veil(view, middle, ending) if view.is_collapsed else None,
        categories=view.categories,
        kind=view.kind,
        thread_id=view.thread_id,
        poll=view.poll,
        poll_title=view.facets.poll_title,
        is_sealed=bool(view.media) and view.visibility > Visibility.UNLISTED,
        is_lifted=labels.is_lifting,
        is_comment=view.thread_id != view.id,
        addressing=view.facets.addressing if shows_tags else (),
    )


def _begin(view: StatusView, title: str | msgspec.UnsetType, action: str | None) -> bytes:
    begun = _encode(Beginning(view.id, view.kind, title))
    return begun[:-1] + b',"action":' + _encode(action) + b',"categories":['


def _veil(view: StatusView, middle: Middle, ending: Ending) -> tuple[bytes, bytes, bytes]:
    """What of something hidden is shown: that it is there, and nothing of what it says."""
    bare = msgspec.structs.replace(middle, medias=[], location=None)
    silent = msgspec.structs.replace(
        ending,
        html="",
        summary="",
        summary_html="",
        summary_truncated=False,
        slug=STATUS,
        poll=None,
    )
    title = msgspec.UNSET if _title(view) is msgspec.UNSET else ""
    return (
        _begin(view, title, None),
        b"]," + _encode(bare)[1:-1] + b',"author":',
        b"," + _encode(silent)[1:-1],
    )


def _title(view: StatusView) -> str | msgspec.UnsetType:
    return view.facets.title if view.kind == DISCUSSION or view.facets.title else msgspec.UNSET


def html_of(view: StatusView, base_url: str, category_tags: Mapping[CategoryId, str]) -> str:
    """The words of a status in this dialect's HTML."""
    people = {
        Handle(each.username.lower(), each.domain): CommunityPerson(each.id, each.username)
        for each in view.mentions
    }
    source = view.text if view.facets.html is None else Rich(view.facets.html, view.text)
    own = {category_tags[each]: each for each in view.categories if each in category_tags}
    html = render_community(source, people, base_url, categories=own)
    # As the fragment is marked: where nobody looks for marks, none may be.
    is_sealed = bool(view.media) and view.visibility > Visibility.UNLISTED
    return marked(html, base_url, MARK) if is_sealed else html


def present_place(place: Place | None) -> Location | None:
    """A place on the wire."""
    return None if place is None else Location(place.location, place.lat, place.lng)


def _middle(view: StatusView, base_url: str, shared: StatusView | None) -> Middle:
    media = view.media if shared is None else (_share(view, shared),)
    return Middle(
        medias=present_all_media(
            media,
            view.card,
            view.id,
            base_url,
            is_sealed=view.visibility > Visibility.UNLISTED,
        ),
        location=present_place(view.facets.place),
        last_activity_at=instant(max(view.activity_ms or 0, ms_of_id(view.id))),
        last_edited_at=instant_or_none(view.edited_ms),
    )


def _share(boost: StatusView, shared: StatusView) -> MediaView:
    """The medium that a boost would have if it had been made here; it has the boost's own id."""
    media_id = MediaId(boost.id)
    link = link_to_contribution(media_id, shared.kind, shared.id)
    return MediaView(media_id, boost.account_id, SHARE, None, None, None, None, meta_of(link), None)


def present_counts(view: StatusView, base_url: str) -> list[ReactionCount]:
    """How many gave which reaction; only those that somebody gave."""
    counts = [(reactions.DEFAULT, view.favourites), *view.reactions]
    return [
        ReactionCount(present_reaction(reactions.REACTIONS[reaction], base_url), count)
        for reaction, count in counts
        if count
    ]


def _ending(view: StatusView, html: str, labels: tuple[LabelId, ...], base_url: str) -> Ending:
    summary = summarise(html)
    return Ending(
        added_at=instant(ms_of_id(view.id)),
        html=html,
        summary=summary.text,
        deleted=view.deleted_ms is not None,
        collapsed=view.is_collapsed,
        comment_count=view.comments,
        vote_count=view.votes,
        flag_count=view.flags,
        share_count=view.boosts + view.quotes,
        addressing=view.facets.addressing,
        view_count=view.seen,
        follower_count=view.followers,
        reactions_count=present_counts(view, base_url),
        summary_html=summary.html,
        summary_truncated=summary.is_truncated,
        slug=slug_of(view, summary.text),
        recipients=(),
        scheduled_at=None,
        draft=False,
        tags=labels,
        poll=None if view.poll is None and view.kind != STATUS else msgspec.UNSET,
    )


def slug_of(view: StatusView, summary: str) -> str:
    """The readable part of an address: the title's or the first words in plain letters."""
    words = _NO_SLUG.sub("-", (view.facets.title or summary).lower()[: 2 * SLUG_CHARACTERS])
    slug = words.strip("-")
    if len(slug) > SLUG_CHARACTERS:
        slug = slug[:SLUG_CHARACTERS].rpartition("-")[0] or slug[:SLUG_CHARACTERS]
    return slug or view.kind
