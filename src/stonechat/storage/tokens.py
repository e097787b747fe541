"""Tokens in SQL: bearer tokens of people and apps, and keys of the live-value API."""

from dataclasses import dataclass
from typing import Final

from stonechat.domain.ids import AccountId, AppId, TokenId
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


_INSERT: Final = (
    "INSERT INTO tokens (hash, id, kind, account_id, app_id, scopes, created_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
)


async def insert(tx: Transaction, token: Token) -> None:
    """Keep a new token."""
    await tx.run(
        _INSERT,
        token.hash,
        token.id,
        token.kind,
        token.account_id,
        token.app_id,
        token.scopes,
        token.created_ms,
    )


_REVOKE_OF_ACCOUNT: Final = (
    "UPDATE tokens SET revoked_ms = $2 WHERE account_id = $1 AND revoked_ms IS NULL"
)


def revoking_of_account(account_id: AccountId, now_ms: int) -> Statement:
    """The statement that ends every token of an account."""
    return _REVOKE_OF_ACCOUNT, (account_id, now_ms)


_FIND_ISSUED: Final = "SELECT id, app_id FROM tokens WHERE hash = $1 AND kind <> 'key'"
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
