"""Views: what a viewer is shown, gathered by services/views and presented by each dialect.

A *glance* is the cheap half: which version of a status is the current one, and this viewer's
marks on it. The *view* is the whole, and is loaded only where no rendered fragment of that
version is at hand. Views are wide on purpose: a presenter may not ask for more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from stonechat.domain.contributions import NO_FACETS, Facets, Reactions
from stonechat.domain.ids import AccountId, CategoryId, MediaId, StatusId

FAVOURITED: Final = 1
BOOSTED: Final = 2
MUTED: Final = 4
BOOKMARKED: Final = 8
PINNED: Final = 16
PINNABLE: Final = 32
"""The viewer's own, no boost, not direct: only then is `pinned` shown at all."""

HIDDEN_WARNING: Final = "Hidden by moderation"
"""Instead of its author's own warning: that one may be what it was hidden for."""


class Glance(NamedTuple):
    """One status as one viewer meets it: versions to check fragments by, and the marks."""

    id: StatusId
    version: int
    account_id: AccountId
    account_version: int = 0
    flags: int = 0
    boost_of: "Glance | None" = None


@dataclass(frozen=True, slots=True)
class FieldView:
    """One line of a profile's table, as its owner wrote it."""

    name: str
    value: str
    verified_ms: int | None = None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as everybody sees it."""

    id: AccountId
    username: str
    domain: str | None
    display_name: str
    note: str
    fields: tuple[FieldView, ...]
    avatar: str | None
    header: str | None
    is_locked: bool
    is_bot: bool
    is_group: bool
    is_discoverable: bool
    is_indexable: bool
    hides_collections: bool
    role: str
    state: str
    created_ms: int
    statuses: int
    followers: int
    followings: int
    last_status_ms: int | None
    version: int

    @property
    def acct(self) -> str:
        """`name` here, `name@domain` elsewhere."""
        return self.username if self.domain is None else f"{self.username}@{self.domain}"


@dataclass(frozen=True, slots=True)
class MentionView:
    """A person that a status mentions."""

    id: AccountId
    username: str
    domain: str | None


@dataclass(frozen=True, slots=True)
class MediaView:
    """A picture, film or sound with a status. `meta` is what the dialects show of its measures."""

    id: MediaId
    account_id: AccountId
    type: str
    file: str | None
    preview: str | None
    description: str | None
    focus: tuple[float, float] | None
    meta: Mapping[str, object]
    blurhash: str | None


@dataclass(frozen=True, slots=True)
class PollView:
    """A question with its options, and how many chose each."""

    options: tuple[str, ...]
    votes: tuple[int, ...]
    voters: int
    is_multiple: bool
    hides_totals: bool
    expires_ms: int | None
    """None for one that has no end."""

    def is_over(self, now_ms: int) -> bool:
        """Whether nobody may vote any more."""
        return self.expires_ms is not None and now_ms >= self.expires_ms


@dataclass(frozen=True, slots=True)
class CardView:
    """The preview of a page that a status links to: text alone, and a picture of our own making."""

    url: str
    title: str
    description: str
    language: str | None
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    image: str | None
    image_description: str
    width: int
    height: int
    blurhash: str | None
    published_ms: int | None


class Byline(NamedTuple):
    """What is shown of the author and the app with a status, apart from the account itself."""

    username: str
    app_name: str | None = None
    app_website: str | None = None


@dataclass(frozen=True, slots=True)
class StatusView:
    """A status as everybody sees it, without any viewer's marks."""

    id: StatusId
    account_id: AccountId
    username: str
    kind: str
    in_reply_to_id: StatusId | None
    in_reply_to_account_id: AccountId | None
    boost_of_id: StatusId | None
    visibility: int
    is_sensitive: bool
    spoiler: str
    text: str
    content: str
    language: str | None
    app_name: str | None
    app_website: str | None
    mentions: tuple[MentionView, ...]
    tags: tuple[str, ...]
    edited_ms: int | None
    replies: int
    boosts: int
    favourites: int
    version: int
    media: tuple[MediaView, ...] = ()
    poll: PollView | None = None
    card: CardView | None = None
    quote_of_id: StatusId | None = None
    quote_state: str | None = None
    quote_policy: int = 0
    quotes: int = 0
    thread_id: int = 0
    facets: Facets = NO_FACETS
    categories: tuple[CategoryId, ...] = ()
    top_id: StatusId | None = None
    comments: int = 0
    activity_ms: int | None = None
    reactions: Reactions = ()
    followers: int = 0
    flags: int = 0
    seen: int = 0
    """How many had it before their eyes."""
    is_collapsed: bool = False
    deleted_ms: int | None = None

    @property
    def votes(self) -> int:
        """How many gave it a reaction, whichever."""
        return self.favourites + sum(count for _, count in self.reactions)

    @property
    def warning(self) -> str:
        """What stands before its words where everybody may unfold them."""
        return HIDDEN_WARNING if self.is_collapsed else self.spoiler

    @property
    def is_guarded(self) -> bool:
        """Whether its media are shown to those only who want to see them."""
        return self.is_collapsed or self.is_sensitive


@dataclass(frozen=True, slots=True)
class EditView:
    """One past or present wording of a status."""

    content: str
    spoiler: str
    is_sensitive: bool
    created_ms: int
    account_id: AccountId
    media: tuple[MediaView, ...] = ()
    poll_options: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RelationshipView:
    """What lies between the viewer and one other account."""

    id: AccountId
    is_following: bool = False
    shows_boosts: bool = False
    notifies: bool = False
    languages: tuple[str, ...] = ()
    is_followed_by: bool = False
    is_blocking: bool = False
    is_blocked_by: bool = False
    is_muting: bool = False
    mutes_notifications: bool = False
    mute_expires_ms: int | None = None
    is_requested: bool = False
    is_requested_by: bool = False
    is_domain_blocking: bool = False
    is_endorsed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class CredentialView:
    """What only the owner of an account sees of it."""

    account: AccountView
    default_visibility: str
    default_sensitive: bool
    default_language: str | None
    default_quote_policy: int
    follow_requests: int
    email: str = field(repr=False)
