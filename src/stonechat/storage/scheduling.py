"""Scheduled statuses in SQL: orders with a time, until they are carried out.

Whoever deletes the row has the order, and nobody else has: that is what makes a scheduled status
appear once, however many there are who try. An order is kept as JSON by the names that are
written here. They are read by every later release: names may be added, with what their absence
means, and none ever changes its meaning.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, LiteralString, NamedTuple

from stonechat.domain.ids import AccountId, AppId, ScheduledId
from stonechat.domain.policies import VISIBILITIES
from stonechat.domain.polls import PollDraft
from stonechat.domain.quotes import QUOTE_POLICIES
from stonechat.domain.scheduling import Scheduled, Waiting
from stonechat.domain.statuses import PostStatus
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import SKIP_LOCKED
from stonechat.storage.statuses import Statement


def command_text(command: PostStatus) -> str:
    """An order as JSON."""
    poll = command.poll
    fields = {
        "text": command.text,
        "spoiler": command.spoiler,
        "in_reply_to_id": command.in_reply_to_id,
        "visibility": None if command.visibility is None else command.visibility.label,
        "is_sensitive": command.is_sensitive,
        "language": command.language,
        "allowed_mentions": command.allowed_mentions,
        "idempotency_key": command.idempotency_key,
        "media_ids": command.media_ids,
        "poll": None if poll is None else _poll_fields(poll),
        "quoted_id": command.quoted_id,
        "quote_policy": None if command.quote_policy is None else command.quote_policy.label,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _poll_fields(poll: PollDraft) -> dict[str, object]:
    return {
        "options": poll.options,
        "seconds": poll.seconds,
        "is_multiple": poll.is_multiple,
        "hides_totals": poll.hides_totals,
    }


def command_of(text: str) -> PostStatus:
    """The order that a text stands for."""
    fields: Mapping[str, Any] = json.loads(text)
    visibility, policy = fields.get("visibility"), fields.get("quote_policy")
    allowed, poll = fields.get("allowed_mentions"), fields.get("poll")
    return PostStatus(
        text=fields["text"],
        spoiler=fields.get("spoiler", ""),
        in_reply_to_id=fields.get("in_reply_to_id"),
        visibility=None if visibility is None else VISIBILITIES[visibility],
        is_sensitive=fields.get("is_sensitive"),
        language=fields.get("language"),
        allowed_mentions=None if allowed is None else tuple(allowed),
        idempotency_key=fields.get("idempotency_key"),
        media_ids=tuple(fields.get("media_ids", ())),
        poll=None if poll is None else _poll(poll),
        quoted_id=fields.get("quoted_id"),
        quote_policy=None if policy is None else QUOTE_POLICIES[policy],
    )


def _poll(fields: Mapping[str, Any]) -> PollDraft:
    return PollDraft(
        options=tuple(fields["options"]),
        seconds=fields.get("seconds"),
        is_multiple=fields.get("is_multiple", False),
        hides_totals=fields.get("hides_totals", False),
    )


_INSERT: Final = (
    "INSERT INTO scheduled_statuses (account_id, id, due_ms, app_id, command)"
    " VALUES ($1, $2, $3, $4, $5)"
)
_COUNT: Final = (
    "SELECT COUNT(*), COALESCE(SUM(CASE WHEN due_ms >= $2 AND due_ms < $3 THEN 1 ELSE 0 END), 0)"
    " FROM scheduled_statuses WHERE account_id = $1 AND id <> $4"
)


def inserting(account_id: AccountId, scheduled: Scheduled) -> Statement:
    """The statement that keeps an order for later."""
    return _INSERT, (
        account_id,
        scheduled.id,
        scheduled.due_ms,
        scheduled.app_id,
        command_text(scheduled.command),
    )


async def count(
    tx: Reader, account_id: AccountId, day: tuple[int, int], *, without: ScheduledId
) -> Waiting:
    """How many orders of an account wait, in all and between two moments, not counting one."""
    row = await tx.one(_COUNT, account_id, *day, without)
    assert row is not None
    return Waiting(int(row[0]), int(row[1]))


_COLUMNS: Final[LiteralString] = (
    "SELECT id, due_ms, command, app_id FROM scheduled_statuses WHERE account_id = $1"
)
_FIND: Final = _COLUMNS + " AND id = $2"
_LIST: Final = (
    _COLUMNS + " AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4",
    _COLUMNS + " AND id < $2 AND id > $3 ORDER BY id LIMIT $4",
)


def _scheduled(row: Row) -> Scheduled:
    return Scheduled(row[0], row[1], command_of(row[2]), row[3])


async def find(tx: Reader, account_id: AccountId, scheduled_id: ScheduledId) -> Scheduled | None:
    """An order of an account's own, or None."""
    row = await tx.one(_FIND, account_id, scheduled_id)
    return None if row is None else _scheduled(row)


async def list_page(tx: Reader, account_id: AccountId, cursor: Cursor) -> list[Scheduled]:
    """A page of an account's orders, the one that was given last first."""
    sql = _LIST[cursor.upwards]
    rows = await tx.all(sql, account_id, cursor.below, cursor.above, cursor.limit)
    found = [_scheduled(row) for row in rows]
    return found[::-1] if cursor.upwards else found


_MOVE: Final = (
    "UPDATE scheduled_statuses SET due_ms = $3 WHERE account_id = $1 AND id = $2"
    " RETURNING id, due_ms, command, app_id"
)
_DELETE: Final = "DELETE FROM scheduled_statuses WHERE account_id = $1 AND id = $2"


async def move(
    tx: Transaction, account_id: AccountId, scheduled_id: ScheduledId, due_ms: int
) -> Scheduled | None:
    """Put an order off to another moment; None where the account has none by this id."""
    row = await tx.one(_MOVE, account_id, scheduled_id, due_ms)
    return None if row is None else _scheduled(row)


async def delete(tx: Transaction, account_id: AccountId, scheduled_id: ScheduledId) -> bool:
    """Forget an order; False where the account has none by this id."""
    return bool(await tx.run(_DELETE, account_id, scheduled_id))


class Due(NamedTuple):
    """An order whose time has come, not yet read: a later release may have written it."""

    id: ScheduledId
    due_ms: int
    command: str
    app_id: AppId | None
    account_state: str

    def read(self) -> Scheduled:
        """The order."""
        return _scheduled(self)


FIRST: Final = Due(ScheduledId(0), -1, "", None, "")
"""What stands before every order."""
_LIST_DUE: Final = (
    "SELECT s.id, s.due_ms, s.command, s.app_id, a.state FROM scheduled_statuses s"
    " JOIN accounts a ON a.id = s.account_id WHERE s.account_id = $1 AND s.due_ms <= $2"
    " AND (s.due_ms, s.id) > ($3, $4) ORDER BY s.due_ms, s.id LIMIT $5"
)
# Who finds a row held goes away instead of waiting: there may be many who want the same one.
_TAKE: Final[dict[str, LiteralString]] = {
    engine: (
        "DELETE FROM scheduled_statuses WHERE account_id = $1 AND id = (SELECT id"
        " FROM scheduled_statuses WHERE account_id = $1 AND id = $2 AND due_ms = $3" + skip + ")"
    )
    for engine, skip in SKIP_LOCKED.items()
}
_IS_THERE: Final = (
    "SELECT 1 FROM scheduled_statuses WHERE account_id = $1 AND id = $2 AND due_ms = $3"
)


async def list_due(
    tx: Reader, account_id: AccountId, now_ms: int, after: Due, limit: int
) -> list[Due]:
    """The orders of an account that are due, the oldest first, of those behind `after`."""
    rows = await tx.all(_LIST_DUE, account_id, now_ms, after.due_ms, after.id, limit)
    return [Due._make(row) for row in rows]


async def take(tx: Transaction, engine: str, account_id: AccountId, scheduled: Scheduled) -> bool:
    """Have an order for oneself; False where somebody else has or had it, or moved it."""
    return bool(await tx.run(_TAKE[engine], account_id, scheduled.id, scheduled.due_ms))


async def is_there(tx: Reader, account_id: AccountId, scheduled: Scheduled) -> bool:
    """Whether an order is still to be carried out, even if somebody is about to."""
    row = await tx.one(_IS_THERE, account_id, scheduled.id, scheduled.due_ms)
    return row is not None
