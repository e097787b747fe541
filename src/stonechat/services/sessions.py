"""Signing in and out with a browser.

Whether a name is unknown or a password wrong makes no difference to the answer, nor to the
time that it takes: the password of nobody is checked as slowly as anybody's.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.sessions import Visitor, login_name
from stonechat.domain.viewers import CLOSED
from stonechat.kernel.errors import NotAllowed, NotAuthenticated
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services import passwords
from stonechat.services.env import Env
from stonechat.storage import accounts, sessions
from stonechat.storage.database import Transaction
from stonechat.storage.sessions import LoginRow

SESSION_MS: Final = limits.SESSION_DAYS * 86_400_000
_WRONG: Final = "That name and that password do not belong together."


async def sign_in(env: Env, name: str, password: str, *, former: str | None = None) -> str:
    """The secret of a new session. The former one of the same browser ends with it."""
    proven = await prove(env, name, password)
    secret, now_ms = new_secret(), env.clock.now_ms()
    ends_ms = now_ms + SESSION_MS

    async def work(tx: Transaction) -> None:
        await hold(tx, proven)
        if former is not None:
            await sessions.delete(tx, hash_secret(former))
        await sessions.insert(tx, hash_secret(secret), proven.account_id, now_ms, ends_ms)

    await env.db.write(work)
    return secret


async def find_account_id(env: Env, name: str) -> AccountId | None:
    """Who signs in by this name or address. It is no secret that is told: not outside, nor here."""
    login = await sessions.find_login(env.db, login_name(name, env.settings.domain))
    return None if login is None else login.account_id


async def prove(env: Env, name: str, password: str) -> LoginRow:
    """The login that these name and password belong to; see `hold` for what comes next.

    NotAuthenticated where they do not belong together, NotAllowed where the account is closed.
    """
    login = await sessions.find_login(env.db, login_name(name, env.settings.domain))
    password_hash = None
    # Nobody's password is so long; still it takes as long to say so.
    if login is not None and len(password) <= limits.PASSWORD_CHARACTERS_MAX:
        password_hash = login.password_hash
    is_right = await passwords.is_right(password[: limits.PASSWORD_CHARACTERS_MAX], password_hash)
    if login is None or not is_right:
        raise NotAuthenticated(_WRONG, subject="login")
    if login.state != "active":
        raise NotAllowed(CLOSED.get(login.state))
    return login


async def hold(tx: Transaction, proven: LoginRow) -> LoginRow:
    """The login as it is now, held; NotAuthenticated where it is not what was proven any more.

    A password takes its time to check. Whoever changed it meanwhile ended all that the old one had
    bought, and what is inserted after that would outlive it.
    """
    await accounts.lock(tx, proven.account_id)
    login = await sessions.find_login_of(tx, proven.account_id)
    if login is None or login._replace(role=proven.role) != proven:
        raise NotAuthenticated(_WRONG, subject="login")
    return login


async def find_visitor(env: Env, secret: str | None) -> Visitor | None:
    """Who is signed in with the session of this secret."""
    if not secret:
        return None
    return await sessions.find_visitor(env.db, hash_secret(secret), env.clock.now_ms())


async def sign_out(env: Env, secret: str) -> None:
    """End a session; one that has ended already is fine."""
    await env.db.write(lambda tx: sessions.delete(tx, hash_secret(secret)))
