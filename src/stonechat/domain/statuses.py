"""Statuses: what somebody says, as it is ordered, drafted and kept.

The rules by which an order becomes a status stand in composing.py. A boost is a status too (it
has an id, a place in time and an author), with nothing of its own in it but `boost_of_id`.
"""

from dataclasses import dataclass, replace

from stonechat.domain.contributions import (
    NO_FACETS,
    NO_RACK,
    Facets,
    Particulars,
    Reactions,
    rack_of,
)
from stonechat.domain.ids import AccountId, AppId, CategoryId, MediaId, StatusId
from stonechat.domain.media import MediaChange
from stonechat.domain.policies import Visibility
from stonechat.domain.polls import PollDraft
from stonechat.domain.quotes import ACCEPTED, QuotePolicy
from stonechat.domain.views import Byline, CardView, MediaView, MentionView, PollView, StatusView


@dataclass(frozen=True, slots=True)
class PostStatus:
    """The order to say something. Absent choices (None) fall back to the author's defaults."""

    text: str
    spoiler: str = ""
    in_reply_to_id: StatusId | None = None
    visibility: Visibility | None = None
    is_sensitive: bool | None = None
    language: str | None = None
    allowed_mentions: tuple[AccountId, ...] | None = None
    idempotency_key: str | None = None
    media_ids: tuple[MediaId, ...] = ()
    poll: PollDraft | None = None
    quoted_id: StatusId | None = None
    quote_policy: QuotePolicy | None = None
    about: Particulars | None = None
    """What a community's order says besides."""
    names_answered: bool = False
    """Whether the author of what is answered is mentioned without being named in the text."""


@dataclass(frozen=True, slots=True)
class EditStatus:
    """The order to put a status in other words. None leaves a part as it is.

    Media and poll are the exception: what an edit does not name is taken away, as with Mastodon.
    """

    status_id: StatusId
    text: str | None
    spoiler: str | None
    is_sensitive: bool | None
    language: str | None
    media_ids: tuple[MediaId, ...] = ()
    media_changes: tuple[MediaChange, ...] = ()
    poll: PollDraft | None = None
    quote_policy: QuotePolicy | None = None
    about: Particulars | None = None
    """What a community's order says besides; it replaces all of that. None leaves it."""


@dataclass(frozen=True, slots=True)
class Status:
    """A status as it is kept."""

    id: StatusId
    account_id: AccountId
    thread_id: int
    visibility: int
    kind: str = "status"
    in_reply_to_id: StatusId | None = None
    in_reply_to_account_id: AccountId | None = None
    is_parent_gone: bool = False
    boost_of_id: StatusId | None = None
    is_sensitive: bool = False
    spoiler: str = ""
    text: str = ""
    content: str = ""
    language: str | None = None
    app_id: AppId | None = None
    mentions: tuple[MentionView, ...] = ()
    tags: tuple[str, ...] = ()
    edited_ms: int | None = None
    deleted_ms: int | None = None
    pinned_ms: int | None = None
    replies: int = 0
    boosts: int = 0
    favourites: int = 0
    version: int = 1
    media: tuple[MediaView, ...] = ()
    poll: PollView | None = None
    card: CardView | None = None
    quote_of_id: StatusId | None = None
    quote_state: str | None = None
    quote_policy: int = QuotePolicy.PUBLIC
    quotes: int = 0
    facets: Facets = NO_FACETS
    categories: tuple[CategoryId, ...] = ()
    top_id: StatusId | None = None
    comments: int = 0
    activity_ms: int | None = None
    reactions: Reactions = ()
    followers: int = 0
    flags: int = 0
    views: int = 0
    is_collapsed: bool = False
    is_removed: bool = False
    open_visibility: int | None = None
    """Of what is addressed: for whom it would be otherwise."""

    def reworded(self, draft: "Draft") -> "Status":
        """The same status with the words, media and poll of a draft."""
        return replace(
            self,
            media=draft.media,
            poll=draft.poll,
            text=draft.text,
            spoiler=draft.spoiler,
            content=draft.content,
            is_sensitive=draft.is_sensitive,
            language=draft.language,
            mentions=draft.mentions,
            tags=draft.tags,
            facets=draft.facets,
            categories=draft.categories,
        )

    @property
    def counts_as_reply(self) -> bool:
        """Whether others may know of this answer by the counter of what it answers.

        A private or direct answer is not counted: the number would tell of it. In an addressed
        thread it goes by what was asked for: who sees the number sees such an answer.
        """
        return self.in_reply_to_id is not None and self.audience <= Visibility.UNLISTED

    @property
    def audience(self) -> int:
        """For whom it is, or would be if its thread were not addressed to labels."""
        return self.visibility if self.open_visibility is None else self.open_visibility

    @property
    def is_contribution(self) -> bool:
        """Whether this is no answer and no boost."""
        return self.in_reply_to_id is None and self.boost_of_id is None

    @property
    def rack(self) -> int:
        """Where public lists find it."""
        return rack_of(self.kind, self.visibility) if self.is_contribution else NO_RACK

    @property
    def votes(self) -> int:
        """How many gave it a reaction, whichever."""
        return self.favourites + sum(count for _, count in self.reactions)

    @property
    def counts_as_quote(self) -> bool:
        """Whether others may know of this quote by the counter of what it quotes."""
        return self.quote_state == ACCEPTED and self.visibility <= Visibility.UNLISTED


def view_status(status: Status, byline: Byline) -> StatusView:
    """A status as everybody sees it. What it answered is not shown when that is gone."""
    is_orphan = status.is_parent_gone
    return StatusView(
        id=status.id,
        account_id=status.account_id,
        username=byline.username,
        kind=status.kind,
        in_reply_to_id=None if is_orphan else status.in_reply_to_id,
        in_reply_to_account_id=None if is_orphan else status.in_reply_to_account_id,
        boost_of_id=status.boost_of_id,
        visibility=status.visibility,
        is_sensitive=status.is_sensitive,
        spoiler=status.spoiler,
        text=status.text,
        content=status.content,
        language=status.language,
        app_name=byline.app_name,
        app_website=byline.app_website,
        mentions=status.mentions,
        tags=status.tags,
        edited_ms=status.edited_ms,
        replies=status.replies,
        boosts=status.boosts,
        favourites=status.favourites,
        version=status.version,
        media=status.media,
        poll=status.poll,
        card=status.card,
        quote_of_id=status.quote_of_id,
        quote_state=status.quote_state,
        quote_policy=status.quote_policy,
        quotes=status.quotes,
        thread_id=status.thread_id,
        facets=status.facets,
        categories=status.categories,
        top_id=status.top_id,
        comments=status.comments,
        activity_ms=status.activity_ms,
        reactions=status.reactions,
        followers=status.followers,
        flags=status.flags,
        seen=status.views,
        is_collapsed=status.is_collapsed,
        deleted_ms=status.deleted_ms,
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """Words that were checked and rendered, and what goes with them."""

    text: str
    spoiler: str
    content: str
    is_sensitive: bool
    language: str | None
    mentions: tuple[MentionView, ...]
    tags: tuple[str, ...]
    media: tuple[MediaView, ...] = ()
    poll: PollView | None = None
    facets: Facets = NO_FACETS
    categories: tuple[CategoryId, ...] = ()


@dataclass(frozen=True, slots=True)
class Author:
    """What composing needs to know of the author."""

    id: AccountId
    is_locked: bool
    default_visibility: Visibility | None
    default_sensitive: bool
    default_language: str
    default_quote_policy: QuotePolicy = QuotePolicy.PUBLIC
