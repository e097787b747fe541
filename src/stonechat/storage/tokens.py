"""Tokens in SQL: bearer tokens of people and apps, keys of the live-value API, write tokens."""

from dataclasses import dataclass
from typing import Final

from stonechat.domain.ids import AccountId, AppId, BeaconId, TokenId
from stonechat.domain.keys import Key
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: its secret only as a hash."""

    id: TokenId
    hash: bytes
    kind: str
    scopes: str
    created_ms: int
    account_id: AccountId | None = None
    app_id: AppId | None = None
    label: str = ""
    hint: str = ""
    beacon_id: BeaconId | None = None
    """The one beacon whose value a write token sets."""
    expires_ms: int | None = None


_INSERT: Final = (
    "INSERT INTO tokens (hash, id, kind, account_id, app_id, scopes, created_ms, label, hint,"
    " beacon_id, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
)


_INSERT_ONCE: Final = _INSERT + " ON CONFLICT (hash) DO NOTHING"


async def insert(tx: Transaction, token: Token) -> None:
    """Keep a new token."""
    await tx.run(_INSERT, *_values(token))


async def insert_once(tx: Transaction, token: Token) -> bool:
    """Keep a token that somebody else made, unless it is kept already; whether it is new."""
    return bool(await tx.run(_INSERT_ONCE, *_values(token)))


def _values(token: Token) -> tuple[object, ...]:
    return (
        token.hash,
        token.id,
        token.kind,
        token.account_id,
        token.app_id,
        token.scopes,
        token.created_ms,
        token.label,
        token.hint,
        token.beacon_id,
        token.expires_ms,
    )


_REVOKE_OF_ACCOUNT: Final = (
    "UPDATE tokens SET revoked_ms = $2 WHERE account_id = $1 AND revoked_ms IS NULL"
)


def revoking_of_account(account_id: AccountId, now_ms: int) -> Statement:
    """The statement that ends every token of an account."""
    return _REVOKE_OF_ACCOUNT, (account_id, now_ms)


# Programs have the others from a person, and only that person ends them.
_FIND_ISSUED: Final = (
    "SELECT id, app_id FROM tokens WHERE hash = $1 AND kind NOT IN ('key', 'write')"
)
_LIST_GRANTED: Final = (
    "SELECT DISTINCT scopes FROM tokens"
    " WHERE app_id = $1 AND account_id = $2 AND revoked_ms IS NULL"
)
_REVOKE: Final = "UPDATE tokens SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL"


async def find_issued(tx: Reader, token_hash: bytes) -> tuple[TokenId, AppId | None] | None:
    """Id and app of a bearer token, revoked or not."""
    row = await tx.one(_FIND_ISSUED, token_hash)
    return None if row is None else (row[0], row[1])


async def list_granted_scopes(tx: Reader, app_id: AppId, account_id: AccountId) -> list[str]:
    """The scopes of the tokens that an account has given to an app, each combination once."""
    return [row[0] for row in await tx.all(_LIST_GRANTED, app_id, account_id)]


async def revoke(tx: Transaction, token_id: TokenId, now_ms: int) -> None:
    """End a token; it stays known, so that its bearer can be told what happened."""
    await tx.run(_REVOKE, token_id, now_ms)


_LIST_KEYS: Final = (
    "SELECT id, label, hint, created_ms, expires_ms, used_ms FROM tokens"
    " WHERE account_id = $1 AND kind = 'key' AND revoked_ms IS NULL ORDER BY id LIMIT $2"
)
_LIST_OF_BEACON: Final = (
    "SELECT id, label, hint, created_ms, expires_ms, used_ms FROM tokens"
    " WHERE beacon_id = $1 AND kind = 'write' AND revoked_ms IS NULL ORDER BY id LIMIT $2"
)
_REVOKE_ENDED_KEYS: Final = (
    "UPDATE tokens SET revoked_ms = $2 WHERE account_id = $1 AND kind = 'key'"
    " AND revoked_ms IS NULL AND expires_ms <= $2"
)
_REVOKE_KEY: Final = (
    "UPDATE tokens SET revoked_ms = $3 WHERE id = $1 AND account_id = $2 AND kind = 'key'"
    " AND revoked_ms IS NULL"
)
_REVOKE_OF_BEACON: Final = (
    "UPDATE tokens SET revoked_ms = $3 WHERE id = $1 AND beacon_id = $2 AND kind = 'write'"
    " AND revoked_ms IS NULL"
)


async def list_keys(tx: Reader, account_id: AccountId, limit: int) -> list[Key]:
    """The keys of an account that were not revoked, the oldest first."""
    return [Key._make(row) for row in await tx.all(_LIST_KEYS, account_id, limit)]


async def list_of_beacon(tx: Reader, beacon_id: BeaconId, limit: int) -> list[Key]:
    """The write tokens of a beacon that were not revoked, the oldest first."""
    return [Key._make(row) for row in await tx.all(_LIST_OF_BEACON, beacon_id, limit)]


async def revoke_ended_keys(tx: Transaction, account_id: AccountId, now_ms: int) -> None:
    """Put away those keys of an account whose end has come: they make room for others."""
    await tx.run(_REVOKE_ENDED_KEYS, account_id, now_ms)


async def revoke_key(tx: Transaction, account_id: AccountId, key_id: TokenId, now_ms: int) -> bool:
    """End a key of an account; False where it has no good one of this id."""
    return bool(await tx.run(_REVOKE_KEY, key_id, account_id, now_ms))


async def revoke_of_beacon(
    tx: Transaction, beacon_id: BeaconId, token_id: TokenId, now_ms: int
) -> bool:
    """End a write token of a beacon; False where it has no good one of this id."""
    return bool(await tx.run(_REVOKE_OF_BEACON, token_id, beacon_id, now_ms))
