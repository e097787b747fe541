"""Refresh tokens in SQL. A used one stays until it is old, so that a second use is noticed."""

from typing import Final, NamedTuple

from stonechat.domain.ids import TokenId
from stonechat.domain.oauth import RefreshToken
from stonechat.storage.database import Reader, Transaction

_INSERT: Final = (
    "INSERT INTO refresh_tokens (hash, family_id, token_id, account_id, app_id, scopes,"
    " is_public, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)
_FIND: Final = (
    "SELECT r.hash, r.family_id, r.token_id, r.account_id, r.app_id, r.scopes, r.is_public,"
    " r.created_ms, r.used_ms, t.revoked_ms, t.expires_ms, a.state FROM refresh_tokens r"
    " JOIN accounts a ON a.id = r.account_id"
    " LEFT JOIN tokens t ON t.id = r.token_id WHERE r.hash = $1"
)
_CLAIM: Final = "UPDATE refresh_tokens SET used_ms = $2 WHERE hash = $1 AND used_ms IS NULL"
_REVOKE_FAMILY: Final = (
    "UPDATE tokens SET revoked_ms = $2 WHERE revoked_ms IS NULL AND id IN"
    " (SELECT token_id FROM refresh_tokens WHERE family_id = $1)"
)
_DELETE_FAMILY: Final = "DELETE FROM refresh_tokens WHERE family_id = $1"


class Standing(NamedTuple):
    """A refresh token, and what has become of the token that it came with."""

    token: RefreshToken
    is_open: bool
    """The account is active, and nobody ended that token."""
    expires_ms: int | None
    """When that token ends; None where it was swept away, long after its end."""


async def insert(tx: Transaction, token: RefreshToken) -> None:
    """Keep a new refresh token."""
    await tx.run(
        _INSERT,
        token.hash,
        token.family_id,
        token.token_id,
        token.account_id,
        token.app_id,
        token.scopes,
        int(token.is_public),
        token.created_ms,
    )


async def find(tx: Reader, token_hash: bytes) -> Standing | None:
    """A refresh token, used or not, however old."""
    row = await tx.one(_FIND, token_hash)
    if row is None:
        return None
    family_id, token_id, account_id, app_id, scopes, is_public, created_ms, used_ms = row[1:9]
    token = RefreshToken(
        bytes(row[0]),
        family_id,
        token_id,
        account_id,
        app_id,
        scopes,
        bool(is_public),
        created_ms,
        used_ms,
    )
    return Standing(token, row[9] is None and row[11] == "active", row[10])


async def claim(tx: Transaction, token_hash: bytes, now_ms: int) -> bool:
    """Use a refresh token. Of two who try at the same time, one is told False."""
    return bool(await tx.run(_CLAIM, token_hash, now_ms))


async def end_family(tx: Transaction, family_id: TokenId, now_ms: int) -> None:
    """End every token of a line of renewals, and what could renew them."""
    await tx.run(_REVOKE_FAMILY, family_id, now_ms)
    await tx.run(_DELETE_FAMILY, family_id)
