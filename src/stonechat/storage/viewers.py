"""Tokens, looked up by their hash: who is asking.

`TOKEN_COLUMNS` and `TOKEN_TABLES` are shared with the statements in which the lookup rides
along with what was asked for (`glances.find_one`, `timelines`).
"""

from typing import Final

from stonechat.domain.viewers import TokenFacts
from stonechat.storage.database import Reader, Row

TOKEN_COLUMNS: Final = (
    "t.id, t.kind, t.account_id, t.app_id, t.scopes, t.revoked_ms, ta.state, ta.role,"
    # Not correlated with the row: an engine answers it once, however many rows there are.
    " EXISTS (SELECT 1 FROM filters tf"
    " WHERE tf.account_id = (SELECT account_id FROM tokens WHERE hash = $1))"
)
TOKEN_TABLES: Final = (
    "(SELECT 1 AS one) request"
    " LEFT JOIN tokens t ON t.hash = $1"
    " LEFT JOIN accounts ta ON ta.id = t.account_id"
)
TOKEN_WIDTH: Final = 9

_FIND: Final = "SELECT " + TOKEN_COLUMNS + " FROM " + TOKEN_TABLES


def token_facts(row: Row) -> TokenFacts | None:
    """The token's part at the head of a row, or None when no token matched."""
    return None if row[0] is None else TokenFacts._make(row[:TOKEN_WIDTH])


async def find(tx: Reader, token_hash: bytes) -> TokenFacts | None:
    """What is known of a token, or None when there is no such token."""
    row = await tx.one(_FIND, token_hash)
    assert row is not None
    return token_facts(row)
