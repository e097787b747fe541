"""Tokens in SQL: bearer tokens of people and apps, and keys of the live-value API."""

from dataclasses import dataclass
from typing import Final

from stonechat.domain.ids import AccountId, AppId, TokenId
from stonechat.storage.database import Transaction
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
