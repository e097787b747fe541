"""Scheduled statuses in SQL: orders with a time, until they are carried out.

Whoever deletes the row has the order, and nobody else has: that is what makes a scheduled status
appear once, however many there are who try. An order is kept as JSON by the names that are
written here. They are read by every later release: names may be added, with what their absence
means, and none ever changes its meaning.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, LiteralString, NamedTuple

from stonechat.domain.contributions import Particulars
from stonechat.domain.ids import AccountId, AppId, ScheduledId
from stonechat.domain.places import Place
from stonechat.domain.policies import Visibility
from stonechat.domain.polls import PollDraft
from stonechat.domain.quotes import QUOTE_POLICIES
from stonechat.domain.scheduling import DRAFT_MS, Scheduled, Waiting, Wanted
from stonechat.domain.statuses import PostStatus
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import SKIP_LOCKED
from stonechat.storage.statuses import Statement


def command_text(command: PostStatus) -> str:
    """An order as JSON, in no more names than it needs: an older release may read it."""
    poll = command.poll
    fields: dict[str, object] = {
        "text": command.text,
        "spoiler": command.spoiler,
        "in_reply_to_id": command.in_reply_to_id,
        "visibility": None if command.visibility is None else command.visibility.name.lower(),
        "is_sensitive": command.is_sensitive,
        "language": command.language,
        "allowed_mentions": command.allowed_mentions,
        "idempotency_key": command.idempotency_key,
        "media_ids": command.media_ids,
        "poll": None if poll is None else _poll_fields(poll),
        "quoted_id": command.quoted_id,
        "quote_policy": None if command.quote_policy is None else command.quote_policy.label,
    }
    if command.about is not None:
        fields["about"] = _about_fields(command.about)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _poll_fields(poll: PollDraft) -> dict[str, object]:
    fields: dict[str, object] = {
        "options": poll.options,
        "seconds": poll.seconds,
        "is_multiple": poll.is_multiple,
        "hides_totals": poll.hides_totals,
    }
    titled = {"is_titled": True, "expires_ms": poll.expires_ms}
    return fields | titled if poll.is_titled else fields


def _about_fields(about: Particulars) -> dict[str, object]:
    return {
        "kind": about.kind,
        "title": about.title,
        "action": about.action,
        "html": about.html,
        "category_ids": about.category_ids,
        "place": about.place,
        "addressing": about.addressing,
        "poll_title": about.poll_title,
    }


def command_of(text: str) -> PostStatus:
    """The order that a text stands for."""
    fields: Mapping[str, Any] = json.loads(text)
    visibility, policy = fields.get("visibility"), fields.get("quote_policy")
    allowed, poll = fields.get("allowed_mentions"), fields.get("poll")
    about = fields.get("about")
    return PostStatus(
        text=fields["text"],
        spoiler=fields.get("spoiler", ""),
        in_reply_to_id=fields.get("in_reply_to_id"),
        visibility=None if visibility is None else Visibility[visibility.upper()],
        is_sensitive=fields.get("is_sensitive"),
        language=fields.get("language"),
        allowed_mentions=None if allowed is None else tuple(allowed),
        idempotency_key=fields.get("idempotency_key"),
        media_ids=tuple(fields.get("media_ids", ())),
        poll=None if poll is None else _poll(poll),
        quoted_id=fields.get("quoted_id"),
        quote_policy=None if policy is None else QUOTE_POLICIES[policy],
        about=None if about is None else _about(about),
    )


def _poll(fields: Mapping[str, Any]) -> PollDraft:
    return PollDraft(
        options=tuple(fields["options"]),
        seconds=fields.get("seconds"),
        is_multiple=fields.get("is_multiple", False),
        hides_totals=fields.get("hides_totals", False),
        is_titled=fields.get("is_titled", False),
        expires_ms=fields.get("expires_ms"),
    )


def _about(fields: Mapping[str, Any]) -> Particulars:
    place = fields["place"]
    return Particulars(
        kind=fields["kind"],
        title=fields["title"],
        action=fields["action"],
        html=fields["html"],
        category_ids=tuple(fields["category_ids"]),
        place=None if place is None else Place(*place),
        addressing=tuple(fields["addressing"]),
        poll_title=fields["poll_title"],
    )


_INSERT: Final = (
    "INSERT INTO scheduled_statuses (account_id, id, due_ms, app_id, command, kind)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
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
        scheduled.kind,
    )


async def count(
    tx: Reader, account_id: AccountId, day: tuple[int, int], *, without: ScheduledId
) -> Waiting:
    """How many orders of an account wait, in all and between two moments, not counting one."""
    row = await tx.one(_COUNT, account_id, *day, without)
    assert row is not None
    return Waiting(int(row[0]), int(row[1]))


_COLUMNS: Final[LiteralString] = (
    "SELECT id, due_ms, command, app_id, edition FROM scheduled_statuses WHERE account_id = $1"
)
_FIND: Final = _COLUMNS + " AND id = $2"
_LIST: Final = (
    _COLUMNS + " AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4",
    _COLUMNS + " AND id < $2 AND id > $3 ORDER BY id LIMIT $4",
)


def _scheduled(row: Row) -> Scheduled:
    return Scheduled(row[0], row[1], command_of(row[2]), row[3], row[4])


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
    " RETURNING id, due_ms, command, app_id, edition"
)
_REWRITE: Final = (
    "UPDATE scheduled_statuses SET due_ms = $3, command = $4, kind = $5, edition = edition + 1"
    " WHERE account_id = $1 AND id = $2 AND edition = $6"
)
_PUT_AWAY: Final = (
    "UPDATE scheduled_statuses SET due_ms = $5"
    " WHERE account_id = $1 AND id = $2 AND due_ms = $3 AND edition = $4"
)
_DELETE: Final = "DELETE FROM scheduled_statuses WHERE account_id = $1 AND id = $2"


async def move(
    tx: Transaction, account_id: AccountId, scheduled_id: ScheduledId, due_ms: int
) -> Scheduled | None:
    """Put an order off to another moment; None where the account has none by this id."""
    row = await tx.one(_MOVE, account_id, scheduled_id, due_ms)
    return None if row is None else _scheduled(row)


async def rewrite(tx: Transaction, account_id: AccountId, scheduled: Scheduled) -> bool:
    """Give an order another wording or time; False where it has changed since it was read."""
    text, kind = command_text(scheduled.command), scheduled.kind
    row = (account_id, scheduled.id, scheduled.due_ms, text, kind, scheduled.edition)
    return bool(await tx.run(_REWRITE, *row))


async def put_away(tx: Transaction, account_id: AccountId, scheduled: Scheduled) -> bool:
    """Make a draft of an order; False where it has changed since it was read."""
    due_ms, edition = scheduled.due_ms, scheduled.edition
    return bool(await tx.run(_PUT_AWAY, account_id, scheduled.id, due_ms, edition, DRAFT_MS))


async def delete(tx: Transaction, account_id: AccountId, scheduled_id: ScheduledId) -> bool:
    """Forget an order; False where the account has none by this id."""
    return bool(await tx.run(_DELETE, account_id, scheduled_id))


# The one that is due first stands first; drafts, which are due never, the newest first.
_OF_KIND: Final[LiteralString] = " WHERE account_id = $1 AND kind = $2 AND due_ms "
_LIST_SCHEDULED: Final = (
    "SELECT id, due_ms, command, app_id, edition FROM scheduled_statuses" + _OF_KIND + "< $3"
    " ORDER BY due_ms, id LIMIT $4 OFFSET $5"
)
_LIST_DRAFTS: Final = (
    "SELECT id, due_ms, command, app_id, edition FROM scheduled_statuses" + _OF_KIND + "= $3"
    " ORDER BY id DESC LIMIT $4 OFFSET $5"
)
_COUNT_SCHEDULED: Final = "SELECT COUNT(*) FROM scheduled_statuses" + _OF_KIND + "< $3"
_COUNT_DRAFTS: Final = "SELECT COUNT(*) FROM scheduled_statuses" + _OF_KIND + "= $3"


async def list_of_kind(
    tx: Reader, account_id: AccountId, wanted: Wanted, *, limit: int, offset: int
) -> tuple[list[Scheduled], int]:
    """A part of an account's orders that become one kind of contribution, and how many it has."""
    kind, is_draft = wanted
    list_sql = _LIST_DRAFTS if is_draft else _LIST_SCHEDULED
    count_sql = _COUNT_DRAFTS if is_draft else _COUNT_SCHEDULED
    rows = await tx.all(list_sql, account_id, kind, DRAFT_MS, limit, offset)
    counted = await tx.one(count_sql, account_id, kind, DRAFT_MS)
    assert counted is not None
    return [_scheduled(row) for row in rows], int(counted[0])


class Due(NamedTuple):
    """An order whose time has come, not yet read: a later release may have written it."""

    id: ScheduledId
    due_ms: int
    command: str
    app_id: AppId | None
    edition: int
    account_state: str
    role: str

    def read(self) -> Scheduled:
        """The order."""
        return _scheduled(self)


FIRST: Final = Due(ScheduledId(0), -1, "", None, 0, "", "")
"""What stands before every order."""
_LIST_DUE: Final = (
    "SELECT s.id, s.due_ms, s.command, s.app_id, s.edition, a.state, a.role"
    " FROM scheduled_statuses s JOIN accounts a ON a.id = s.account_id WHERE s.account_id = $1"
    " AND s.due_ms <= $2 AND (s.due_ms, s.id) > ($3, $4) ORDER BY s.due_ms, s.id LIMIT $5"
)
# Who finds a row held goes away instead of waiting: there may be many who want the same one.
_TAKE: Final[dict[str, LiteralString]] = {
    engine: (
        "DELETE FROM scheduled_statuses WHERE account_id = $1 AND id = (SELECT id"
        " FROM scheduled_statuses WHERE account_id = $1 AND id = $2 AND due_ms = $3"
        " AND edition = $4" + skip + ")"
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
    """Have an order for oneself; False where somebody else has or had it, or changed it."""
    due_ms, edition = scheduled.due_ms, scheduled.edition
    return bool(await tx.run(_TAKE[engine], account_id, scheduled.id, due_ms, edition))


async def is_there(tx: Reader, account_id: AccountId, scheduled: Scheduled) -> bool:
    """Whether an order is still to be carried out, even if somebody is about to."""
    row = await tx.one(_IS_THERE, account_id, scheduled.id, scheduled.due_ms)
    return row is not None
