"""Signing up: a stranger makes an account through an app, if the operator lets strangers in.

Where the operator wants to look at newcomers first, the account and its token exist, but may
do nothing until somebody approves.
"""

from typing import Final

from stonechat.domain.accounts import Account, Login
from stonechat.domain.ids import AccountId, TokenId
from stonechat.domain.oauth import Grant, grantable_scopes
from stonechat.domain.sign_up import SignUp, ensure_faultless, find_faults, taken
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import Conflict, InvalidInput, NotAllowed
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services import category_follows, passwords
from stonechat.services.apps import see_own_app
from stonechat.services.env import Env
from stonechat.storage import accounts, tokens
from stonechat.storage.database import Transaction
from stonechat.storage.tokens import Token

NEWCOMERS_ROLE: Final = "user"


async def sign_up(env: Env, viewer: Viewer, command: SignUp) -> Grant:
    """A new account, and a token for it with the scopes of the app that made it."""
    if env.settings.registrations == "closed":
        raise NotAllowed
    app = await see_own_app(env, viewer)
    scopes = grantable_scopes(app.scopes, NEWCOMERS_ROLE)
    ensure_faultless(find_faults(command))
    hashed = await passwords.hash_password(command.password)
    login = Login(command.email, hashed, command.locale, command.reason, app.id)
    state = "pending" if env.settings.registrations == "approval" else "active"

    async def work(tx: Transaction) -> Grant:
        ensure_faultless(await _find_taken(tx, command))
        now_ms, secret = env.clock.now_ms(), new_secret()
        account = Account(AccountId(env.ids.next_id()), command.username, now_ms, state=state)
        token = Token(
            TokenId(env.ids.next_id()),
            hash_secret(secret),
            "person",
            scopes,
            now_ms,
            account.id,
            app.id,
        )
        await accounts.insert(tx, account, login)
        await tokens.insert(tx, token)
        await category_follows.greet(env, tx, account.id)
        return Grant(secret, scopes, now_ms)

    try:
        return await env.db.write(work)
    except Conflict:
        # Somebody took the name or the address between the look and the insert.
        raise taken("username") from None


async def _find_taken(tx: Transaction, command: SignUp) -> list[InvalidInput]:
    faults: list[InvalidInput] = []
    if await accounts.find_by_handle(tx, command.username) is not None:
        faults.append(taken("username"))
    if await accounts.has_email(tx, command.email):
        faults.append(taken("email"))
    return faults
