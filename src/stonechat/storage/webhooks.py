"""Webhooks in SQL: whose they are, how they fare, and who is sending to them now.

To send to a webhook one has to take it: `busy_by` names the holder, until `busy_ms`. A holder who
died is succeeded after that; one who was merely slow finds out by the row count of whatever they
write, because every such statement names the holder.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, LiteralString, NamedTuple

from stonechat.domain.ids import AccountId, BeaconId, WebhookId
from stonechat.domain.webhooks import Webhook
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.idioms import padded, parameters
from stonechat.storage.visibility import HIDING_STATES

_COLUMNS: Final = (
    "w.id, w.account_id, w.beacon_id, w.url, w.created_ms, w.disabled_ms, w.failing_ms, w.try_ms,"
    " w.last_ms, w.last_status, w.last_error"
)


def _webhook(row: Row) -> Webhook:
    return Webhook(*row)


# Keeping -------------------------------------------------------------------------------------

_INSERT: Final = (
    "INSERT INTO webhooks (id, account_id, beacon_id, url, secret, created_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
)
_OF_BEACON: Final[LiteralString] = " FROM webhooks w WHERE w.beacon_id = $1 AND w.account_id = $2"
_OF_ACCOUNT: Final[LiteralString] = (
    " FROM webhooks w WHERE w.account_id = $1 AND w.beacon_id IS NULL"
)
_FIND: Final[LiteralString] = (
    "SELECT " + _COLUMNS + " FROM webhooks w WHERE w.account_id = $1 AND w.id = $2"
)


async def insert(tx: Transaction, webhook: Webhook, secret: str) -> None:
    """Keep a new webhook."""
    await tx.run(
        _INSERT,
        webhook.id,
        webhook.account_id,
        webhook.beacon_id,
        webhook.url,
        secret,
        webhook.created_ms,
    )


async def count(tx: Reader, account_id: AccountId, beacon_id: BeaconId | None) -> int:
    """How many an account has on a beacon, or with None for its notices."""
    if beacon_id is None:
        row = await tx.one("SELECT COUNT(*)" + _OF_ACCOUNT, account_id)
    else:
        row = await tx.one("SELECT COUNT(*)" + _OF_BEACON, beacon_id, account_id)
    assert row is not None
    return int(row[0])


async def list_of(tx: Reader, account_id: AccountId, beacon_id: BeaconId | None) -> list[Webhook]:
    """Those of an account on a beacon, or with None for its notices; the oldest first."""
    if beacon_id is None:
        rows = await tx.all("SELECT " + _COLUMNS + _OF_ACCOUNT + " ORDER BY w.id", account_id)
    else:
        sql = "SELECT " + _COLUMNS + _OF_BEACON + " ORDER BY w.id"
        rows = await tx.all(sql, beacon_id, account_id)
    return [_webhook(row) for row in rows]


async def find(tx: Reader, account_id: AccountId, webhook_id: WebhookId) -> Webhook | None:
    """One of an account's own."""
    row = await tx.one(_FIND, account_id, webhook_id)
    return None if row is None else _webhook(row)


_DELETE: Final = "DELETE FROM webhooks WHERE account_id = $1 AND id = $2"
_DELETE_DISABLED: Final = (
    "DELETE FROM webhooks WHERE beacon_id = $1 AND disabled_ms IS NOT NULL RETURNING id"
)


async def delete(tx: Transaction, account_id: AccountId, webhook_id: WebhookId) -> bool:
    """Take one of an account's own away; False where it has none by this id."""
    return bool(await tx.run(_DELETE, account_id, webhook_id))


async def delete_disabled(tx: Transaction, beacon_id: BeaconId) -> list[WebhookId]:
    """Take away those of a beacon that were given up; which they were."""
    return [row[0] for row in await tx.all(_DELETE_DISABLED, beacon_id)]


_ENABLE: Final = (
    "UPDATE webhooks SET disabled_ms = NULL, failing_ms = NULL, tries = 0, try_ms = 0"
    " WHERE account_id = $1 AND id = $2"
)
_HURRY: Final = "UPDATE webhooks SET try_ms = 0 WHERE id = $1"
_OVERFLOW: Final = (
    "UPDATE webhooks SET disabled_ms = $2, last_error = $3 WHERE id = $1 AND disabled_ms IS NULL"
)


async def enable(tx: Transaction, account_id: AccountId, webhook_id: WebhookId) -> bool:
    """Let one of an account's own be tried as if it had never failed."""
    return bool(await tx.run(_ENABLE, account_id, webhook_id))


async def hurry(tx: Transaction, webhook_id: WebhookId) -> None:
    """Let the next try be made now."""
    await tx.run(_HURRY, webhook_id)


async def disable(tx: Transaction, webhook_id: WebhookId, now_ms: int, error: str) -> None:
    """Give one up, whoever is sending to it."""
    await tx.run(_OVERFLOW, webhook_id, now_ms, error)


# Who hears -----------------------------------------------------------------------------------

_OF_THE_BEACON: Final[LiteralString] = (
    "SELECT w.id, w.beacon_id FROM webhooks w WHERE w.beacon_id = $1 AND w.disabled_ms IS NULL"
)
_OF_THE_TOLD: Final[LiteralString] = (
    "SELECT w.id, w.beacon_id FROM webhooks w WHERE w.beacon_id IS NULL AND w.disabled_ms IS NULL"
    " AND w.account_id IN ("
)


class Ear(NamedTuple):
    """A webhook that hears of something: as one of the beacon's, or of somebody who was told."""

    id: WebhookId
    beacon_id: BeaconId | None


@cache
def _hearing_sql(count: int, *, is_of_beacon: bool) -> LiteralString:
    told = _OF_THE_TOLD + parameters(1 + is_of_beacon, count) + ")"
    if not is_of_beacon:
        return told
    return _OF_THE_BEACON + " UNION ALL " + told if count else _OF_THE_BEACON


async def list_hearing(
    tx: Reader, beacon_id: BeaconId | None, told: Sequence[AccountId]
) -> list[Ear]:
    """The webhooks of a beacon, if one is named, and of the notices of at most IN_MAX accounts."""
    ids = padded(told) if told else ()
    sql = _hearing_sql(len(ids), is_of_beacon=beacon_id is not None)
    first = () if beacon_id is None else (beacon_id,)
    return [Ear(*row) for row in await tx.all(sql, *first, *ids)]


# Sending -------------------------------------------------------------------------------------


class Hold(NamedTuple):
    """Who sends, and until when nobody else does."""

    holder: str
    until_ms: int


class Taken(NamedTuple):
    """A webhook that is held, with what is needed to send to it."""

    id: WebhookId
    account_id: AccountId
    beacon_id: BeaconId | None
    url: str
    secret: str
    tries: int
    failing_ms: int | None


_TAKE: Final[LiteralString] = (
    "UPDATE webhooks SET busy_by = $2, busy_ms = $3 WHERE id = $1 AND disabled_ms IS NULL"
    " AND try_ms <= $4 AND (busy_by IS NULL OR busy_ms <= $4)"
    " AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = webhooks.account_id"
    " AND a.state NOT IN " + HIDING_STATES + ")"
    " RETURNING id, account_id, beacon_id, url, secret, tries, failing_ms"
)
_FIND_WAIT: Final = (
    "SELECT CASE WHEN busy_by IS NOT NULL AND busy_ms > try_ms THEN busy_ms ELSE try_ms END"
    " FROM webhooks WHERE id = $1 AND disabled_ms IS NULL"
)
_KEEP: Final = (
    "UPDATE webhooks SET busy_ms = $3, tries = 0, failing_ms = NULL, try_ms = 0, last_ms = $4,"
    " last_status = $5, last_error = CASE WHEN disabled_ms IS NULL THEN NULL ELSE last_error END"
    " WHERE id = $1 AND busy_by = $2 RETURNING disabled_ms"
)
_FAIL: Final = (
    "UPDATE webhooks SET busy_by = NULL, tries = tries + 1, failing_ms = COALESCE(failing_ms, $3),"
    " last_ms = $3, last_status = $4, last_error = CASE WHEN disabled_ms IS NULL THEN $5"
    " ELSE last_error END, try_ms = $6, disabled_ms = COALESCE(disabled_ms, CAST($7 AS BIGINT))"
    " WHERE id = $1 AND busy_by = $2 RETURNING disabled_ms"
)
_RELEASE: Final = "UPDATE webhooks SET busy_by = NULL WHERE id = $1 AND busy_by = $2"
_IS_ENDED: Final[LiteralString] = (
    " AND beacon_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM beacons b WHERE b.id = webhooks.beacon_id)"
)
_DELETE_GIVEN_UP: Final[LiteralString] = (
    "DELETE FROM webhooks WHERE id = $1 AND disabled_ms IS NOT NULL" + _IS_ENDED
)
_DELETE_DONE: Final[LiteralString] = (
    "DELETE FROM webhooks WHERE id = $1 AND busy_by = $2" + _IS_ENDED + ""
    " AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = webhooks.id"
    " AND d.delivered_ms IS NULL)"
)


async def take(tx: Transaction, webhook_id: WebhookId, hold: Hold, now_ms: int) -> Taken | None:
    """Hold a webhook that nobody holds and that may be tried; None for any other one."""
    rows = await tx.all(_TAKE, webhook_id, hold.holder, hold.until_ms, now_ms)
    return Taken(*rows[0]) if rows else None


async def find_wait_ms(tx: Reader, webhook_id: WebhookId) -> int:
    """Until when nobody else may take a webhook; 0 where nothing is sent to it."""
    row = await tx.one(_FIND_WAIT, webhook_id)
    return 0 if row is None else int(row[0])


class Kept(NamedTuple):
    """Whether a webhook is still the holder's, and whether more may be sent to it."""

    is_held: bool
    is_open: bool


async def keep(
    tx: Transaction, webhook_id: WebhookId, hold: Hold, now_ms: int, status: int
) -> Kept:
    """Note a success, and hold on until `hold.until_ms`."""
    rows = await tx.all(_KEEP, webhook_id, hold.holder, hold.until_ms, now_ms, status)
    return Kept(bool(rows), bool(rows) and rows[0][0] is None)


class Failure(NamedTuple):
    """What went wrong, when the next try is made, and whether there is one."""

    now_ms: int
    status: int | None
    error: str
    try_ms: int
    is_last: bool


async def fail(tx: Transaction, webhook_id: WebhookId, holder: str, failure: Failure) -> Kept:
    """Note a failure and let go; where the holder lost it, nothing is noted."""
    rows = await tx.all(
        _FAIL,
        webhook_id,
        holder,
        failure.now_ms,
        failure.status,
        failure.error,
        failure.try_ms,
        failure.now_ms if failure.is_last else None,
    )
    return Kept(bool(rows), bool(rows) and rows[0][0] is None)


async def release(tx: Transaction, webhook_id: WebhookId, holder: str) -> None:
    """Let go."""
    await tx.run(_RELEASE, webhook_id, holder)


async def delete_given_up(tx: Transaction, webhook_id: WebhookId) -> bool:
    """Take away a webhook that was given up, if its beacon is gone."""
    return bool(await tx.run(_DELETE_GIVEN_UP, webhook_id))


async def delete_done(tx: Transaction, webhook_id: WebhookId, holder: str) -> bool:
    """Take away a webhook whose beacon is gone, if it got everything."""
    return bool(await tx.run(_DELETE_DONE, webhook_id, holder))
