"""Logins: with which address and password somebody signs in, and how they change both.

This server sends no mail. An address changes at once, or by a code that is given to the caller,
who brings it to its owner in their own way. The code says nothing by itself: it is a seal over the
account, its password, both addresses and its end, so that none of them is kept, one is good for one
change, and another password ends it.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Final

from stonechat.domain import limits
from stonechat.domain.accounts import check_email
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import Conflict, InvalidInput, NotFound
from stonechat.kernel.secrets import is_same
from stonechat.services import passwords
from stonechat.services.env import Env
from stonechat.storage import accounts, administration, logins, sessions
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.sessions import LoginRow

_CODE_MS: Final = limits.EMAIL_CODE_HOURS * 3_600_000
_CODE: Final = re.compile(r"([0-9]{1,15})\.[A-Za-z0-9_-]{43}")


async def change_password(env: Env, viewer: Viewer, password: str, new_password: str) -> None:
    """Give oneself another password; everything else that was signed in is so no longer."""
    assert viewer.token_id is not None
    account_id, token_id = viewer.account_id, viewer.token_id
    login = await sessions.find_login_of(env.db, account_id)
    maximum = limits.PASSWORD_CHARACTERS_MAX
    is_right = await passwords.is_right(
        password[:maximum], login.password_hash if login and len(password) <= maximum else None
    )
    if login is None or not is_right:
        raise InvalidInput("This is not your password", field="password")
    former_hash, hashed = login.password_hash, await passwords.hash_password(new_password)

    async def work(tx: Transaction) -> None:
        # Whoever renews a token holds the account, too.
        await accounts.lock(tx, account_id)
        if not await logins.update_password(tx, account_id, former_hash, hashed):
            raise Conflict
        now_ms = env.clock.now_ms()
        await tx.run_all(
            logins.revoking_others(account_id, token_id, now_ms),
            sessions.deleting_of_account(account_id),
            administration.spending_codes(account_id, now_ms),
        )

    await env.db.write(work)


async def see_email(env: Env, account_id: AccountId) -> str:
    """The address of an account, for itself and for administrators."""
    return await _get_email(env.db, account_id)


async def find_owner(env: Env, email: str) -> AccountId:
    """Whose address this is; NotFound where it is nobody's."""
    login = await sessions.find_login(env.db, email) if "@" in email else None
    if login is None:
        raise NotFound
    return login.account_id


async def change_email(env: Env, account_id: AccountId, email: str) -> None:
    """Give an account another address, which nobody else has."""
    _check(email)

    async def work(tx: Transaction) -> None:
        await _update_email(tx, account_id, email, await _get_email(tx, account_id))

    await _write_email(env, work)


async def make_email_code(env: Env, account_id: AccountId, email: str) -> str:
    """A code by which the account gets another address."""
    _check(email)
    # Whether somebody has it already is found out by whoever brings the code, and counted there.
    former = await _get_email(env.db, account_id)
    login = await sessions.find_login_of(env.db, account_id)
    if login is None:
        raise NotFound
    return _code(env, login, former, email, env.clock.now_ms() + _CODE_MS)


async def confirm_email(env: Env, account_id: AccountId, email: str, code: str) -> None:
    """Change the address as a code says that was given for it."""
    found = _CODE.fullmatch(code)
    _check(email)

    async def work(tx: Transaction) -> None:
        await accounts.lock(tx, account_id)
        login = await sessions.find_login_of(tx, account_id)
        former = await logins.find_email(tx, account_id)
        ends_ms = int(found[1]) if found is not None else 0
        # An account that is not there, or closed, has no code, and no other answer.
        if login is None or login.state != "active" or former is None:
            raise _wrong_code()
        is_good = is_same(code, _code(env, login, former, email, ends_ms))
        if not is_good or ends_ms <= env.clock.now_ms():
            raise _wrong_code()
        await _update_email(tx, account_id, email, former)

    await _write_email(env, work)


def _wrong_code() -> InvalidInput:
    return InvalidInput("This code is wrong or too old", field="validation_code")


def _code(env: Env, login: LoginRow, former: str, email: str, ends_ms: int) -> str:
    password = hashlib.sha256(login.password_hash.encode()).hexdigest()
    # No address has a line break.
    told = f"{login.account_id}/{ends_ms}/{password}/{former.lower()}\n{email.lower()}"
    return f"{ends_ms}.{env.seals.derive('email', told)}"


async def _get_email(tx: Reader, account_id: AccountId) -> str:
    email = await logins.find_email(tx, account_id)
    if email is None:
        raise NotFound
    return email


async def _ensure_free(tx: Reader, email: str, former: str) -> None:
    if email.lower() != former.lower() and await accounts.has_email(tx, email):
        raise _taken()


async def _update_email(tx: Transaction, account_id: AccountId, email: str, former: str) -> None:
    await _ensure_free(tx, email, former)
    await logins.update_email(tx, account_id, email)


async def _write_email(env: Env, work: Callable[[Transaction], Awaitable[None]]) -> None:
    try:
        await env.db.write(work)
    except Conflict:
        # Somebody took the address between the look and the update.
        raise _taken() from None


def _check(email: str) -> None:
    try:
        check_email(email)
    except InvalidInput as refusal:
        raise InvalidInput(refusal.message, field="new_email", rule=refusal.rule) from None


def _taken() -> InvalidInput:
    return InvalidInput("E-mail has already been taken", field="new_email", rule="taken")
