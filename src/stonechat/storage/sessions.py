"""Sessions of the web pages in SQL, and the logins that they begin with."""

from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId
from stonechat.domain.sessions import SESSIONS_PER_ACCOUNT_MAX, Visitor
from stonechat.storage.database import Reader, Row, Transaction
from stonechat.storage.statuses import Statement


class LoginRow(NamedTuple):
    """What signing in needs to know of an account."""

    account_id: AccountId
    password_hash: str
    state: str
    role: str


_LOGIN: Final = (
    "SELECT l.account_id, l.password_hash, a.state, a.role FROM logins l"
    " JOIN accounts a ON a.id = l.account_id"
)
_FIND_LOGIN_BY_EMAIL: Final = _LOGIN + " WHERE l.email_key = $1"
_FIND_LOGIN_BY_NAME: Final = _LOGIN + " WHERE a.username_key = $1 AND COALESCE(a.domain, '') = ''"
_FIND_LOGIN_OF: Final = _LOGIN + " WHERE l.account_id = $1"
_INSERT: Final = (
    "INSERT INTO sessions (hash, account_id, created_ms, expires_ms) VALUES ($1, $2, $3, $4)"
)
_NOTE_SIGN_IN: Final = "UPDATE logins SET signed_in_ms = $2 WHERE account_id = $1"
_DELETE: Final = "DELETE FROM sessions WHERE hash = $1"
_DELETE_OLDEST: Final = (
    "DELETE FROM sessions WHERE account_id = $1 AND created_ms <= (SELECT created_ms"
    " FROM sessions WHERE account_id = $1 ORDER BY created_ms DESC LIMIT 1 OFFSET $2)"
)
_DELETE_OF_ACCOUNT: Final = "DELETE FROM sessions WHERE account_id = $1"
_FIND_VISITOR: Final = (
    "SELECT a.id, a.username, a.display_name, a.role FROM sessions s"
    " JOIN accounts a ON a.id = s.account_id"
    " WHERE s.hash = $1 AND s.expires_ms > $2 AND a.state = 'active'"
)


async def find_login(tx: Reader, name: str) -> LoginRow | None:
    """The login of an e-mail address or of a local name, in any case."""
    row: Row | None
    if "@" in name:
        row = await tx.one(_FIND_LOGIN_BY_EMAIL, name.lower())
    else:
        row = await tx.one(_FIND_LOGIN_BY_NAME, name.lower())
    return None if row is None else LoginRow._make(row)


async def find_login_of(tx: Reader, account_id: AccountId) -> LoginRow | None:
    """The login of an account."""
    row = await tx.one(_FIND_LOGIN_OF, account_id)
    return None if row is None else LoginRow._make(row)


async def insert(
    tx: Transaction, session_hash: bytes, account_id: AccountId, now_ms: int, expires_ms: int
) -> None:
    """A new session, in place of the account's oldest where it has too many."""
    await tx.run(_DELETE_OLDEST, account_id, SESSIONS_PER_ACCOUNT_MAX - 1)
    await tx.run_all(
        (_INSERT, (session_hash, account_id, now_ms, expires_ms)),
        (_NOTE_SIGN_IN, (account_id, now_ms)),
    )


async def find_visitor(tx: Reader, session_hash: bytes, now_ms: int) -> Visitor | None:
    """Who is signed in with a session that has not ended, if their account is open."""
    row = await tx.one(_FIND_VISITOR, session_hash, now_ms)
    return None if row is None else Visitor._make(row)


async def delete(tx: Transaction, session_hash: bytes) -> None:
    """End a session."""
    await tx.run(_DELETE, session_hash)


def deleting_of_account(account_id: AccountId) -> Statement:
    """The statement that ends every session of an account."""
    return _DELETE_OF_ACCOUNT, (account_id,)
