"""Sweeps in SQL: each takes away a bounded number of rows whose time is over.

A sweep answers whether there may be more of its kind, so that no transaction gets long.
"""

from collections.abc import Awaitable, Callable
from typing import Final, LiteralString, NamedTuple

from stonechat.domain import limits
from stonechat.storage import beacon_notices, beacons, chunks
from stonechat.storage.database import Transaction


class Ends(NamedTuple):
    """Until when things are kept, in ms since 1970."""

    now_ms: int
    keys_before_ms: int
    codes_before_ms: int
    refresh_tokens_before_ms: int
    statuses_before_ms: int
    jobs_before_ms: int
    cards_before_ms: int
    notices_before_ms: int
    deliveries_before_ms: int


Sweep = Callable[[Transaction, Ends, int], Awaitable[bool]]

_KEYS: Final = (
    "DELETE FROM idempotency_keys WHERE (account_id, key) IN (SELECT account_id, key"
    " FROM idempotency_keys WHERE created_ms < $1 LIMIT $2)"
)
_CODES: Final = (
    "DELETE FROM codes WHERE hash IN (SELECT hash FROM codes WHERE created_ms < $1 LIMIT $2)"
)
_SESSIONS: Final = (
    "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires_ms < $1 LIMIT $2)"
)
# One that was ended before its end stays known, as all that were ended do.
_TOKENS: Final = (
    "DELETE FROM tokens WHERE hash IN (SELECT hash FROM tokens WHERE kind = 'person'"
    " AND revoked_ms IS NULL AND expires_ms IS NOT NULL AND expires_ms < $1 LIMIT $2)"
)
_REFRESH_TOKENS: Final = (
    "DELETE FROM refresh_tokens WHERE hash IN (SELECT hash FROM refresh_tokens"
    " WHERE created_ms < $1 LIMIT $2)"
)
_CARDS: Final = (
    "DELETE FROM cards WHERE url IN (SELECT url FROM cards WHERE fetched_ms < $1 LIMIT $2)"
)
_MUTES: Final = (
    "DELETE FROM mutes WHERE (account_id, target_id) IN (SELECT account_id, target_id"
    " FROM mutes WHERE expires_ms IS NOT NULL AND expires_ms < $1 LIMIT $2)"
)

_DELIVERIES: Final = (
    "DELETE FROM webhook_deliveries WHERE (webhook_id, id) IN (SELECT webhook_id, id"
    " FROM webhook_deliveries WHERE made_ms < $1 LIMIT $2)"
)
_LIST_LINKS: Final = (
    "SELECT beacon_id FROM beacon_links WHERE expires_ms IS NOT NULL AND expires_ms < $1 LIMIT $2"
)
_LINKS: Final = "DELETE FROM beacon_links WHERE beacon_id = $1 AND expires_ms < $2"
_CHUNKS_PER_UPLOAD: Final = 100
_GIVEN_UP_JOBS: Final = (
    "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE failed_ms IS NOT NULL"
    " AND failed_ms < $1 LIMIT $2)"
)


async def keys(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Idempotency keys."""
    return await tx.run(_KEYS, ends.keys_before_ms, limit) == limit


async def codes(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Authorization codes; they are kept for a day after their end, to notice a second use."""
    return await tx.run(_CODES, ends.codes_before_ms, limit) == limit


async def sessions(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Sessions of the web pages."""
    return await tx.run(_SESSIONS, ends.now_ms, limit) == limit


async def tokens(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Tokens that ended by themselves; for a day their bearers are told so."""
    return await tx.run(_TOKENS, ends.codes_before_ms, limit) == limit


async def refresh_tokens(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Refresh tokens that are too old, used or not."""
    return await tx.run(_REFRESH_TOKENS, ends.refresh_tokens_before_ms, limit) == limit


async def cards(tx: Transaction, ends: Ends, limit: int) -> bool:
    """What is remembered of addresses. Statuses keep the cards that they show."""
    return await tx.run(_CARDS, ends.cards_before_ms, limit) == limit


async def mutes(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Mutes with an end."""
    return await tx.run(_MUTES, ends.now_ms, limit) == limit


async def notices(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Notices of beacons."""
    return await beacon_notices.delete_old(tx, ends.notices_before_ms, limit)


async def deliveries(tx: Transaction, ends: Ends, limit: int) -> bool:
    """What webhooks were sent, and what one that is disabled never will be."""
    return await tx.run(_DELIVERIES, ends.deliveries_before_ms, limit) == limit


async def links(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Private links with an end. Who came by one sees the beacon no more: open pages look again."""
    rows = await tx.all(_LIST_LINKS, ends.now_ms, limit)
    # The beacon is held first, as by whoever changes its links.
    for beacon_id in sorted({row[0] for row in rows}):
        touching = beacons.touching(beacon_id)
        await tx.run(touching[0], *touching[1])
        await tx.run(_LINKS, beacon_id, ends.now_ms)
    return len(rows) == limit


async def uploads(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Files that came in pieces and were not completed, and what is remembered of others."""
    # Each of them may be hundreds of pieces.
    uploads_max = max(1, limit // _CHUNKS_PER_UPLOAD)
    return await chunks.delete_ended(tx, ends.now_ms, uploads_max) == uploads_max


async def given_up_jobs(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Jobs that were given up long ago."""
    return await tx.run(_GIVEN_UP_JOBS, ends.jobs_before_ms, limit) == limit


_LIST_DELETED: Final = (
    "SELECT id FROM statuses WHERE deleted_ms IS NOT NULL AND deleted_ms < $1 LIMIT $2"
)
_HOLD_DELETED: Final = (
    "UPDATE statuses SET version = version"
    " WHERE id = $1 AND deleted_ms IS NOT NULL AND deleted_ms < $2"
)
_OF_STATUS: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM status_mentions WHERE status_id = $1",
    "DELETE FROM status_tags WHERE status_id = $1",
    "DELETE FROM status_edits WHERE status_id = $1",
    "DELETE FROM favourites WHERE status_id = $1",
    "DELETE FROM boosts WHERE of_id = $1",
    "DELETE FROM bookmarks WHERE status_id = $1",
    "DELETE FROM filter_statuses WHERE status_id = $1",
    "DELETE FROM poll_votes WHERE status_id = $1",
    "DELETE FROM beacon_announcements WHERE status_id = $1",
    "DELETE FROM status_labels WHERE status_id = $1",
    "DELETE FROM category_entries WHERE status_id = $1",
    "DELETE FROM reactions WHERE status_id = $1",
    "DELETE FROM flags WHERE status_id = $1",
    "DELETE FROM moderations WHERE status_id = $1",
    "DELETE FROM thread_follows WHERE status_id = $1",
    "DELETE FROM feed_reads WHERE status_id = $1",
    "DELETE FROM status_places WHERE status_id = $1",
    # Answers may outlive the first status of a thread, and are for the same people still.
    (
        "DELETE FROM addressings WHERE thread_id = (SELECT t.thread_id FROM statuses t"
        " WHERE t.id = $1) AND NOT EXISTS (SELECT 1 FROM statuses s"
        " WHERE s.thread_id = addressings.thread_id AND s.id <> $1)"
    ),
    "DELETE FROM statuses WHERE id = $1",
)


async def statuses(tx: Transaction, ends: Ends, limit: int) -> bool:
    """Statuses that were deleted long ago, with everything that hangs on them."""
    rows = await tx.all(_LIST_DELETED, ends.statuses_before_ms, limit)
    # In the order of their ids: roots are older than what is beneath them.
    for status_id in sorted(row[0] for row in rows):
        # Who brings it back holds it: either it was brought back by now, or it will be gone.
        if not await tx.run(_HOLD_DELETED, status_id, ends.statuses_before_ms):
            continue
        for sql in _OF_STATUS:
            await tx.run(sql, status_id)
    return len(rows) == limit


_LIST_ACCOUNTS: Final = "SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT $2"
_TRIM_HOME: Final = (
    "DELETE FROM home_entries WHERE account_id = $1 AND status_id < (SELECT status_id"
    " FROM home_entries WHERE account_id = $1 ORDER BY status_id DESC LIMIT 1 OFFSET $2)"
)
_TRIM_READS: Final = (
    "DELETE FROM feed_reads WHERE account_id = $1 AND status_id < (SELECT status_id"
    " FROM feed_reads WHERE account_id = $1 ORDER BY status_id DESC LIMIT 1 OFFSET $2)"
    " AND NOT EXISTS (SELECT 1 FROM home_entries h WHERE h.account_id = $1"
    " AND h.status_id = feed_reads.status_id)"
)


async def trim_homes(tx: Transaction, after_id: int, limit: int) -> int | None:
    """Take away what stands in homes below their newest HOME_ENTRIES_MAX entries.

    And notices of beacons, and what is known of what was read, as many as are too many. It walks
    the accounts; the answer is where to go on, or None at the end.
    """
    rows = await tx.all(_LIST_ACCOUNTS, after_id, limit)
    for (account_id,) in rows:
        await tx.run(_TRIM_HOME, account_id, limits.HOME_ENTRIES_MAX - 1)
        await tx.run(_TRIM_READS, account_id, limits.FEED_READS_MAX - 1)
        await beacon_notices.trim(tx, account_id)
    return rows[-1][0] if len(rows) == limit else None


SWEEPS: Final[tuple[Sweep, ...]] = (
    keys,
    codes,
    sessions,
    tokens,
    refresh_tokens,
    cards,
    mutes,
    notices,
    deliveries,
    links,
    uploads,
    given_up_jobs,
    statuses,
)
