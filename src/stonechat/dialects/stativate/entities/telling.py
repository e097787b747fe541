"""Telling: what somebody was told of statuses, and the addresses that are told."""

from collections.abc import Iterable

import msgspec

from stonechat.dialects.stativate.entities.times import instant
from stonechat.domain.beacon_notices import BeaconNotice
from stonechat.domain.webhooks import Delivery, NewWebhook, Webhook


class Hook(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A webhook. `secret` is there in the answer that makes it and never again."""

    id: str
    url: str
    created_at: str
    is_enabled: bool
    failing_since: str | None
    next_try_at: str | None
    last_try_at: str | None
    last_status: int | None
    last_error: str | None
    secret: str | None = None


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """What is sent to a webhook, and when it got there."""

    id: str
    event: str
    made_at: str
    delivered_at: str | None


class Notice(msgspec.Struct, frozen=True, rename="camel"):
    """One thing that happened to a status which the caller owns, updates or follows."""

    id: str
    kind: str
    share_id: str
    name: str
    old_value: str | None
    value: str | None
    made_at: str
    is_unread: bool


class Notices(msgspec.Struct, frozen=True):
    """A page of notices, and how many nobody has seen."""

    unread: int
    notices: list[Notice]


def present_hooks(webhooks: Iterable[Webhook]) -> list[Hook]:
    """The webhooks of a status, or of the caller."""
    return [present_hook(each) for each in webhooks]


def present_hook(webhook: Webhook, secret: str | None = None) -> Hook:
    """A webhook."""
    return Hook(
        str(webhook.id),
        webhook.url,
        instant(webhook.created_ms),
        not webhook.is_disabled,
        _maybe(webhook.failing_ms),
        _maybe(webhook.try_ms or None),
        _maybe(webhook.last_ms),
        webhook.last_status,
        webhook.last_error,
        secret,
    )


def present_new_hook(new: NewWebhook) -> Hook:
    """A webhook that was made just now, with what signs its messages."""
    return present_hook(new.webhook, new.secret)


def present_message(delivery: Delivery) -> Message:
    """What is sent to a webhook."""
    made, delivered = instant(delivery.made_ms), _maybe(delivery.delivered_ms)
    return Message(delivery.message_id, delivery.event, made, delivered)


def present_messages(deliveries: Iterable[Delivery]) -> list[Message]:
    """What was, or is to be, sent to a webhook."""
    return [present_message(each) for each in deliveries]


def present_notices(notices: Iterable[BeaconNotice], unread: int) -> Notices:
    """A page of notices."""
    return Notices(unread, [_notice(each) for each in notices])


def _notice(notice: BeaconNotice) -> Notice:
    return Notice(
        str(notice.id),
        notice.kind,
        notice.beacon_id,
        notice.name,
        notice.old_value,
        notice.value or None,
        instant(notice.made_ms),
        notice.is_unread,
    )


def _maybe(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else instant(milliseconds)
