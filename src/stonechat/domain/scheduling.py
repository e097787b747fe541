"""Scheduled statuses: what is to be said later, and the rules of putting it off.

A scheduled status is an order (`PostStatus`) with a time, not a status: nobody but its author
knows of it, nothing counts it, and what the order leaves open (who may see it, whether it is
sensitive, which language) is decided when it is said. A day is a day of UTC, wherever its author
lives. A newcomer gets wrong that a time which is over is no fault when posting: such a status is
simply said at once. A draft is due at the end of time, as some apps have always kept theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import combinations
from typing import Any, Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.contributions import STATUS
from stonechat.domain.ids import AppId, ScheduledId
from stonechat.domain.statuses import PostStatus
from stonechat.domain.views import MediaView
from stonechat.kernel.clock import to_ms
from stonechat.kernel.errors import InvalidInput

DUE_MS_MAX: Final = to_ms(datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC))
"""The last moment that can be written down. Some apps keep drafts thousands of years ahead."""
DRAFT_MS: Final = DUE_MS_MAX
"""What is due then is a draft: it waits until its author says it."""
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An order and when it is due, as it is kept."""

    id: ScheduledId
    due_ms: int
    command: PostStatus
    app_id: AppId | None = None
    edition: int = 1

    @property
    def is_draft(self) -> bool:
        """Whether it waits for its author and for no time."""
        return self.due_ms == DRAFT_MS

    @property
    def kind(self) -> str:
        """What kind of contribution it becomes; none where it answers something."""
        about = self.command.about
        if about is not None:
            return about.kind
        return STATUS if self.command.in_reply_to_id is None else ""


@dataclass(frozen=True, slots=True)
class ScheduledView:
    """A scheduled status as its author sees it."""

    scheduled: Scheduled
    media: tuple[MediaView, ...] = ()


class Wanted(NamedTuple):
    """Which orders are asked for: those of a kind with a time, or its drafts."""

    kind: str
    is_draft: bool


class Waiting(NamedTuple):
    """How many scheduled statuses an account has, in all and on the day that is asked for."""

    total: int
    on_day: int


class Quota(NamedTuple):
    """How many it may have; the operator decides."""

    total: int
    per_day: int


def read_due(text: str) -> int:
    """The moment that a text in ISO 8601 names, in ms since 1970; without an offset it is UTC.

    The date and the time are read apart: taken as one, any number of thirteen digits would be a
    time as well, and one that is long over.
    """
    day, _, rest = text.strip().upper().replace(" ", "T", 1).partition("T")
    if not text.isprintable():
        # Python overlooks a NUL at the end of a time.
        raise InvalidInput(field="scheduled_at")
    try:
        moment = datetime.combine(
            date.fromisoformat(day), time.fromisoformat(rest) if rest else time.min
        )
    except ValueError:
        raise InvalidInput(field="scheduled_at") from None
    due_ms = to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    if due_ms > DUE_MS_MAX:
        raise InvalidInput(field="scheduled_at")
    return due_ms


def check_due(due_ms: int, now_ms: int) -> None:
    """InvalidInput for a time that is not far enough ahead."""
    if due_ms < now_ms + limits.SCHEDULED_SECONDS_AHEAD_MIN * 1000:
        raise InvalidInput(
            "Validation failed: Scheduled at date must be in the future", field="scheduled_at"
        )


def day_of(due_ms: int) -> tuple[int, int]:
    """The UTC day of a moment: its first millisecond, and the first one after it."""
    start_ms = due_ms - due_ms % _DAY_MS
    return start_ms, start_ms + _DAY_MS


def check_room(waiting: Waiting, quota: Quota) -> None:
    """InvalidInput where an account may not schedule one more."""
    faults: list[str] = []
    if waiting.total >= quota.total:
        faults.append(f"You have exceeded the limit of {quota.total} scheduled posts")
    if waiting.on_day >= quota.per_day:
        faults.append(f"You have exceeded the limit of {quota.per_day} scheduled posts for today")
    if faults:
        raise InvalidInput(f"Validation failed: {', '.join(faults)}", field="scheduled_at")


def rewritten(before: PostStatus, command: PostStatus) -> PostStatus:
    """A community's order in the place of another one; what it has no word for stays."""
    is_status = command.about is not None and command.about.kind == STATUS
    return replace(
        command,
        spoiler=before.spoiler,
        visibility=before.visibility,
        is_sensitive=before.is_sensitive,
        language=before.language,
        allowed_mentions=before.allowed_mentions,
        idempotency_key=before.idempotency_key,
        poll=before.poll if is_status else command.poll,
        quoted_id=before.quoted_id,
        quote_policy=before.quote_policy,
    )


_LEFT_OUT: Final[dict[str, Any]] = {"in_reply_to_id": None, "quoted_id": None, "media_ids": ()}


def lessened(command: PostStatus) -> Iterator[PostStatus]:
    """The order, and then the same with less and less that may be gone by now.

    What is answered or quoted can be deleted while an order waits. That is no reason not to say
    the rest of it, so whoever publishes tries one after the other.
    """
    given = [name for name, nothing in _LEFT_OUT.items() if getattr(command, name) != nothing]
    for count in range(len(given) + 1):
        for names in combinations(given, count):
            yield replace(command, **{name: _LEFT_OUT[name] for name in names})
