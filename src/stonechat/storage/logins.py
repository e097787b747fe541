"""Logins in SQL: the address and the password of an account, found and changed."""

from typing import Final

from stonechat.domain.ids import AccountId, TokenId
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

_FIND_EMAIL: Final = "SELECT email FROM logins WHERE account_id = $1"
_UPDATE_EMAIL: Final = "UPDATE logins SET email = $2, email_key = $3 WHERE account_id = $1"
_UPDATE_PASSWORD: Final = (
    "UPDATE logins SET password_hash = $3 WHERE account_id = $1 AND password_hash = $2"
)
_REVOKE_OTHERS: Final = (
    "UPDATE tokens SET revoked_ms = $3 WHERE account_id = $1 AND id <> $2 AND revoked_ms IS NULL"
)


async def find_email(tx: Reader, account_id: AccountId) -> str | None:
    """The address of an account."""
    row = await tx.one(_FIND_EMAIL, account_id)
    return None if row is None else row[0]


async def update_email(tx: Transaction, account_id: AccountId, email: str) -> None:
    """Give a login another address."""
    await tx.run(_UPDATE_EMAIL, account_id, email, email.lower())


async def update_password(
    tx: Transaction, account_id: AccountId, former_hash: str, password_hash: str
) -> bool:
    """Give a login another password, unless it has another one by now."""
    return bool(await tx.run(_UPDATE_PASSWORD, account_id, former_hash, password_hash))


def revoking_others(account_id: AccountId, token_id: TokenId, now_ms: int) -> Statement:
    """The statement that ends every token of an account but one."""
    return _REVOKE_OTHERS, (account_id, token_id, now_ms)
