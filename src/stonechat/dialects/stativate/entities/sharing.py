"""Sharing: who has a role, what leads to a private status, and what sets a value."""

from collections.abc import Iterable

import msgspec

from stonechat.dialects.stativate.entities.times import instant
from stonechat.domain.beacon_links import BeaconLink
from stonechat.domain.beacon_roles import BeaconSettings, BeaconUser
from stonechat.domain.beacons import BeaconView
from stonechat.domain.keys import Key, NewKey


class User(msgspec.Struct, frozen=True, rename="camel"):
    """Somebody with a role. `name` is what they are called in paths."""

    name: str
    display_name: str
    role: str
    since: str


class Link(msgspec.Struct, frozen=True, rename="camel"):
    """A private link. `id` stands in the paths that rotate and end it."""

    id: str
    url: str
    label: str
    created_at: str
    expires_at: str | None


class WriteToken(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A write token. `token`, its secret, is there in the answer that makes it and never again."""

    id: str
    label: str
    hint: str
    created_at: str
    used_at: str | None
    token: str | None = None


class Filter(msgspec.Struct, frozen=True):
    """Lets a change through: `to` a value, or `from` one to another."""

    kind: str
    value: str


class Subscription(msgspec.Struct, frozen=True, rename="camel"):
    """What the caller hears of a status."""

    share_id: str
    name: str
    role: str
    notifies: bool
    filters: tuple[Filter, ...]


def present_users(users: Iterable[BeaconUser]) -> list[User]:
    """Everybody with a role."""
    return [present_user(each) for each in users]


def present_user(user: BeaconUser) -> User:
    """Somebody with a role."""
    name = user.display_name or user.username
    return User(user.username, name, user.role, instant(user.since_ms))


def present_links(links: Iterable[BeaconLink], base_url: str) -> list[Link]:
    """The links to a status."""
    return [present_link(each, base_url) for each in links]


def present_link(link: BeaconLink, base_url: str) -> Link:
    """A link to a status."""
    end = None if link.expires_ms is None else instant(link.expires_ms)
    url = f"{base_url}/s/{link.address}"
    return Link(link.address, url, link.label, instant(link.created_ms), end)


def present_tokens(tokens: Iterable[Key]) -> list[WriteToken]:
    """The write tokens of a status, whose secrets nobody knows any more."""
    return [_token(each) for each in tokens]


def present_new_token(new: NewKey) -> WriteToken:
    """A write token that was made just now."""
    return _token(new.key, new.secret)


def _token(key: Key, secret: str | None = None) -> WriteToken:
    used = None if key.used_ms is None else instant(key.used_ms)
    return WriteToken(str(key.id), key.label, key.hint, instant(key.created_ms), used, secret)


def present_subscription(view: BeaconView, settings: BeaconSettings) -> Subscription:
    """What somebody with a role hears of a status."""
    filters = tuple(Filter(each.kind, each.value) for each in settings.filters)
    beacon = view.beacon
    return Subscription(beacon.id, beacon.name, view.role or "", settings.notifies, filters)
