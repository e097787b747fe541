"""Status in three pieces: a head that is the same for everybody, its account, and a tail.

The head and the account are rendered once per version and kept; the tail holds what differs
from viewer to viewer. `splice` puts the three together as bytes.
"""

from typing import Final, NamedTuple

import msgspec

from stonechat.dialects.mastodon.entities.accounts import Site
from stonechat.dialects.mastodon.entities.times import instant, instant_or_none
from stonechat.domain import views
from stonechat.domain.policies import Visibility
from stonechat.domain.text.tags import tag_url
from stonechat.domain.views import EditView, MentionView, StatusView
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
    media_attachments: list[str]
    mentions: list[Mention]
    tags: list[StatusTag]
    emojis: list[str]
    card: None = None
    poll: None = None


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
        sensitive=status.is_sensitive,
        spoiler_text=status.spoiler,
        visibility=Visibility(status.visibility).label,
        language=status.language,
        uri=status_uri(site, status),
        url=f"{url}/activity" if is_boost else url,
        replies_count=status.replies,
        reblogs_count=status.boosts,
        favourites_count=status.favourites,
        quotes_count=0,
        content=status.content,
        application=application,
        media_attachments=[],
        mentions=[_present_mention(mention, site) for mention in status.mentions],
        tags=[StatusTag(tag, tag_url(site.base_url, tag)) for tag in status.tags],
        emojis=[],
    )


def open_head(head: StatusHead) -> bytes:
    """A rendered head that goes on with the account."""
    return _encode(head)[:-1] + b',"account":'


class Tails(NamedTuple):
    """What ends a Status, by the viewer's flags, rendered before anybody asks.

    `whole` ends a status that is no boost and matches no filter, which is nearly every one;
    `open` leaves the boosted status out in front and the FilterResults behind.
    """

    open: tuple[bytes, ...]
    unfiltered: bytes
    whole: tuple[bytes, ...]


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


def _tails(openings: tuple[bytes, ...], unfiltered: bytes) -> Tails:
    whole = tuple(b',"reblog":null' + opening + unfiltered + b"}" for opening in openings)
    return Tails(openings, unfiltered, whole)


_FLAGS: Final = range(views.PINNABLE * 2)
PERSON_TAILS: Final = _tails(tuple(_marks(flags) for flags in _FLAGS), b"[]")
ANONYMOUS_TAILS: Final = _tails((b"",) * len(_FLAGS), b"")


class StatusEdit(msgspec.Struct, frozen=True):
    """One wording of a status; its account is spliced in."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: msgspec.Raw
    media_attachments: list[str]
    emojis: list[str]


def present_edit(edit: EditView, account: bytes) -> StatusEdit:
    """A wording of a status on the wire."""
    return StatusEdit(
        content=edit.content,
        spoiler_text=edit.spoiler,
        sensitive=edit.is_sensitive,
        created_at=instant(edit.created_ms),
        account=msgspec.Raw(account),
        media_attachments=[],
        emojis=[],
    )
