"""Entries: statuses with their authors beside them, as pages and feeds show them to everybody.

A dialect keeps statuses and accounts apart, because clients do. A page shows both at once, so it
loads both at once, and only as much of an account as stands next to what it said.
"""

from dataclasses import dataclass

from stonechat.domain.contributions import NO_FACETS, Facets, Reactions
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.views import HIDDEN_WARNING, CardView, MediaView, MentionView, PollView


@dataclass(frozen=True, slots=True)
class Byline:
    """Who said it."""

    id: AccountId
    username: str
    domain: str | None
    display_name: str
    avatar: str | None
    is_indexable: bool

    @property
    def acct(self) -> str:
        """`name` here, `name@domain` elsewhere."""
        return self.username if self.domain is None else f"{self.username}@{self.domain}"


@dataclass(frozen=True, slots=True)
class EntryView:
    """A status as everybody reads it. `booster` is set where it is passed on by somebody."""

    id: StatusId
    author: Byline
    in_reply_to_id: StatusId | None
    in_reply_to_account_id: AccountId | None
    visibility: int
    spoiler: str
    text: str
    content: str
    language: str | None
    app_name: str | None
    mentions: tuple[MentionView, ...]
    tags: tuple[str, ...]
    edited_ms: int | None
    replies: int
    boosts: int
    favourites: int
    quotes: int = 0
    facets: Facets = NO_FACETS
    reactions: Reactions = ()
    is_collapsed: bool = False
    is_sensitive: bool = False
    media: tuple[MediaView, ...] = ()
    poll: PollView | None = None
    card: CardView | None = None
    quoted_id: StatusId | None = None
    """What it quotes, unless the author of that took it out."""
    quoted: "EntryView | None" = None
    """The same, where everybody may see it."""
    boost_id: StatusId | None = None
    booster: Byline | None = None

    @property
    def warning(self) -> str:
        """What stands before its words where everybody may unfold them."""
        return HIDDEN_WARNING if self.is_collapsed else self.spoiler

    @property
    def is_guarded(self) -> bool:
        """Whether its media are shown to those only who want to see them."""
        return self.is_collapsed or self.is_sensitive
