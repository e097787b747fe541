"""Accounts: made, found, changed, closed."""

from dataclasses import replace

from stonechat.domain.accounts import (
    Account,
    Login,
    check_email,
    check_password,
    check_username,
)
from stonechat.domain.ids import AccountId
from stonechat.kernel.errors import Conflict, InvalidInput
from stonechat.services import passwords
from stonechat.services.env import Env
from stonechat.storage import accounts
from stonechat.storage.database import Transaction


async def create_account(
    env: Env,
    *,
    username: str,
    email: str,
    password: str,
    role: str = "user",
    state: str = "active",
    login: Login | None = None,
) -> Account:
    """A new local account; InvalidInput says which of name, address and password is wrong."""
    account = Account(
        AccountId(env.ids.next_id()),
        check_username(username),
        env.clock.now_ms(),
        role=role,
        state=state,
    )
    check_email(email)
    check_password(password)
    base = login or Login(email, "")
    kept = replace(base, email=email, password_hash=await passwords.hash_password(password))

    async def work(tx: Transaction) -> None:
        if await accounts.find_by_handle(tx, username) is not None:
            raise _taken("username", "Username")
        if await accounts.has_email(tx, email):
            raise _taken("email", "E-mail")
        await accounts.insert(tx, account, kept)

    try:
        await env.db.write(work)
    except Conflict:
        # Somebody took the name or the address between the look and the insert.
        raise _taken("username", "Username") from None
    return account


def _taken(field: str, label: str) -> InvalidInput:
    return InvalidInput(
        f"Validation failed: {label} has already been taken",
        field=field,
        rule="taken",
        description="has already been taken",
    )
