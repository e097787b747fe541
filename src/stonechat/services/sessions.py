"""Signing in and out with a browser.

Whether a name is unknown or a password wrong makes no difference to the answer, nor to the
time that it takes: the password of nobody is checked as slowly as anybody's.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.sessions import Visitor
from stonechat.domain.viewers import CLOSED
from stonechat.kernel.errors import NotAllowed, NotAuthenticated
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services import passwords
from stonechat.services.env import Env
from stonechat.storage import sessions
from stonechat.storage.database import Transaction

SESSION_MS: Final = limits.SESSION_DAYS * 86_400_000
_WRONG: Final = "That name and that password do not belong together."


async def sign_in(env: Env, name: str, password: str, *, former: str | None = None) -> str:
    """The secret of a new session. The former one of the same browser ends with it."""
    account_id = await prove(env, name, password)
    secret, now_ms = new_secret(), env.clock.now_ms()

    async def work(tx: Transaction) -> None:
        if former is not None:
            await sessions.delete(tx, hash_secret(former))
        await sessions.insert(tx, hash_secret(secret), account_id, now_ms, now_ms + SESSION_MS)

    await env.db.write(work)
    return secret


async def prove(env: Env, name: str, password: str) -> AccountId:
    """Whose name and password these are.

    NotAuthenticated where they do not belong together, NotAllowed where the account is closed.
    """
    login = await sessions.find_login(env.db, _login_name(name, env.settings.domain))
    password_hash = None
    # Nobody's password is so long; still it takes as long to say so.
    if login is not None and len(password) <= limits.PASSWORD_CHARACTERS_MAX:
        password_hash = login.password_hash
    is_right = await passwords.is_right(password[: limits.PASSWORD_CHARACTERS_MAX], password_hash)
    if login is None or not is_right:
        raise NotAuthenticated(_WRONG, subject="login")
    if login.state != "active":
        raise NotAllowed(CLOSED.get(login.state))
    return login.account_id


def _login_name(given: str, domain: str) -> str:
    """A name or an address as it is looked up; people also write `@name` and `@name@here`."""
    name = given.strip()
    if name.startswith("@"):
        name = name[1:].removesuffix(f"@{domain}")
    return name


async def find_visitor(env: Env, secret: str | None) -> Visitor | None:
    """Who is signed in with the session of this secret."""
    if not secret:
        return None
    return await sessions.find_visitor(env.db, hash_secret(secret), env.clock.now_ms())


async def sign_out(env: Env, secret: str) -> None:
    """End a session; one that has ended already is fine."""
    await env.db.write(lambda tx: sessions.delete(tx, hash_secret(secret)))
