"""Account, as everybody sees one. What only its owner sees is in entities/credentials."""

from typing import Final, NamedTuple

import msgspec

from stonechat.dialects.mastodon.entities.times import day, instant_or_none, midnight
from stonechat.domain.text.markup import render_field, render_note
from stonechat.domain.views import AccountView

ROLE_NAMES: Final = {"owner": "Owner", "admin": "Admin", "moderator": "Moderator"}
ROLE_IDS: Final = {"user": "-99", "moderator": "1", "admin": "2", "owner": "3"}


class Site(NamedTuple):
    """What presenters need to know of the server."""

    base_url: str
    domain: str


class Field(msgspec.Struct, frozen=True):
    """One line of a profile's table."""

    name: str
    value: str
    verified_at: str | None


class AccountRole(msgspec.Struct, frozen=True):
    """A role that is shown on a profile."""

    id: str
    name: str
    color: str


class Account(msgspec.Struct, frozen=True):
    """Mastodon's Account."""

    id: str
    username: str
    acct: str
    display_name: str
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    group: bool
    created_at: str
    note: str
    url: str
    uri: str
    avatar: str
    avatar_static: str
    header: str
    header_static: str
    followers_count: int
    following_count: int
    statuses_count: int
    last_status_at: str | None
    hide_collections: bool
    noindex: bool
    emojis: list[str]
    roles: list[AccountRole]
    fields: list[Field]
    suspended: bool | msgspec.UnsetType = msgspec.UNSET


def picture_url(site: Site, name: str | None, default: str) -> str:
    """Where a picture is; a plain one stands in, because clients crash on an empty URL."""
    return f"{site.base_url}/pictures/{name}" if name else f"{site.base_url}/static/{default}"


def profile_url(site: Site, account: AccountView) -> str:
    """The page of an account."""
    return f"{site.base_url}/@{account.acct}"


def present_account(account: AccountView, site: Site) -> Account:
    """An account on the wire. One that was suspended is an empty shell."""
    is_gone = account.state in ("suspended", "deleted")
    avatar = picture_url(site, None if is_gone else account.avatar, "avatar.png")
    header = picture_url(site, None if is_gone else account.header, "header.png")
    url = profile_url(site, account)
    return Account(
        id=str(account.id),
        username=account.username,
        acct=account.acct,
        display_name="" if is_gone else account.display_name,
        locked=account.is_locked,
        bot=account.is_bot,
        discoverable=account.is_discoverable,
        indexable=account.is_indexable,
        group=account.is_group,
        created_at=midnight(account.created_ms),
        note="" if is_gone else render_note(account.note, {}, site.base_url),
        url=url,
        uri=f"{site.base_url}/users/{account.username}",
        avatar=avatar,
        avatar_static=avatar,
        header=header,
        header_static=header,
        followers_count=account.followers,
        following_count=account.followings,
        statuses_count=account.statuses,
        last_status_at=day(account.last_status_ms),
        hide_collections=account.hides_collections,
        noindex=not account.is_indexable,
        emojis=[],
        roles=_present_roles(account),
        fields=[] if is_gone else _present_fields(account, site),
        suspended=True if is_gone else msgspec.UNSET,
    )


def _present_roles(account: AccountView) -> list[AccountRole]:
    name = ROLE_NAMES.get(account.role)
    return [] if name is None else [AccountRole(ROLE_IDS[account.role], name, "")]


def _present_fields(account: AccountView, site: Site) -> list[Field]:
    return [
        Field(
            name=field.name,
            value=render_field(field.value, {}, site.base_url),
            verified_at=instant_or_none(field.verified_ms),
        )
        for field in account.fields
    ]
