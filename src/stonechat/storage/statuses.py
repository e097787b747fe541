"""Statuses in SQL: the rows themselves, their mentions, tags and counters.

A deleted status keeps its row for thirty days, so that its author can bring it back;
everything here that reads for somebody leaves such rows out. Whatever changes what others see
raises `version` in the same statement: rendered fragments are checked by it, nothing else.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString

from stonechat.domain.contributions import ADDRESSED_RACKS, RACKS
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.media import shown_attachments
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
    " s.quote_state, s.quote_policy, s.quotes, s.facets, s.categories, s.top_id, s.comments,"
    " s.activity_ms, s.reactions, s.followers, s.flags, s.views, s.is_collapsed, s.is_removed,"
    " s.open_visibility"
)
_STATUS_WIDTH: Final = 43


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
        facets=documents.facets_of(row[31]),
        categories=documents.categories_of(row[32]),
        top_id=row[33],
        comments=row[34],
        activity_ms=row[35],
        reactions=documents.reactions_of(row[36]),
        followers=row[37],
        flags=row[38],
        views=row[39],
        is_collapsed=bool(row[40]),
        is_removed=bool(row[41]),
        open_visibility=row[42],
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


_LOCK_ROOT: Final = (
    "UPDATE statuses SET version = version"
    " WHERE id = (SELECT t.thread_id FROM statuses t WHERE t.id = $1)"
)


async def lock_in_thread(tx: Transaction, status_id: StatusId) -> None:
    """Hold a status and the root of its thread, which counts all that is beneath it.

    One after the other: a single statement takes the rows in the order in which they lie, so two
    that answer in one thread would now and then wait for each other.
    """
    await tx.run(_LOCK_ROOT, status_id)
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
    " mentions, tags, media, has_media, poll, quote_of_id, quote_state, quote_policy, facets,"
    " categories, top_id, rack, open_visibility)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20, $21, $22, $23, $24, $25, $26, $27)"
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
                int(bool(shown_attachments(status.media))),
                documents.poll_text(status.poll),
                status.quote_of_id,
                status.quote_state,
                status.quote_policy,
                documents.facets_text(status.facets),
                documents.categories_text(status.categories),
                status.top_id,
                status.rack,
                status.open_visibility,
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
_ADDRESS_THREAD: Final = (
    "UPDATE statuses SET open_visibility = visibility, visibility = 4,"
    " rack = CASE WHEN id = $1 THEN CAST($2 AS BIGINT) ELSE 0 END,"
    " version = version + 1 WHERE thread_id = $1 AND boost_of_id IS NULL AND visibility <= 2"
    " AND (id = $1 OR visibility <= 1)"
)
_OPEN_THREAD: Final = (
    "UPDATE statuses SET visibility = COALESCE(open_visibility, 1), open_visibility = NULL,"
    " rack = CASE WHEN id = $1 AND COALESCE(open_visibility, 1) = 0 THEN CAST($2 AS BIGINT)"
    " ELSE 0 END, version = version + 1 WHERE thread_id = $1 AND visibility = 4"
)
_SHOW_TAGS: Final = (
    "UPDATE status_tags SET is_public = COALESCE((SELECT CASE WHEN s.visibility = 0 THEN 1 ELSE 0"
    " END FROM statuses s WHERE s.id = status_tags.status_id), 0) WHERE status_id IN"
    " (SELECT t.id FROM statuses t WHERE t.thread_id = $1)"
)

# Who may not see a quote does not learn of it by the number beside what it quotes.
_QUOTED_IN_THREAD: Final = (
    "SELECT q.quote_of_id FROM statuses q WHERE q.thread_id = $1 AND q.quote_state = 'accepted'"
    " AND q.visibility <= 1 AND q.deleted_ms IS NULL"
)
_LOCK_QUOTED: Final = (
    "UPDATE statuses SET version = version WHERE id IN (" + _QUOTED_IN_THREAD + ")"
)
_COUNT_QUOTES: Final = (
    "UPDATE statuses SET version = version + 1, quotes = quotes + CAST($2 AS BIGINT)"
    " * (SELECT COUNT(*) FROM statuses q WHERE q.thread_id = $1 AND q.quote_of_id = statuses.id"
    " AND q.quote_state = 'accepted' AND q.visibility <= 1 AND q.deleted_ms IS NULL)"
    " WHERE id IN (" + _QUOTED_IN_THREAD + ")"
)


async def _count_quotes(tx: Transaction, thread_id: StatusId, sign: int) -> None:
    """Count what a thread that everybody may see quotes, up or down."""
    if await tx.run(_LOCK_QUOTED, thread_id):
        await tx.run(_COUNT_QUOTES, thread_id, sign)


async def address_thread(tx: Transaction, root: Status) -> None:
    """Show a thread to whom it is addressed, and to nobody else any more.

    Answers that were for few stay for those.
    """
    await _count_quotes(tx, root.id, -1)
    await tx.run(_ADDRESS_THREAD, root.id, RACKS[root.kind] + ADDRESSED_RACKS)
    await tx.run(_SHOW_TAGS, root.id)


async def open_thread(tx: Transaction, root: Status) -> None:
    """Show an addressed thread to whom each of its statuses would have been for."""
    await tx.run(_OPEN_THREAD, root.id, RACKS[root.kind])
    await _count_quotes(tx, root.id, 1)
    await tx.run(_SHOW_TAGS, root.id)


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


# The root of a thread counts every comment in it, a direct answer all beneath it; only the root
# has a place in lists that are ordered by the last activity.
_COUNT_REPLY: Final = (
    "UPDATE statuses SET replies = replies + $2, comments = comments + $3,"
    " activity_ms = CASE WHEN in_reply_to_id IS NULL AND COALESCE(activity_ms, 0)"
    " < COALESCE(CAST($4 AS BIGINT), 0) THEN CAST($4 AS BIGINT) ELSE activity_ms END,"
    " version = version + 1 WHERE id = $1"
)
_RESTORE: Final = (
    "UPDATE statuses SET deleted_ms = NULL, media = $2, has_media = $3,"
    " boosts = (SELECT COUNT(*) FROM boosts b WHERE b.of_id = $1), version = version + 1"
    " WHERE id = $1"
)
# Not those that were taken back, be it in the same millisecond, nor those of who has gone since.
_RESTORE_BOOSTS: Final = (
    "UPDATE statuses SET deleted_ms = NULL, version = version + 1"
    " WHERE boost_of_id = $1 AND deleted_ms = $2 AND is_removed = 0"
    " AND (SELECT a.state FROM accounts a WHERE a.id = statuses.account_id) <> 'deleted'"
)
_KEEP_RESTORED_BOOSTS: Final = (
    "INSERT INTO boosts (of_id, account_id, status_id) SELECT boost_of_id, account_id, id"
    " FROM statuses WHERE boost_of_id = $1 AND deleted_ms IS NULL"
    " ON CONFLICT (of_id, account_id) DO NOTHING"
)
_COUNT_RESTORED_BOOSTS: Final = (
    "UPDATE account_counters SET statuses = statuses + 1, version = version + 1"
    " WHERE account_id IN (SELECT account_id FROM boosts WHERE of_id = $1)"
)
_BOOSTS_ENTER_OWN_HOMES: Final = (
    "INSERT INTO home_entries (account_id, status_id, author_id, boost_of_id, boost_author_id)"
    " SELECT b.account_id, b.status_id, b.account_id, b.of_id, CAST($2 AS BIGINT) FROM boosts b"
    " WHERE b.of_id = $1 ON CONFLICT (account_id, status_id) DO NOTHING"
)
_ADOPT: Final = (
    "UPDATE statuses SET is_parent_gone = 0, version = version + 1 WHERE in_reply_to_id = $1"
)


async def restore(tx: Transaction, status: Status) -> None:
    """Bring a deleted status back, and the boosts that went with it.

    `status` is as it was, with those of its media that it still has. Its boosts are counted anew:
    some of those who made them may be gone.
    """
    await tx.run(_RESTORE_BOOSTS, status.id, status.deleted_ms)
    await tx.run(_KEEP_RESTORED_BOOSTS, status.id)
    await tx.run(_COUNT_RESTORED_BOOSTS, status.id)
    await tx.run(_BOOSTS_ENTER_OWN_HOMES, status.id, status.account_id)
    media, has_media = documents.media_text(status.media), bool(shown_attachments(status.media))
    await tx.run(_RESTORE, status.id, media, int(has_media))
    await tx.run(_ADOPT, status.id)
    for statement in tagging(status):
        await tx.run(statement[0], *statement[1])


_COUNT_BOOST: Final = (
    "UPDATE statuses SET boosts = boosts + $2, version = version + 1 WHERE id = $1"
)


def counting_reply(status: Status, change: int, activity_ms: int | None = None) -> list[Statement]:
    """The statements that count an answer up or down: for what it answers, and for what is above.

    `activity_ms` is when it was said, where that is the newest activity of its thread.
    """
    parent_id = status.in_reply_to_id
    assert parent_id is not None
    above = dict.fromkeys((StatusId(status.thread_id), status.top_id, parent_id))
    return [
        (
            _COUNT_REPLY,
            (
                each,
                change if each == parent_id else 0,
                change if each in (status.thread_id, status.top_id) else 0,
                activity_ms,
            ),
        )
        for each in above
        if each is not None
    ]


def counting_boost(status_id: StatusId, change: int) -> Statement:
    """The statement that counts a boost up or down."""
    return _COUNT_BOOST, (status_id, change)


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


# Marked as one that does not come back with what it boosted (`restore`).
_DELETE_BOOST: Final = (
    "UPDATE statuses SET deleted_ms = $2, is_removed = 1, version = version + 1 WHERE id = $1"
)
_FORGET_BOOST: Final = "DELETE FROM boosts WHERE of_id = $1 AND account_id = $2"
_KEEP_BOOST: Final = (
    "INSERT INTO boosts (of_id, account_id, status_id) VALUES ($1, $2, $3)"
    " ON CONFLICT (of_id, account_id) DO NOTHING"
)
_LIST_BOOSTS: Final = (
    "SELECT status_id FROM boosts WHERE of_id = $1 AND status_id > $2 ORDER BY status_id LIMIT $3"
)
_FIND_BOOST: Final = "SELECT status_id FROM boosts WHERE of_id = $1 AND account_id = $2"


def removing_boost(boost_id: StatusId, now_ms: int) -> Statement:
    """The statement that takes a boost out of sight for good, whatever becomes of the original."""
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


async def list_boosts(
    tx: Reader, of_id: StatusId, after_id: StatusId, limit: int
) -> list[StatusId]:
    """A page of the boosts of a status, the oldest first."""
    return [StatusId(row[0]) for row in await tx.all(_LIST_BOOSTS, of_id, after_id, limit)]


async def find_boost(tx: Reader, of_id: StatusId, account_id: AccountId) -> StatusId | None:
    """The id of an account's boost of a status."""
    row = await tx.one(_FIND_BOOST, of_id, account_id)
    return None if row is None else StatusId(row[0])
