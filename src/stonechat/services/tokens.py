"""Tokens made by hand: for people by the operator, and keys for the live-value API."""

from stonechat.domain.ids import AccountId, AppId, TokenId
from stonechat.domain.viewers import SCOPES
from stonechat.kernel.errors import InvalidInput, NotFound
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services.env import Env
from stonechat.storage import accounts, tokens
from stonechat.storage.database import Transaction
from stonechat.storage.tokens import Token


def check_scopes(scopes: str) -> str:
    """The scopes, each once, in the order given; InvalidInput for one that does not exist."""
    wanted = tuple(dict.fromkeys(scopes.split()))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise InvalidInput(
            "Validation failed: Scopes doesn't match configured on the server.", field="scopes"
        )
    return " ".join(wanted)


async def create_for_name(
    env: Env, username: str, *, kind: str = "person", scopes: str = ""
) -> str:
    """A new token, or key, of the local account with this name."""
    account = await accounts.find_by_handle(env.db, username)
    if account is None:
        raise NotFound(f"There is no account named {username}")
    secret = new_secret()

    async def work(tx: Transaction) -> None:
        await add(env, tx, secret, kind=kind, scopes=scopes, account_id=account.id)

    await env.db.write(work)
    return secret


async def add(
    env: Env,
    tx: Transaction,
    secret: str,
    *,
    kind: str,
    scopes: str,
    account_id: AccountId | None = None,
    app_id: AppId | None = None,
) -> Token:
    """Keep `secret` as a token within a transaction."""
    token = Token(
        TokenId(env.ids.next_id()),
        hash_secret(secret),
        kind,
        scopes,
        env.clock.now_ms(),
        account_id,
        app_id,
    )
    await tokens.insert(tx, token)
    return token
