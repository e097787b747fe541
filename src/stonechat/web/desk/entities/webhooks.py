"""Webhooks and what was sent to them, as their owner looks for a fault."""

from collections.abc import Sequence
from dataclasses import dataclass

from stonechat.domain.webhooks import Delivery, Webhook
from stonechat.web.entities.times import Moment, present_moment


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One message."""

    event: str
    message_id: str
    made: Moment
    delivered: Moment | None


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """One webhook, and how it fares."""

    id: int
    url: str
    made: Moment
    is_disabled: bool
    is_failing: bool
    last: Moment | None
    next: Moment | None
    """When it is tried again, where the last try failed."""
    error: str
    """Why the last try failed."""
    deliveries: tuple[DeliveryLine, ...]


def present_webhook(webhook: Webhook, deliveries: Sequence[Delivery]) -> WebhookLine:
    """A webhook with the newest messages to it."""
    is_failing = webhook.failing_ms is not None
    return WebhookLine(
        id=webhook.id,
        url=webhook.url,
        made=present_moment(webhook.created_ms),
        is_disabled=webhook.is_disabled,
        is_failing=is_failing,
        last=_moment(webhook.last_ms),
        next=_moment(webhook.try_ms) if is_failing and not webhook.is_disabled else None,
        error=webhook.last_error or "" if is_failing or webhook.is_disabled else "",
        deliveries=tuple(_delivery(each) for each in deliveries),
    )


def _delivery(delivery: Delivery) -> DeliveryLine:
    return DeliveryLine(
        delivery.event,
        delivery.message_id,
        present_moment(delivery.made_ms),
        _moment(delivery.delivered_ms),
    )


def _moment(milliseconds: int | None) -> Moment | None:
    return None if milliseconds is None else present_moment(milliseconds)
