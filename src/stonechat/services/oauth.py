"""OAuth: an app asks, a person grants, a code becomes a token, a token ends.

Tokens are kept as hashes, so the same one cannot be handed out twice: a new exchange makes a
new token beside the old one. A code that comes a second time was stolen at least once; the
refusal and the end of what it bought are one transaction, which therefore must not raise.
"""

from dataclasses import dataclass

from stonechat.domain.apps import App
from stonechat.domain.ids import AccountId, AppId, TokenId
from stonechat.domain.oauth import (
    AuthorizationRequest,
    Client,
    Code,
    ExchangeCode,
    Grant,
    check_code,
    check_request,
    grantable_scopes,
    has_equal,
    narrow_scopes,
    unknown_client,
    wrong_grant,
)
from stonechat.domain.sessions import Visitor
from stonechat.kernel.errors import NotAllowed
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services.env import Env
from stonechat.storage import apps, codes, tokens
from stonechat.storage.database import Transaction
from stonechat.storage.tokens import Token


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What a person is asked to agree to."""

    app: App
    scopes: str
    is_granted: bool = False
    """They have agreed to exactly this before."""


async def see_request(
    env: Env, request: AuthorizationRequest, visitor: Visitor | None
) -> ConsentView:
    """What an app asks for; of a visitor only what is theirs to give."""
    app = await apps.find_by_client_id(env.db, request.client_id)
    scopes = check_request(request, app)
    assert app is not None
    if visitor is None:
        return ConsentView(app, scopes)
    scopes = grantable_scopes(scopes, visitor.role)
    granted = await tokens.list_granted_scopes(env.db, app.id, visitor.account_id)
    return ConsentView(app, scopes, has_equal(scopes, granted))


async def grant_code(env: Env, request: AuthorizationRequest, visitor: Visitor) -> str:
    """A code for what was asked, in the visitor's name."""
    consent = await see_request(env, request, visitor)
    secret = new_secret()
    code = Code(
        hash_secret(secret),
        consent.app.id,
        visitor.account_id,
        request.redirect_uri,
        consent.scopes,
        request.code_challenge or None,
        env.clock.now_ms(),
    )
    await env.db.write(lambda tx: codes.insert(tx, code))
    return secret


async def exchange_code(env: Env, client: Client, order: ExchangeCode) -> Grant:
    """A token for a code; and an end to that token when the code comes again."""

    async def work(tx: Transaction) -> Grant | None:
        app = await _get_proven(tx, client)
        code_hash = hash_secret(order.code)
        code = await codes.find(tx, code_hash)
        if code is not None and code.used_ms is not None and code.app_id == app.id:
            return await _punish(env, tx, code)
        code = check_code(code, app, order, env.clock.now_ms())
        token_id = TokenId(env.ids.next_id())
        if not await codes.claim(tx, code_hash, env.clock.now_ms(), token_id):
            return await _punish(env, tx, await codes.find(tx, code_hash))
        return await _issue(
            env, tx, token_id, code.scopes, app_id=app.id, account_id=code.account_id
        )

    grant = await env.db.write(work)
    if grant is None:
        raise wrong_grant()
    return grant


async def _punish(env: Env, tx: Transaction, code: Code | None) -> None:
    assert code is not None
    if code.token_id is not None:
        await tokens.revoke(tx, code.token_id, env.clock.now_ms())


async def grant_to_app(env: Env, client: Client, scope: str) -> Grant:
    """A token for an app in its own name."""

    async def work(tx: Transaction) -> Grant:
        app = await _get_proven(tx, client)
        scopes = narrow_scopes(scope, app)
        return await _issue(env, tx, TokenId(env.ids.next_id()), scopes, app_id=app.id)

    return await env.db.write(work)


async def _get_proven(tx: Transaction, client: Client) -> App:
    app = await apps.find_proven(tx, client.id, hash_secret(client.secret))
    if app is None:
        raise unknown_client()
    return app


async def _issue(
    env: Env,
    tx: Transaction,
    token_id: TokenId,
    scopes: str,
    *,
    app_id: AppId,
    account_id: AccountId | None = None,
) -> Grant:
    kind = "app" if account_id is None else "person"
    secret, now_ms = new_secret(), env.clock.now_ms()
    await tokens.insert(
        tx, Token(token_id, hash_secret(secret), kind, scopes, now_ms, account_id, app_id)
    )
    return Grant(secret, scopes, now_ms)


async def revoke_token(env: Env, client: Client, token: str) -> None:
    """End a token. One that nobody issued has ended already; one of another app is not theirs."""

    async def work(tx: Transaction) -> None:
        issued = await tokens.find_issued(tx, hash_secret(token))
        if issued is None:
            return
        token_id, app_id = issued
        app = await apps.find_proven(tx, client.id, hash_secret(client.secret))
        if app is None or app.id != app_id:
            raise NotAllowed("You are not authorized to revoke this token", subject="client")
        await tokens.revoke(tx, token_id, env.clock.now_ms())

    await env.db.write(work)
