"""Statuses in SQL: the rows themselves, their mentions, tags and counters.

A deleted status keeps its row for thirty days, so that its author can bring it back;
everything here that reads for somebody leaves such rows out. Whatever changes what others see
raises `version` in the same statement: rendered fragments are checked by it, nothing else.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.statuses import Status, view_status
from stonechat.domain.threads import ThreadRow
from stonechat.domain.views import Byline, StatusView
from stonechat.kernel.errors import NotFound
from stonechat.storage import documents
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import IN_SIZES, padded, parameters

Statement = tuple[LiteralString, tuple[object, ...]]

_STATUS_COLUMNS: Final = (
    "s.id, s.account_id, s.kind, s.in_reply_to_id, s.in_reply_to_account_id, s.is_parent_gone,"
    " s.thread_id, s.boost_of_id, s.visibility, s.is_sensitive, s.spoiler, s.text, s.content,"
    " s.language, s.app_id, s.mentions, s.tags, s.edited_ms, s.deleted_ms, s.pinned_ms,"
    " s.replies, s.boosts, s.favourites, s.version, s.media, s.poll, s.card, s.quote_of_id,"
    " s.quote_state, s.quote_policy, s.quotes"
)
_STATUS_WIDTH: Final = 31


def _status(row: Row) -> Status:
    return Status(
        id=row[0],
        account_id=row[1],
        kind=row[2],
        in_reply_to_id=row[3],
        in_reply_to_account_id=row[4],
        is_parent_gone=bool(row[5]),
        thread_id=row[6],
        boost_of_id=row[7],
        visibility=row[8],
        is_sensitive=bool(row[9]),
        spoiler=row[10],
        text=row[11],
        content=row[12],
        language=row[13],
        app_id=row[14],
        mentions=documents.mentions_of(row[15]),
        tags=documents.tags_of(row[16]),
        edited_ms=row[17],
        deleted_ms=row[18],
        pinned_ms=row[19],
        replies=row[20],
        boosts=row[21],
        favourites=row[22],
        version=row[23],
        media=documents.media_of(row[24]),
        poll=documents.poll_of(row[25]),
        card=documents.card_of(row[26]),
        quote_of_id=row[27],
        quote_state=row[28],
        quote_policy=row[29],
        quotes=row[30],
    )


_FIND: Final = "SELECT " + _STATUS_COLUMNS + " FROM statuses s WHERE s.id = $1"


async def find(tx: Reader, status_id: StatusId) -> Status | None:
    """A status as it stands, deleted or not, whoever may see it."""
    row = await tx.one(_FIND, status_id)
    return None if row is None else _status(row)


_LOCK: Final = "UPDATE statuses SET version = version WHERE id = $1"


async def lock(tx: Transaction, status_id: StatusId) -> None:
    """Hold back everybody else who deletes, edits, boosts or answers this status.

    What is read of it after this stays true until the commit, so counters follow from facts.
    """
    await tx.run(_LOCK, status_id)


async def get_own(tx: Reader, status_id: StatusId, account_id: AccountId) -> Status:
    """A status of this account that is not deleted; anything else is NotFound."""
    status = await find(tx, status_id)
    if status is None or status.account_id != account_id or status.deleted_ms is not None:
        raise NotFound
    return status


_INSERT: Final = (
    "INSERT INTO statuses (id, account_id, kind, in_reply_to_id, in_reply_to_account_id,"
    " thread_id, boost_of_id, visibility, is_sensitive, spoiler, text, content, language, app_id,"
    " mentions, tags, media, has_media, poll, quote_of_id, quote_state, quote_policy)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20, $21, $22)"
)
_INSERT_MENTION: Final = (
    "INSERT INTO status_mentions (status_id, account_id) VALUES ($1, $2)"
    " ON CONFLICT (status_id, account_id) DO UPDATE SET is_silent = 0"
)
_INSERT_TAG: Final = (
    "INSERT INTO status_tags (status_id, tag, account_id, is_public) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (status_id, tag) DO NOTHING"
)


def inserting(status: Status) -> list[Statement]:
    """The statements that write a new status with its mentions and tags."""
    return [
        (
            _INSERT,
            (
                status.id,
                status.account_id,
                status.kind,
                status.in_reply_to_id,
                status.in_reply_to_account_id,
                status.thread_id,
                status.boost_of_id,
                status.visibility,
                int(status.is_sensitive),
                status.spoiler,
                status.text,
                status.content,
                status.language,
                status.app_id,
                documents.mentions_text(status.mentions),
                documents.tags_text(status.tags),
                documents.media_text(status.media),
                int(bool(status.media)),
                documents.poll_text(status.poll),
                status.quote_of_id,
                status.quote_state,
                status.quote_policy,
            ),
        ),
        *mentioning(status.id, [mention.id for mention in status.mentions]),
        *tagging(status),
    ]


def mentioning(status_id: StatusId, account_ids: Sequence[AccountId]) -> list[Statement]:
    """The statements that say whom a status mentions."""
    return [(_INSERT_MENTION, (status_id, account_id)) for account_id in account_ids]


def tagging(status: Status) -> list[Statement]:
    """The statements that file a status under its tags."""
    is_public = int(status.visibility == 0)
    return [(_INSERT_TAG, (status.id, tag, status.account_id, is_public)) for tag in status.tags]


_UNTAG: Final = "DELETE FROM status_tags WHERE status_id = $1"

_DELETE: Final = (
    "UPDATE statuses SET deleted_ms = $2, pinned_ms = NULL, version = version + 1"
    " WHERE (id = $1 OR boost_of_id = $1) AND deleted_ms IS NULL"
)
_ORPHAN: Final = (
    "UPDATE statuses SET is_parent_gone = 1, version = version + 1 WHERE in_reply_to_id = $1"
)
_DELETE_BOOSTS: Final = "DELETE FROM boosts WHERE of_id = $1"
_UNCOUNT_BOOSTS: Final = (
    "UPDATE account_counters SET statuses = statuses - 1, version = version + 1"
    " WHERE account_id IN (SELECT account_id FROM boosts WHERE of_id = $1)"
)
_BOOSTS_LEAVE_HOMES: Final = (
    "DELETE FROM home_entries WHERE status_id IN (SELECT status_id FROM boosts WHERE of_id = $1)"
)


def withdrawing_boosts(of_id: StatusId) -> list[Statement]:
    """The statements that take the boosts of a status out of homes and counters.

    They go before `deleting`, in a write set of their own: they look at the boosts, and the
    author's own counter changes again with the status.
    """
    return [(_UNCOUNT_BOOSTS, (of_id,)), (_BOOSTS_LEAVE_HOMES, (of_id,))]


def deleting(status_id: StatusId, now_ms: int) -> list[Statement]:
    """The statements that take a status and its boosts out of sight."""
    return [
        (_DELETE, (status_id, now_ms)),
        (_ORPHAN, (status_id,)),
        (_DELETE_BOOSTS, (status_id,)),
        (_UNTAG, (status_id,)),
    ]


_COUNT_REPLY: Final = (
    "UPDATE statuses SET replies = replies + $2, version = version + 1 WHERE id = $1"
)
_COUNT_BOOST: Final = (
    "UPDATE statuses SET boosts = boosts + $2, version = version + 1 WHERE id = $1"
)
_COUNT_FAVOURITE: Final = (
    "UPDATE statuses SET favourites = favourites + $2, version = version + 1 WHERE id = $1"
)
_COUNT_FAVOURITE_NOW: Final = _COUNT_FAVOURITE + " RETURNING version"


def counting_reply(parent_id: StatusId, change: int) -> Statement:
    """The statement that counts an answer up or down."""
    return _COUNT_REPLY, (parent_id, change)


def counting_boost(status_id: StatusId, change: int) -> Statement:
    """The statement that counts a boost up or down."""
    return _COUNT_BOOST, (status_id, change)


def counting_favourite(status_id: StatusId, change: int) -> Statement:
    """The statement that counts a favourite up or down."""
    return _COUNT_FAVOURITE, (status_id, change)


async def count_favourite(tx: Transaction, status_id: StatusId, change: int) -> int:
    """Count a favourite up or down; the version that the status has with it."""
    row = await tx.one(_COUNT_FAVOURITE_NOW, status_id, change)
    assert row is not None
    return int(row[0])


_PIN: Final = "UPDATE statuses SET pinned_ms = $2 WHERE id = $1"
_COUNT_PINS: Final = "SELECT COUNT(*) FROM statuses WHERE account_id = $1 AND pinned_ms IS NOT NULL"


async def update_pin(tx: Transaction, status_id: StatusId, pinned_ms: int | None) -> None:
    """Pin a status to its author's profile, or take the pin out."""
    await tx.run(_PIN, status_id, pinned_ms)


async def count_pins(tx: Reader, account_id: AccountId) -> int:
    """How many statuses an account has pinned."""
    row = await tx.one(_COUNT_PINS, account_id)
    assert row is not None
    return int(row[0])


@cache
def _load_views_sql(count: int) -> LiteralString:
    return (
        "SELECT " + _STATUS_COLUMNS + ", a.username, p.name, p.website FROM statuses s"
        " JOIN accounts a ON a.id = s.account_id LEFT JOIN apps p ON p.id = s.app_id"
        " WHERE s.id IN (" + parameters(1, count) + ")"
    )


async def load_views(tx: Reader, status_ids: Sequence[StatusId]) -> dict[StatusId, StatusView]:
    """Statuses as everybody sees them, by id; who may see them was asked before."""
    found: dict[StatusId, StatusView] = {}
    for start in range(0, len(status_ids), IN_SIZES[-1]):
        ids = padded(status_ids[start : start + IN_SIZES[-1]])
        rows = await tx.all(_load_views_sql(len(ids)), *ids)
        found.update(
            (row[0], view_status(_status(row), Byline._make(row[_STATUS_WIDTH:]))) for row in rows
        )
    return found


_LIST_THREAD: Final = (
    "SELECT id, CASE WHEN is_parent_gone = 1 THEN NULL ELSE in_reply_to_id END, account_id,"
    " version, visibility, pinned_ms FROM statuses WHERE thread_id = $1 AND boost_of_id IS NULL"
    " AND deleted_ms IS NULL ORDER BY id LIMIT $2"
)


async def list_thread(tx: Reader, thread_id: int, limit: int) -> list[ThreadRow]:
    """The statuses of a thread, oldest first, whoever may see them."""
    return [ThreadRow._make(row) for row in await tx.all(_LIST_THREAD, thread_id, limit)]


_DELETE_BOOST: Final = "UPDATE statuses SET deleted_ms = $2, version = version + 1 WHERE id = $1"
_FORGET_BOOST: Final = "DELETE FROM boosts WHERE of_id = $1 AND account_id = $2"
_KEEP_BOOST: Final = (
    "INSERT INTO boosts (of_id, account_id, status_id) VALUES ($1, $2, $3)"
    " ON CONFLICT (of_id, account_id) DO NOTHING"
)
_FIND_BOOST: Final = "SELECT status_id FROM boosts WHERE of_id = $1 AND account_id = $2"


def removing_boost(boost_id: StatusId, now_ms: int) -> Statement:
    """The statement that takes a boost out of sight."""
    return _DELETE_BOOST, (boost_id, now_ms)


async def delete_boost(tx: Transaction, of_id: StatusId, account_id: AccountId) -> bool:
    """Forget that an account boosts a status; False when it does not."""
    return bool(await tx.run(_FORGET_BOOST, of_id, account_id))


async def keep_boost(
    tx: Transaction, of_id: StatusId, account_id: AccountId, boost_id: StatusId
) -> StatusId | None:
    """Note a boost; or give the id of the one that the account made before."""
    if await tx.run(_KEEP_BOOST, of_id, account_id, boost_id):
        return None
    return await find_boost(tx, of_id, account_id)


async def find_boost(tx: Reader, of_id: StatusId, account_id: AccountId) -> StatusId | None:
    """The id of an account's boost of a status."""
    row = await tx.one(_FIND_BOOST, of_id, account_id)
    return None if row is None else StatusId(row[0])
