"""Keys, write tokens and links as their owner finds them again."""

from dataclasses import dataclass, field

from stonechat.domain.beacon_links import BeaconLink
from stonechat.domain.keys import Key, NewKey
from stonechat.web.entities.times import Moment, present_moment


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key or a write token, whose secret nobody can see any more."""

    id: int
    label: str
    hint: str
    made: Moment
    used: Moment | None
    ends: Moment | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class NewKeyLine:
    """One at the moment at which it can be copied."""

    line: KeyLine
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A private link."""

    label: str
    path: str
    secret: str = field(repr=False)
    made: Moment
    ends: Moment | None


def present_key(key: Key, now_ms: int) -> KeyLine:
    """One line of a list."""
    return KeyLine(
        id=key.id,
        label=key.label,
        hint=key.hint,
        made=present_moment(key.created_ms),
        used=_moment(key.used_ms),
        ends=_moment(key.expires_ms),
        is_over=key.is_over(now_ms),
    )


def present_new_key(new: NewKey, now_ms: int) -> NewKeyLine:
    """What is shown once."""
    return NewKeyLine(present_key(new.key, now_ms), new.secret)


def present_link(link: BeaconLink) -> LinkLine:
    """One line of a list of links."""
    return LinkLine(
        label=link.label,
        path=f"/s/{link.address}",
        secret=link.secret,
        made=present_moment(link.created_ms),
        ends=_moment(link.expires_ms),
    )


def _moment(milliseconds: int | None) -> Moment | None:
    return None if milliseconds is None else present_moment(milliseconds)
