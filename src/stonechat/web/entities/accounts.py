"""Profiles: an account as its page shows it."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from stonechat.domain.text.markup import render_field, render_note
from stonechat.domain.views import AccountView
from stonechat.web.entities.addresses import Site, picture_path, profile_path
from stonechat.web.entities.times import Moment, present_month
from stonechat.web.entities.titles import SUMMARY_CHARACTERS_MAX, shorten

_ROLES: Final = {"owner": "Owner", "admin": "Administrator", "moderator": "Moderator"}


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a profile's table; the value is HTML."""

    name: str
    value: Markup


@dataclass(frozen=True, slots=True)
class Profile:
    """What a template needs of an account."""

    name: str
    acct: str
    address: str
    path: str
    url: str
    uri: str
    avatar: str
    header: str
    note: Markup
    summary: str
    fields: tuple[Field, ...]
    badges: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    joined: Moment
    is_indexable: bool


def _badges(account: AccountView) -> tuple[str, ...]:
    marks = (
        (account.role in _ROLES, _ROLES.get(account.role, "")),
        (account.is_bot, "Automated"),
        (account.is_group, "Group"),
        (account.is_locked, "Approves followers"),
    )
    return tuple(words for is_set, words in marks if is_set)


def present_profile(account: AccountView, site: Site) -> Profile:
    """An account as its page shows it."""
    path = profile_path(account.acct)
    address = f"@{account.username}@{account.domain or site.domain}"
    note = render_note(account.note, {}, site.base_url)
    fields = (
        Field(each.name, Markup(render_field(each.value, {}, site.base_url)))  # noqa: S704 - as below
        for each in account.fields
    )
    return Profile(
        name=account.display_name or account.username,
        acct=account.acct,
        address=address,
        path=path,
        url=site.base_url + path,
        uri=f"{site.base_url}/users/{account.username}",
        avatar=picture_path(account.avatar, "avatar.png"),
        header=picture_path(account.header, "header.png"),
        note=Markup(note),  # noqa: S704 - made by domain/text/markup, all escaped
        summary=shorten(account.note, SUMMARY_CHARACTERS_MAX) or address,
        fields=tuple(fields),
        badges=_badges(account),
        counts=(
            ("Posts", account.statuses),
            ("Followers", account.followers),
            ("Following", account.followings),
        ),
        joined=present_month(account.created_ms),
        is_indexable=account.is_indexable,
    )
