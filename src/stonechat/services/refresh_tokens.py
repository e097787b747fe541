"""Refresh tokens: a token that ends comes with another one, which gets the next pair.

Each is used once. One that comes again later was stolen at least once, so the whole line of
renewals ends; as with codes, the refusal and the end are one transaction, which must not raise. One
that comes again at once is a client whose answer was lost, and gets that same answer: the next
pair is derived from the refresh token with a key of the server, so it need not be remembered.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.apps import App
from stonechat.domain.ids import AccountId, AppId, TokenId
from stonechat.domain.oauth import Client, Grant, RefreshToken, unknown_client, wrong_grant
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services.env import Env
from stonechat.storage import accounts, apps, refresh_tokens, tokens
from stonechat.storage.database import Transaction
from stonechat.storage.refresh_tokens import Standing
from stonechat.storage.tokens import Token

TOKEN_MS: Final = limits.TOKEN_SECONDS * 1000
_AGE_MS_MAX: Final = limits.REFRESH_TOKEN_DAYS * 86_400_000
_RETRY_MS: Final = limits.REFRESH_RETRY_SECONDS * 1000


async def start(
    env: Env,
    tx: Transaction,
    token_id: TokenId,
    *,
    app_id: AppId,
    account_id: AccountId,
    scopes: str,
    is_public: bool = False,
) -> Grant:
    """The first pair of a line."""
    secret, refresh_secret = new_secret(), new_secret()
    kept = RefreshToken(
        hash_secret(refresh_secret),
        token_id,
        token_id,
        account_id,
        app_id,
        scopes,
        is_public,
        env.clock.now_ms(),
    )
    return await _insert(tx, kept, secret, refresh_secret)


async def _insert(tx: Transaction, kept: RefreshToken, secret: str, refresh_secret: str) -> Grant:
    token = Token(
        kept.token_id,
        hash_secret(secret),
        "person",
        kept.scopes,
        kept.created_ms,
        kept.account_id,
        kept.app_id,
        expires_ms=kept.created_ms + TOKEN_MS,
    )
    await tokens.insert(tx, token)
    await refresh_tokens.insert(tx, kept)
    return Grant(secret, kept.scopes, kept.created_ms, limits.TOKEN_SECONDS, refresh_secret)


async def renew(env: Env, client: Client, secret: str) -> Grant:
    """The next pair; and an end to all of them where the refresh token was used before."""

    async def work(tx: Transaction) -> Grant | None:
        app = await _get_app(tx, client)
        found = await refresh_tokens.find(tx, hash_secret(secret))
        if found is None or found.token.app_id != app.id:
            raise wrong_grant()
        # Whoever ends all tokens of the account holds it, too: no pair slips past them.
        await accounts.lock(tx, found.token.account_id)
        found = await refresh_tokens.find(tx, hash_secret(secret))
        now_ms = env.clock.now_ms()
        if found is None or not found.is_open or found.token.created_ms + _AGE_MS_MAX <= now_ms:
            raise wrong_grant()
        if not (found.token.is_public or client.secret):
            raise unknown_client()
        if found.token.used_ms is None:
            return await _succeed(env, tx, found.token, secret)
        return await _repeat(env, tx, found.token, secret)

    grant = await env.db.write(work)
    if grant is None:
        raise wrong_grant()
    return grant


async def _get_app(tx: Transaction, client: Client) -> App:
    """The app of a client; one that gives a secret gives the right one."""
    if client.secret:
        app = await apps.find_proven(tx, client.id, hash_secret(client.secret))
    else:
        app = await apps.find_by_client_id(tx, client.id)
    if app is None:
        raise unknown_client()
    return app


def _derive(env: Env, secret: str) -> tuple[str, str]:
    return env.seals.derive("access token", secret), env.seals.derive("refresh token", secret)


async def _succeed(env: Env, tx: Transaction, used: RefreshToken, secret: str) -> Grant:
    now_ms = env.clock.now_ms()
    access, refresh = _derive(env, secret)
    claimed = await refresh_tokens.claim(tx, used.hash, now_ms)
    assert claimed, "the account is held, so nobody else can have used it"
    kept = RefreshToken(
        hash_secret(refresh),
        used.family_id,
        TokenId(env.ids.next_id()),
        used.account_id,
        used.app_id,
        used.scopes,
        used.is_public,
        now_ms,
    )
    return await _insert(tx, kept, access, refresh)


async def _repeat(env: Env, tx: Transaction, used: RefreshToken, secret: str) -> Grant | None:
    """The answer that was given before; None, and an end to the line, where it was long ago."""
    now_ms = env.clock.now_ms()
    access, refresh = _derive(env, secret)
    following = await refresh_tokens.find(tx, hash_secret(refresh))
    assert used.used_ms is not None
    if now_ms - used.used_ms > _RETRY_MS or not _is_untouched(following):
        await refresh_tokens.end_family(tx, used.family_id, now_ms)
        return None
    seconds = limits.TOKEN_SECONDS - (now_ms - used.used_ms) // 1000
    return Grant(access, used.scopes, used.used_ms, seconds, refresh)


def _is_untouched(following: Standing | None) -> bool:
    return following is not None and following.is_open and following.token.used_ms is None
