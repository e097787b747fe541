"""What moderators are shown: flags, what was flagged, and members with their bans.

The reduced object of something that was flagged has what it says, unveiled, and what hangs on it
in numbers.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.entities.contributions import html_of, slug_of
from stonechat.dialects.selfcommunity.entities.media import present_all_media
from stonechat.dialects.selfcommunity.entities.times import instant, instant_or_none
from stonechat.dialects.selfcommunity.entities.users import (
    User,
    present_user,
    with_metadata,
)
from stonechat.domain.bans import Standing
from stonechat.domain.contributions import STATUS
from stonechat.domain.flags import REASONS, Flag
from stonechat.domain.ids import CategoryId
from stonechat.domain.members import MemberView
from stonechat.domain.moderation import COMMENT, Ruling
from stonechat.domain.policies import Visibility
from stonechat.domain.text.summaries import summarise
from stonechat.domain.views import StatusView
from stonechat.kernel.ids import ms_of_id

_MEDIA: Final = ("url", "embed", "image", "eimage", "doc", "share")
_encode: Final = msgspec.json.Encoder().encode


class OwnFlag(msgspec.Struct, frozen=True):
    """The viewer's own flag, or none."""

    added_at: str | None
    flag_type: int | None
    flag_type_description: str | None


class RulingStatus(msgspec.Struct, frozen=True):
    """What was decided about something."""

    status: str
    flag_type: int | None
    flag_type_description: str | None


def present_own_flag(flag: Flag | None) -> OwnFlag:
    """The viewer's own flag on the wire."""
    if flag is None:
        return OwnFlag(None, None, None)
    return OwnFlag(instant(flag.made_ms), flag.reason, REASONS[flag.reason])


def present_ruling_status(ruling: Ruling) -> RulingStatus:
    """What was decided about something, and why."""
    reason = ruling.reason
    return RulingStatus(ruling.state, reason, None if reason is None else REASONS[reason])


def flag_bytes(user: bytes, flag: Flag) -> bytes:
    """The vendor's Flag."""
    return b'{"user":%b,%b' % (user, _encode(present_own_flag(flag))[1:])


class Reduced(msgspec.Struct, frozen=True):
    """What was flagged, in short; its author is spliced in."""

    id: int
    type: str
    title: str
    added_at: str
    last_edited_at: str | None
    html: str
    summary: str
    slug: str
    deleted: bool
    collapsed: bool
    comment_count: int
    vote_count: int
    flag_count: int
    share_count: int
    flag_count_detail: dict[str, int]
    media_count_detail: dict[str, int]
    has_poll: bool
    thread_id: int
    thread_type: str
    thread_slug: str


class Decision(msgspec.Struct, frozen=True):
    """What was decided, and when; who did it is spliced in."""

    last_flagged_at: str | None
    moderation_status: str
    moderation_type: int | None
    moderation_at: str | None


def present_reduced(
    view: StatusView,
    root: StatusView | None,
    counts: Mapping[int, int],
    category_tags: Mapping[CategoryId, str],
    base_url: str,
) -> Reduced:
    """What was flagged; `root` is the contribution that a comment is on, if that is there."""
    html = html_of(view, base_url, category_tags)
    summary = summarise(html).text
    is_comment = view.thread_id != view.id
    return Reduced(
        id=view.id,
        type=COMMENT if is_comment else view.kind,
        title=view.facets.title,
        added_at=instant(ms_of_id(view.id)),
        last_edited_at=instant_or_none(view.edited_ms),
        html=html,
        summary=summary,
        slug=slug_of(view, summary),
        deleted=view.deleted_ms is not None,
        collapsed=view.is_collapsed,
        comment_count=view.comments,
        vote_count=view.votes,
        flag_count=view.flags,
        share_count=view.boosts + view.quotes,
        flag_count_detail={str(reason): counts.get(reason, 0) for reason in REASONS},
        media_count_detail=_count_media(view, base_url),
        has_poll=view.poll is not None,
        thread_id=view.thread_id,
        thread_type=STATUS if root is None else root.kind,
        thread_slug=STATUS if root is None else _slug_of_root(root, base_url, category_tags),
    )


def _slug_of_root(root: StatusView, base_url: str, category_tags: Mapping[CategoryId, str]) -> str:
    return slug_of(root, summarise(html_of(root, base_url, category_tags)).text)


def _count_media(view: StatusView, base_url: str) -> dict[str, int]:
    is_sealed = view.visibility > Visibility.UNLISTED
    shown = present_all_media(view.media, view.card, view.id, base_url, is_sealed=is_sealed)
    types = [each.type for each in shown]
    return {name: types.count(name) for name in _MEDIA}


def flagged_bytes(reduced: Reduced, ruling: Ruling, author: bytes, moderator: bytes) -> bytes:
    """The vendor's FlaggedContribution."""
    decision = Decision(
        instant_or_none(ruling.flagged_ms or None),
        ruling.state,
        ruling.reason,
        instant_or_none(ruling.moderated_ms or None),
    )
    return b'{"contribution_type":%b,"contribution":%b,"author":%b},%b,"moderation_by":%b}' % (
        _encode(reduced.type),
        _encode(reduced)[:-1],
        author,
        _encode(decision)[1:-1],
        moderator,
    )


class ModerationUser(User, frozen=True, kw_only=True):
    """A User as moderators see it. There is no score of people here, so none ever changed."""

    blocked_at: str | None
    days_blocked: int | None
    expire_at: str | None
    last_seen: str | None
    flags_given: int
    flags_received: int
    last_score_variation: None = None


def moderation_user_bytes(member: MemberView, standing: Standing, base_url: str) -> bytes:
    """A whole User as moderators see it. They were last seen when they last said something."""
    ban = standing.ban if member.account.state == "disabled" else None
    user = ModerationUser(
        **msgspec.structs.asdict(present_user(member, base_url)),
        blocked_at=None if ban is None else instant(ban.began_ms),
        days_blocked=None if ban is None else ban.days,
        expire_at=None if ban is None else instant_or_none(ban.ends_ms),
        last_seen=instant_or_none(member.account.last_status_ms),
        flags_given=standing.flags_given,
        flags_received=standing.flags_received,
    )
    return with_metadata(_encode(user), member)
