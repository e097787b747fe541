"""ScheduledStatus: an order that waits, with every option of it as it was sent.

It has no content and no account: an app that meets it where it expects a Status finds little
more than an id. In `params`, null is what was not said, and is decided when the status is posted.
The addresses of its media are for its author alone, so they end in marks (entities/media).
"""

import msgspec

from stonechat.dialects.mastodon.entities.accounts import Site
from stonechat.dialects.mastodon.entities.media import MediaAttachment, present_media
from stonechat.dialects.mastodon.entities.times import instant
from stonechat.domain.media import shown_attachments
from stonechat.domain.polls import PollDraft
from stonechat.domain.quotes import QuotePolicy
from stonechat.domain.scheduling import Scheduled, ScheduledView


class PollParams(msgspec.Struct, frozen=True):
    """The poll that was ordered; `expires_in` counts from the time when it is posted."""

    options: tuple[str, ...]
    expires_in: int | None
    multiple: bool
    hide_totals: bool


class Params(msgspec.Struct, frozen=True):
    """The options. Those that are always null or false are there because apps look for them.

    Mastodon writes `in_reply_to_id` and `application_id` as numbers, here alone.
    """

    text: str
    poll: PollParams | None
    media_ids: list[str] | None
    sensitive: bool | None
    spoiler_text: str | None
    visibility: str | None
    language: str | None
    in_reply_to_id: int | None
    application_id: int | None
    allowed_mentions: list[str] | None
    quoted_status_id: str | None
    quote_approval_policy: str
    scheduled_at: None = None
    idempotency: None = None
    with_rate_limit: bool = False


class ScheduledStatus(msgspec.Struct, frozen=True):
    """Mastodon's ScheduledStatus."""

    id: str
    scheduled_at: str
    params: Params
    media_attachments: list[MediaAttachment]


def present_scheduled(view: ScheduledView, site: Site) -> ScheduledStatus:
    """A scheduled status on the wire."""
    return ScheduledStatus(
        str(view.scheduled.id),
        instant(view.scheduled.due_ms),
        _params(view.scheduled),
        [present_media(each, site, is_sealed=True) for each in shown_attachments(view.media)],
    )


def _params(scheduled: Scheduled) -> Params:
    command = scheduled.command
    policy = QuotePolicy.PUBLIC if command.quote_policy is None else command.quote_policy
    allowed, quoted = command.allowed_mentions, command.quoted_id
    return Params(
        text=command.text,
        poll=None if command.poll is None else _poll(command.poll),
        media_ids=[str(each) for each in command.media_ids] or None,
        sensitive=command.is_sensitive,
        spoiler_text=command.spoiler or None,
        visibility=None if command.visibility is None else command.visibility.label,
        language=command.language,
        in_reply_to_id=command.in_reply_to_id,
        application_id=scheduled.app_id,
        allowed_mentions=None if allowed is None else [str(each) for each in allowed],
        quoted_status_id=None if quoted is None else str(quoted),
        quote_approval_policy=policy.label,
    )


def _poll(draft: PollDraft) -> PollParams:
    return PollParams(draft.options, draft.seconds, draft.is_multiple, draft.hides_totals)
