"""Blocks, mutes, notes, endorsements and blocked domains in SQL, and the lists of them.

A mute with an end counts until that moment and not a sweep longer, wherever it is asked about;
the row may be there for a while yet.
"""

from typing import Final, LiteralString

from stonechat.domain.ids import AccountId
from stonechat.domain.notifications import TYPES
from stonechat.kernel.paging import Cursor
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.idioms import parameters
from stonechat.storage.statuses import Statement
from stonechat.storage.visibility import HIDING_STATES

_INSERT_BLOCK: Final = (
    "INSERT INTO blocks (account_id, target_id, id) VALUES ($1, $2, $3)"
    " ON CONFLICT (account_id, target_id) DO NOTHING"
)
_DELETE_BLOCK: Final = "DELETE FROM blocks WHERE account_id = $1 AND target_id = $2"
_FORGET_BETWEEN: Final = (
    "DELETE FROM notifications WHERE account_id = $1 AND from_id = $2"
    " AND type IN (" + parameters(3, len(TYPES)) + ")"
)


def blocking(account_id: AccountId, target_id: AccountId, block_id: int) -> Statement:
    """The statement of a block."""
    return _INSERT_BLOCK, (account_id, target_id, block_id)


def forgetting_each_other(one_id: AccountId, other_id: AccountId) -> list[Statement]:
    """The statements that take back whatever two accounts were told of each other."""
    # The types are named because the index begins with account and type.
    return [
        (_FORGET_BETWEEN, (one_id, other_id, *TYPES)),
        (_FORGET_BETWEEN, (other_id, one_id, *TYPES)),
    ]


async def delete_block(tx: Transaction, account_id: AccountId, target_id: AccountId) -> None:
    """Lift a block, if there is one."""
    await tx.run(_DELETE_BLOCK, account_id, target_id)


_UPSERT_MUTE: Final = (
    "INSERT INTO mutes (account_id, target_id, id, hides_notifications, expires_ms)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, target_id)"
    " DO UPDATE SET hides_notifications = $4, expires_ms = $5"
)
_DELETE_MUTE: Final = "DELETE FROM mutes WHERE account_id = $1 AND target_id = $2"
_DELETE_ENDED_MUTE: Final = _DELETE_MUTE + " AND expires_ms IS NOT NULL AND expires_ms <= $3"
_HAS_MUTE: Final = "SELECT 1 FROM mutes WHERE account_id = $1 AND target_id = $2"


def muting(
    account_id: AccountId,
    target_id: AccountId,
    mute_id: int,
    *,
    hides_notifications: bool,
    expires_ms: int | None,
) -> Statement:
    """The statement of a mute, or of other choices for one that is there."""
    return _UPSERT_MUTE, (account_id, target_id, mute_id, int(hides_notifications), expires_ms)


async def delete_mute(tx: Transaction, account_id: AccountId, target_id: AccountId) -> bool:
    """Lift a mute; whether there was one."""
    return await tx.run(_DELETE_MUTE, account_id, target_id) > 0


async def delete_ended_mute(
    tx: Transaction, account_id: AccountId, target_id: AccountId, now_ms: int
) -> bool:
    """Lift a mute whose time is over; whether none is left."""
    await tx.run(_DELETE_ENDED_MUTE, account_id, target_id, now_ms)
    return await tx.one(_HAS_MUTE, account_id, target_id) is None


_UPSERT_NOTE: Final = (
    "INSERT INTO account_notes (account_id, target_id, comment) VALUES ($1, $2, $3)"
    " ON CONFLICT (account_id, target_id) DO UPDATE SET comment = $3"
)
_DELETE_NOTE: Final = "DELETE FROM account_notes WHERE account_id = $1 AND target_id = $2"
_INSERT_ENDORSEMENT: Final = (
    "INSERT INTO endorsements (account_id, target_id) VALUES ($1, $2)"
    " ON CONFLICT (account_id, target_id) DO NOTHING"
)
_DELETE_ENDORSEMENT: Final = "DELETE FROM endorsements WHERE account_id = $1 AND target_id = $2"

_COUNT_ENDORSEMENTS: Final = "SELECT COUNT(*) FROM endorsements WHERE account_id = $1"


async def update_note(
    tx: Transaction, account_id: AccountId, target_id: AccountId, comment: str
) -> None:
    """Keep a private note on an account; an empty one takes it away."""
    if comment:
        await tx.run(_UPSERT_NOTE, account_id, target_id, comment)
    else:
        await tx.run(_DELETE_NOTE, account_id, target_id)


async def insert_endorsement(tx: Transaction, account_id: AccountId, target_id: AccountId) -> None:
    """Show an account on one's profile."""
    await tx.run(_INSERT_ENDORSEMENT, account_id, target_id)


async def delete_endorsement(tx: Transaction, account_id: AccountId, target_id: AccountId) -> None:
    """Show it no longer."""
    await tx.run(_DELETE_ENDORSEMENT, account_id, target_id)


async def count_endorsements(tx: Reader, account_id: AccountId) -> int:
    """How many an account shows on its profile."""
    row = await tx.one(_COUNT_ENDORSEMENTS, account_id)
    assert row is not None
    return int(row[0])


_SHOWN: Final[LiteralString] = " AND x.id < $2 AND x.id > $3 AND a.state NOT IN " + HIDING_STATES
_ORDER: Final[LiteralString] = " ORDER BY x.id DESC LIMIT $4"
_LIST_BLOCKS: Final = (
    "SELECT x.id, x.target_id FROM blocks x JOIN accounts a ON a.id = x.target_id"
    " WHERE x.account_id = $1" + _SHOWN + _ORDER
)
_LIST_MUTES: Final = (
    "SELECT x.id, x.target_id, x.expires_ms FROM mutes x JOIN accounts a ON a.id = x.target_id"
    " WHERE x.account_id = $1" + _SHOWN + " AND (x.expires_ms IS NULL OR x.expires_ms > $5)"
    "" + _ORDER
)
_LIST_DOMAINS: Final = (
    "SELECT x.id, x.domain FROM domain_blocks x WHERE x.account_id = $1"
    " AND x.id < $2 AND x.id > $3" + _ORDER
)


async def list_blocks(
    tx: Reader, account_id: AccountId, cursor: Cursor
) -> list[tuple[int, AccountId]]:
    """Whom an account blocks, the newest block first, each with the id of the block."""
    bounds = (cursor.below, cursor.above, cursor.limit)
    return [(row[0], row[1]) for row in await tx.all(_LIST_BLOCKS, account_id, *bounds)]


async def list_mutes(
    tx: Reader, account_id: AccountId, cursor: Cursor, now_ms: int
) -> list[tuple[int, AccountId, int | None]]:
    """Whom an account mutes and until when, the newest mute first, each with its id."""
    bounds = (cursor.below, cursor.above, cursor.limit)
    rows = await tx.all(_LIST_MUTES, account_id, *bounds, now_ms)
    return [(row[0], row[1], row[2]) for row in rows]


async def list_domains(tx: Reader, account_id: AccountId, cursor: Cursor) -> list[tuple[int, str]]:
    """Which domains an account blocks, the newest block first, each with its id."""
    bounds = (cursor.below, cursor.above, cursor.limit)
    return [(row[0], row[1]) for row in await tx.all(_LIST_DOMAINS, account_id, *bounds)]


_INSERT_DOMAIN: Final = (
    "INSERT INTO domain_blocks (account_id, domain, id) VALUES ($1, $2, $3)"
    " ON CONFLICT (account_id, domain) DO NOTHING"
)
_COUNT_DOMAINS: Final = "SELECT COUNT(*) FROM domain_blocks WHERE account_id = $1"
_DELETE_DOMAIN: Final = "DELETE FROM domain_blocks WHERE account_id = $1 AND domain = $2"


async def insert_domain(tx: Transaction, account_id: AccountId, domain: str, block_id: int) -> bool:
    """Block a domain; False when it was blocked before."""
    return bool(await tx.run(_INSERT_DOMAIN, account_id, domain, block_id))


async def count_domains(tx: Reader, account_id: AccountId) -> int:
    """How many domains an account blocks."""
    row = await tx.one(_COUNT_DOMAINS, account_id)
    assert row is not None
    return int(row[0])


async def delete_domain(tx: Transaction, account_id: AccountId, domain: str) -> None:
    """Lift the block of a domain, if there is one."""
    await tx.run(_DELETE_DOMAIN, account_id, domain)
