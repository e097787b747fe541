"""Relationship and FamiliarFollowers."""

import msgspec

from stonechat.dialects.mastodon.entities.times import instant
from stonechat.domain.ids import AccountId
from stonechat.domain.views import RelationshipView


class Relationship(msgspec.Struct, frozen=True):
    """Mastodon's Relationship."""

    id: str
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: list[str] | None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: str | None
    requested: bool
    requested_by: bool
    domain_blocking: bool
    endorsed: bool
    note: str


class FamiliarFollowers(msgspec.Struct, frozen=True):
    """Whom of the viewer's people an account is followed by."""

    id: str
    accounts: msgspec.Raw


def _whole_second(milliseconds: int | None) -> str | None:
    # The one instant in this dialect that Mastodon writes without a fraction.
    return None if milliseconds is None else instant(milliseconds).partition(".")[0] + "Z"


def present_relationship(view: RelationshipView) -> Relationship:
    """A relationship on the wire. What a follow shows is false while there is none."""
    return Relationship(
        id=str(view.id),
        following=view.is_following,
        showing_reblogs=view.is_following and view.shows_boosts,
        notifying=view.is_following and view.notifies,
        languages=list(view.languages) or None,
        followed_by=view.is_followed_by,
        blocking=view.is_blocking,
        blocked_by=view.is_blocked_by,
        muting=view.is_muting,
        muting_notifications=view.mutes_notifications,
        muting_expires_at=_whole_second(view.mute_expires_ms),
        requested=view.is_requested,
        requested_by=view.is_requested_by,
        domain_blocking=view.is_domain_blocking,
        endorsed=view.is_endorsed,
        note=view.note,
    )


def present_familiar_followers(account_id: AccountId, accounts: bytes) -> FamiliarFollowers:
    """One account and the rendered list of its familiar followers."""
    return FamiliarFollowers(str(account_id), msgspec.Raw(accounts))
