"""Notification: one thing that happened, around an account and a status that were rendered."""

import msgspec

from stonechat.dialects.mastodon.entities.times import instant
from stonechat.domain.notifications import Notice, name_elsewhere
from stonechat.kernel.ids import ms_of_id


class Notification(msgspec.Struct, frozen=True):
    """Mastodon's Notification. `status` is absent where there is none, never null."""

    id: str
    type: str
    created_at: str
    group_key: str
    account: msgspec.Raw
    status: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class UnreadCount(msgspec.Struct, frozen=True):
    """How many notices are newer than the marker."""

    count: int


def present_notification(notice: Notice, account: bytes, status: bytes | None) -> Notification:
    """A notice on the wire. Nothing is grouped, so each is a group of its own."""
    return Notification(
        id=str(notice.id),
        type=name_elsewhere(notice.type),
        created_at=instant(ms_of_id(notice.id)),
        group_key=f"ungrouped-{notice.id}",
        account=msgspec.Raw(account),
        status=msgspec.UNSET if status is None else msgspec.Raw(status),
    )
