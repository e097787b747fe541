"""Tokens, looked up by their hash: who is asking.

The lookup rides along in the first statement of hot requests: as `TOKEN_COLUMNS` over
`TOKEN_TABLES` where one row is read (`glances.find_one`), and as the single column `TOKEN_TEXT`
where every row of a page would repeat it (`timelines`).
"""

from typing import Final

from stonechat.domain.ids import AccountId, AppId, TokenId
from stonechat.domain.viewers import TokenFacts
from stonechat.storage.database import Reader, Row, Transaction

TOKEN_COLUMNS: Final = (
    "t.id, t.kind, t.account_id, t.app_id, t.scopes, t.revoked_ms, ta.state, ta.role,"
    # Not correlated with the row: an engine answers it once, however many rows there are.
    " EXISTS (SELECT 1 FROM filters tf"
    " WHERE tf.account_id = (SELECT account_id FROM tokens WHERE hash = $1)),"
    " t.beacon_id, t.expires_ms, t.used_ms"
)
TOKEN_TABLES: Final = (
    "(SELECT 1 AS one) request"
    " LEFT JOIN tokens t ON t.hash = $1"
    " LEFT JOIN accounts ta ON ta.id = t.account_id"
)
TOKEN_WIDTH: Final = 12

TOKEN_TEXT: Final = (
    "(SELECT CAST(t.id AS TEXT) || '|' || t.kind || '|' ||"
    " COALESCE(CAST(t.account_id AS TEXT), '') || '|' ||"
    " COALESCE(CAST(t.app_id AS TEXT), '') || '|' || t.scopes || '|' ||"
    " COALESCE(CAST(t.revoked_ms AS TEXT), '') || '|' || COALESCE(ta.state, '') || '|' ||"
    " COALESCE(ta.role, '') || '|' || CASE WHEN EXISTS (SELECT 1 FROM filters tf"
    " WHERE tf.account_id = t.account_id) THEN '1' ELSE '' END || '|' ||"
    " COALESCE(CAST(t.expires_ms AS TEXT), '')"
    " FROM tokens t LEFT JOIN accounts ta ON ta.id = t.account_id WHERE t.hash = $1)"
)

_FIND: Final = "SELECT " + TOKEN_COLUMNS + " FROM " + TOKEN_TABLES


def token_facts(row: Row) -> TokenFacts | None:
    """The token's part at the head of a row, or None when no token matched."""
    return None if row[0] is None else TokenFacts._make(row[:TOKEN_WIDTH])


def token_text_facts(text: str | None) -> TokenFacts | None:
    """What TOKEN_TEXT says, or None when no token matched."""
    if text is None:
        return None
    token_id, kind, account_id, app_id, scopes, revoked_ms, state, role, filters, expires_ms = (
        text.split("|")
    )
    return TokenFacts(
        TokenId(int(token_id)),
        kind,
        AccountId(int(account_id)) if account_id else None,
        AppId(int(app_id)) if app_id else None,
        scopes,
        int(revoked_ms) if revoked_ms else None,
        state or None,
        role or None,
        len(filters),
        expires_ms=int(expires_ms) if expires_ms else None,
    )


_NOTE_USE: Final = "UPDATE tokens SET used_ms = $2 WHERE id = $1"


async def note_use(tx: Transaction, token_id: TokenId, now_ms: int) -> None:
    """Write down when a token was used last."""
    await tx.run(_NOTE_USE, token_id, now_ms)


async def find(tx: Reader, token_hash: bytes) -> TokenFacts | None:
    """What is known of a token, or None when there is no such token."""
    row = await tx.one(_FIND, token_hash)
    assert row is not None
    return token_facts(row)
