"""Status in pieces: a head that is the same for everybody, its account, an inlay, and a tail.

The head and the account are rendered once per version and kept; the tail holds the marks that
differ from viewer to viewer. A poll and a quote differ too, but few statuses have one: they are
left out of the head and made each time (inlays.py). What most have not stands in the head as null.
"""

from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from stonechat.dialects.mastodon.entities.accounts import Site
from stonechat.dialects.mastodon.entities.cards import PreviewCard, present_card
from stonechat.dialects.mastodon.entities.media import MediaAttachment, present_media
from stonechat.dialects.mastodon.entities.quotes import approval_json
from stonechat.dialects.mastodon.entities.times import instant, instant_or_none
from stonechat.domain import views
from stonechat.domain.media import shown_attachments
from stonechat.domain.media_links import find_page_card
from stonechat.domain.policies import Visibility
from stonechat.domain.quotes import AUTOMATIC, DENIED, QuotePolicy
from stonechat.domain.text.tags import tag_url
from stonechat.domain.views import HIDDEN_WARNING, EditView, MentionView, StatusView
from stonechat.kernel.ids import ms_of_id

_encode: Final = msgspec.json.Encoder().encode


class Mention(msgspec.Struct, frozen=True):
    """A person whom a status mentions."""

    id: str
    username: str
    url: str
    acct: str


class StatusTag(msgspec.Struct, frozen=True):
    """A hashtag in a status."""

    name: str
    url: str


class Application(msgspec.Struct, frozen=True):
    """The app that a status was made with."""

    name: str
    website: str | None


class StatusHead(msgspec.Struct, frozen=True):
    """Mastodon's Status, without its account and without what depends on the viewer."""

    id: str
    created_at: str
    edited_at: str | None
    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    sensitive: bool
    spoiler_text: str
    visibility: str
    language: str | None
    uri: str
    url: str
    replies_count: int
    reblogs_count: int
    favourites_count: int
    quotes_count: int
    content: str
    application: Application | None
    media_attachments: list[MediaAttachment]
    mentions: list[Mention]
    tags: list[StatusTag]
    emojis: list[str]
    card: PreviewCard | None
    poll: UnsetType | None = None
    quote: UnsetType | None = None


class StatusSource(msgspec.Struct, frozen=True):
    """What its author typed."""

    id: str
    text: str
    spoiler_text: str


def status_url(site: Site, username: str, status_id: int) -> str:
    """The page of a status."""
    return f"{site.base_url}/@{username}/{status_id}"


def status_uri(site: Site, status: StatusView) -> str:
    """The name of a status that never changes; a boost's ends in `/activity`."""
    uri = f"{site.base_url}/users/{status.username}/statuses/{status.id}"
    return uri if status.boost_of_id is None else f"{uri}/activity"


def _present_mention(mention: MentionView, site: Site) -> Mention:
    acct = mention.username
    if mention.domain is not None:
        acct = f"{acct}@{mention.domain}"
    return Mention(str(mention.id), mention.username, f"{site.base_url}/@{acct}", acct)


def _text_id(identifier: int | None) -> str | None:
    return None if identifier is None else str(identifier)


def present_head(status: StatusView, site: Site) -> StatusHead:
    """What everybody sees of a status."""
    is_boost = status.boost_of_id is not None
    application = None
    if status.app_name is not None and not is_boost:
        application = Application(status.app_name, status.app_website)
    url = status_url(site, status.username, status.id)
    return StatusHead(
        id=str(status.id),
        created_at=instant(ms_of_id(status.id)),
        edited_at=instant_or_none(status.edited_ms),
        in_reply_to_id=_text_id(status.in_reply_to_id),
        in_reply_to_account_id=_text_id(status.in_reply_to_account_id),
        sensitive=status.is_guarded,
        spoiler_text=status.warning,
        visibility=Visibility(status.visibility).label,
        language=status.language,
        uri=status_uri(site, status),
        url=f"{url}/activity" if is_boost else url,
        replies_count=status.replies,
        reblogs_count=status.boosts,
        favourites_count=status.favourites,
        quotes_count=status.quotes,
        content=status.content,
        application=application,
        media_attachments=[
            present_media(each, site, is_sealed=is_sealed(status.visibility))
            for each in shown_attachments(status.media)
        ],
        mentions=[_present_mention(mention, site) for mention in status.mentions],
        tags=[StatusTag(tag, tag_url(site.base_url, tag)) for tag in status.tags],
        emojis=[],
        card=_present_card(status, site),
        poll=None if status.poll is None else UNSET,
        quote=None if status.quote_of_id is None else UNSET,
    )


def _present_card(status: StatusView, site: Site) -> PreviewCard | None:
    card = status.card or find_page_card(status.media)
    return None if card is None else present_card(card, site)


def is_sealed(visibility: int) -> bool:
    """Whether the addresses of a status's files are good for one viewer each."""
    return visibility > Visibility.UNLISTED


def open_head(head: StatusHead) -> bytes:
    """A rendered head that goes on with the account."""
    return _encode(head)[:-1] + b',"account":'


class Tails(NamedTuple):
    """What ends a Status, by `approval_of` and the viewer's flags, rendered before anybody asks.

    `whole` ends a status that is no boost and matches no filter, which is nearly every one;
    `open` leaves the boosted status out in front and the FilterResults behind.
    """

    open: tuple[tuple[bytes, ...], ...]
    unfiltered: bytes
    whole: tuple[tuple[bytes, ...], ...]


CLOSED: Final = len(QuotePolicy)
"""Stands for the policy of what not even its author may quote: boosts, and what is for a few."""


def policy_of(status: StatusView) -> int:
    """The quote policy of a status, or CLOSED."""
    is_closed = status.visibility in (Visibility.DIRECT, Visibility.ADDRESSED)
    return CLOSED if is_closed or status.boost_of_id is not None else status.quote_policy


def approval_of(policy: int, is_allowed: bool) -> int:  # noqa: FBT001 - once for every status
    """The place in the tails of a quote policy, and of what it means to the viewer.

    `is_allowed` says that the viewer is whom the policy lets quote, or the author.
    """
    return 2 * policy + is_allowed


def _approvals() -> tuple[bytes, ...]:
    words = [(policy, word) for policy in QuotePolicy for word in (DENIED, AUTOMATIC)]
    words += [(QuotePolicy.NOBODY, DENIED)] * 2
    return tuple(b',"quote_approval":' + approval_json(*each) for each in words)


def _marks(flags: int) -> bytes:
    marks = {
        "favourited": bool(flags & views.FAVOURITED),
        "reblogged": bool(flags & views.BOOSTED),
        "muted": bool(flags & views.MUTED),
        "bookmarked": bool(flags & views.BOOKMARKED),
    }
    if flags & views.PINNABLE:
        marks["pinned"] = bool(flags & views.PINNED)
    return b"," + _encode(marks)[1:-1] + b',"filtered":'


def _tails(marks: tuple[bytes, ...], unfiltered: bytes) -> Tails:
    openings = tuple(tuple(approval + each for each in marks) for approval in _approvals())
    whole = tuple(
        tuple(b',"reblog":null' + opening + unfiltered + b"}" for opening in group)
        for group in openings
    )
    return Tails(openings, unfiltered, whole)


_FLAGS: Final = range(views.PINNABLE * 2)
PERSON_TAILS: Final = _tails(tuple(_marks(flags) for flags in _FLAGS), b"[]")
ANONYMOUS_TAILS: Final = _tails((b"",) * len(_FLAGS), b"")


class EditOption(msgspec.Struct, frozen=True):
    """An option of a poll in a past wording."""

    title: str


class EditPoll(msgspec.Struct, frozen=True):
    """The poll of a wording, without votes."""

    options: list[EditOption]


class StatusEdit(msgspec.Struct, frozen=True):
    """One wording of a status; its account is spliced in."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: msgspec.Raw
    media_attachments: list[MediaAttachment]
    emojis: list[str]
    poll: EditPoll | UnsetType = UNSET


def present_edit(
    edit: EditView, visibility: int, account: bytes, site: Site, *, is_collapsed: bool
) -> StatusEdit:
    """A wording of a status on the wire; what moderators hid is hidden in every wording."""
    poll = UNSET
    if edit.poll_options is not None:
        poll = EditPoll([EditOption(title) for title in edit.poll_options])
    return StatusEdit(
        content=edit.content,
        spoiler_text=HIDDEN_WARNING if is_collapsed else edit.spoiler,
        sensitive=is_collapsed or edit.is_sensitive,
        created_at=instant(edit.created_ms),
        account=msgspec.Raw(account),
        media_attachments=[
            present_media(each, site, is_sealed=is_sealed(visibility))
            for each in shown_attachments(edit.media)
        ],
        emojis=[],
        poll=poll,
    )
