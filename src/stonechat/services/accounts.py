"""Accounts: made, found, changed, closed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stonechat.domain.accounts import (
    Account,
    Login,
    check_email,
    check_password,
    check_username,
)
from stonechat.domain.enrolments import stand_in_email
from stonechat.domain.ids import AccountId
from stonechat.domain.names import read_handle, read_query
from stonechat.domain.relationships import ABSENT_STATES, PRESENT_STATES
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import AccountView
from stonechat.kernel.errors import Conflict, InvalidInput, NotFound
from stonechat.kernel.secrets import new_secret
from stonechat.services import category_follows, passwords
from stonechat.services.env import Env
from stonechat.storage import accounts, names
from stonechat.storage.database import Transaction


async def create_account(
    env: Env,
    *,
    username: str,
    email: str | None,
    password: str,
    role: str = "user",
    state: str = "active",
    login: Login | None = None,
) -> Account:
    """A new local account; InvalidInput says which of name, address and password is wrong.

    Where no address is known, one that nobody has stands in.
    """
    account = Account(
        AccountId(env.ids.next_id()),
        check_username(username),
        env.clock.now_ms(),
        role=role,
        state=state,
    )
    address = stand_in_email(new_secret()) if email is None else check_email(email)
    check_password(password)
    base = login or Login(address, "")
    kept = replace(base, email=address, password_hash=await passwords.hash_password(password))

    async def work(tx: Transaction) -> None:
        if await accounts.find_by_handle(tx, username) is not None:
            raise _taken("username", "Username")
        if await accounts.has_email(tx, address):
            raise _taken("email", "E-mail")
        await accounts.insert(tx, account, kept)
        await category_follows.greet(env, tx, account.id)

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


async def see_account(env: Env, account_id: AccountId) -> AccountView:
    """One account; one that was suspended still answers, one that is gone does not."""
    return _present((await accounts.load_views(env.db, [account_id])).get(account_id))


def _present(account: AccountView | None) -> AccountView:
    if account is None or account.state in ABSENT_STATES:
        raise NotFound
    return account


async def see_accounts(env: Env, ids: Sequence[AccountId]) -> list[AccountView]:
    """Those of several accounts that exist, each once, in the order asked."""
    found = await accounts.load_views(env.db, list(dict.fromkeys(ids)))
    wanted = [found[account_id] for account_id in dict.fromkeys(ids) if account_id in found]
    return [account for account in wanted if account.state not in ABSENT_STATES]


async def look_up(env: Env, acct: str) -> AccountView:
    """The account of a full name, `name` or `name@domain`, in any case."""
    username, domain = read_handle(acct, env.settings.domain)
    return _present(await accounts.find_by_handle(env.db, username, domain))


@dataclass(frozen=True, slots=True)
class SearchAccounts:
    """What somebody types to find somebody."""

    text: str
    limit: int
    offset: int = 0
    only_followed: bool = False


async def search_accounts(env: Env, viewer: Viewer, query: SearchAccounts) -> list[AccountId]:
    """Accounts by the beginnings of their names.

    A full name finds its account even through a block; otherwise two between whom there is one
    stay out of each other's way.
    """
    wanted = read_query(query.text, env.settings.domain)
    if wanted.handle is None:
        return await names.search(
            env.db,
            viewer.account_id,
            wanted.words,
            limit=query.limit,
            offset=query.offset,
            only_followed=query.only_followed,
        )
    found = await accounts.find_by_handle(env.db, wanted.handle)
    if found is None or found.state not in PRESENT_STATES or query.offset or not query.limit:
        return []
    return [found.id]
