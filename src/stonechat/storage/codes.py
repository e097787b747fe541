"""Authorization codes in SQL. A used one stays for a day, so that a second use is noticed."""

from typing import Final

from stonechat.domain.ids import TokenId
from stonechat.domain.oauth import Code
from stonechat.storage.database import Reader, Transaction

_INSERT: Final = (
    "INSERT INTO codes (hash, app_id, account_id, redirect_uri, scopes, challenge, created_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
)
_FIND: Final = (
    "SELECT hash, app_id, account_id, redirect_uri, scopes, challenge, created_ms, used_ms,"
    " token_id FROM codes WHERE hash = $1"
)
_CLAIM: Final = "UPDATE codes SET used_ms = $2, token_id = $3 WHERE hash = $1 AND used_ms IS NULL"


async def insert(tx: Transaction, code: Code) -> None:
    """Keep a new code."""
    await tx.run(
        _INSERT,
        code.hash,
        code.app_id,
        code.account_id,
        code.redirect_uri,
        code.scopes,
        code.challenge,
        code.created_ms,
    )


async def find(tx: Reader, code_hash: bytes) -> Code | None:
    """A code, used or not, however old."""
    row = await tx.one(_FIND, code_hash)
    return None if row is None else Code(*row)


async def claim(tx: Transaction, code_hash: bytes, now_ms: int, token_id: TokenId) -> bool:
    """Use a code for a token. Of two who try at the same time, one is told False."""
    return bool(await tx.run(_CLAIM, code_hash, now_ms, token_id))
