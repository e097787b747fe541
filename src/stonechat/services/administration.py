"""Administration: what whoever runs the server does to accounts and tokens, by command.

Nobody's rights are asked here: who can start the program on this machine can open its database
as well. Everything that changes an account leaves a line in the log, with its id and never a
name, an address or a secret.
"""

from collections.abc import AsyncIterator
from typing import Final

import structlog

from stonechat.domain.accounts import Account, Login, check_password
from stonechat.domain.administration import (
    AccountSummary,
    TokenSummary,
    check_role,
    next_state,
)
from stonechat.domain.ids import AccountId, TokenId
from stonechat.domain.views import AccountView
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services import passwords
from stonechat.services.env import Env
from stonechat.services.returns import taking_up
from stonechat.storage import accounts, administration, bans, partings, sessions, tokens
from stonechat.storage.database import Reader, Transaction
from stonechat.storage.statuses import Statement

OWNER: Final = "owner"
OWNERS_EMAIL: Final = "owner@localhost.localdomain"
PASSWORD_CHARACTERS: Final = 20
ACCOUNTS_AT_ONCE: Final = 500
TOKENS_LISTED_MAX: Final = 1000
_ID_DIGITS_MAX: Final = 16

_log: Final = structlog.stdlib.get_logger()


def new_password() -> str:
    """A password that nobody guesses and everybody can type."""
    return new_secret()[:PASSWORD_CHARACTERS]


async def found_server(env: Env) -> str | None:
    """Make the owner of a server that has no account yet; their password, or None."""
    if await accounts.has_any(env.db):
        return None
    password = new_password()
    login = Login(OWNERS_EMAIL, await passwords.hash_password(password))
    owner = Account(AccountId(env.ids.next_id()), OWNER, env.clock.now_ms(), role="owner")

    async def work(tx: Transaction) -> bool:
        # Another process may be at it as well; and there may be no owner by this name any more.
        if not await administration.claim_founding(tx, owner.created_ms):
            return False
        if await accounts.has_any(tx):
            return False
        await accounts.insert(tx, owner, login)
        return True

    return password if await env.db.write(work) else None


async def list_accounts(env: Env) -> AsyncIterator[list[AccountSummary]]:
    """Every account of this server, in the order in which they were made, page by page."""
    after_id = 0
    while page := await administration.list_accounts(env.db, after_id, ACCOUNTS_AT_ONCE):
        yield page
        after_id = page[-1].id


async def get_account(tx: Reader, username: str) -> AccountView:
    """The account of this server with a name, in any case, with or without an @."""
    account = await accounts.find_by_handle(tx, username.removeprefix("@"))
    if account is None:
        raise NotFound(f"There is no account named {username}.")
    return account


async def get_open_account(tx: Reader, username: str) -> AccountView:
    """The same, unless it is deleted."""
    account = await get_account(tx, username)
    if account.state == "deleted":
        raise InvalidInput(f"{account.username} is deleted, and nothing brings it back.")
    return account


async def change_role(env: Env, username: str, role: str) -> AccountId:
    """Give an account a role. It holds from the next request on."""
    check_role(role)

    async def work(tx: Transaction) -> AccountId:
        account = await get_open_account(tx, username)
        await tx.run_all(
            administration.changing_role(account.id, role), accounts.touching(account.id)
        )
        return account.id

    account_id = await env.db.write(work)
    _log.info("account.role_changed", account_id=account_id, role=role)
    return account_id


async def change_state(env: Env, username: str, action: str) -> str:
    """Approve, disable, enable or suspend an account; the state that it is in then."""

    async def work(tx: Transaction) -> tuple[AccountId, str]:
        account = await get_open_account(tx, username)
        state = next_state(action, account.username, account.state)
        await tx.run_all(
            administration.changing_state(account.id, state),
            accounts.touching(account.id),
            # Open pages of what is theirs learn that it is absent now, or is there again.
            *partings.touching_all(account.id),
            # The end of a moderator's ban is none of what was said here after it.
            *bans.lifting(account.id),
            *([taking_up(env, account.id)] if state == "active" else ()),
        )
        return account.id, state

    account_id, state = await env.db.write(work)
    env.wake_jobs()
    _log.info("account.state_changed", account_id=account_id, state=state)
    return state


async def change_password(env: Env, username: str, password: str) -> AccountId:
    """Give an account another password. Whoever was signed in with the old one is no longer."""
    check_password(password)
    hashed = await passwords.hash_password(password)

    async def work(tx: Transaction) -> AccountId:
        account = await get_open_account(tx, username)
        # Whoever renews a token holds the account, too.
        await accounts.lock(tx, account.id)
        await tx.run_all(
            administration.changing_password(account.id, hashed),
            *ending_access(account.id, env.clock.now_ms()),
        )
        return account.id

    account_id = await env.db.write(work)
    _log.info("account.password_changed", account_id=account_id)
    return account_id


def ending_access(account_id: AccountId, now_ms: int) -> list[Statement]:
    """The statements that end every session, token, key and code of an account."""
    return [
        tokens.revoking_of_account(account_id, now_ms),
        sessions.deleting_of_account(account_id),
        administration.spending_codes(account_id, now_ms),
    ]


async def list_tokens(env: Env, username: str) -> list[TokenSummary]:
    """The good tokens and keys of an account."""
    account = await get_account(env.db, username)
    return await administration.list_tokens(env.db, account.id, TOKENS_LISTED_MAX)


async def revoke_token(env: Env, token: str) -> None:
    """End a token, which is given by its id or is itself given."""
    now_ms = env.clock.now_ms()

    async def work(tx: Transaction) -> bool:
        if token.isdecimal() and len(token) <= _ID_DIGITS_MAX:
            return await administration.revoke_token(tx, TokenId(int(token)), now_ms)
        return await administration.revoke_secret(tx, hash_secret(token), now_ms)

    if not await env.db.write(work):
        raise NotFound("There is no such token, or it was revoked before.")
    _log.info("token.revoked")
