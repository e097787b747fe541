"""OAuth: an app asks, a person grants, a code becomes a token, a token ends.

Tokens are kept as hashes, so the same one cannot be handed out twice: a new exchange makes a
new token beside the old one. A code that comes a second time was stolen at least once; the
refusal and the end of what it bought are one transaction, which therefore must not raise.
"""

from dataclasses import dataclass

from stonechat.domain import limits
from stonechat.domain.apps import App
from stonechat.domain.ids import AccountId, AppId, TokenId
from stonechat.domain.oauth import (
    COMMUNITY_SCOPES,
    AuthorizationRequest,
    Client,
    Code,
    ExchangeCode,
    Grant,
    SignIn,
    add_own_scopes,
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
from stonechat.services import refresh_tokens, sessions
from stonechat.services.env import Env
from stonechat.storage import accounts, apps, codes, tokens
from stonechat.storage import refresh_tokens as renewals
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
    offers_tokens = env.settings.community_implicit_grant
    scopes = check_request(request, app, offers_tokens=offers_tokens)
    assert app is not None
    if visitor is None:
        return ConsentView(app, scopes)
    scopes = grantable_scopes(scopes, visitor.role)
    if request.is_of_community:
        scopes = add_own_scopes(scopes, visitor.role)
    granted = await tokens.list_granted_scopes(env.db, app.id, visitor.account_id)
    # Whoever is sent a token at once proves nothing, so the person is asked each time.
    return ConsentView(app, scopes, has_equal(scopes, granted) and not request.wants_token)


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


async def grant_token(env: Env, request: AuthorizationRequest, visitor: Visitor) -> Grant:
    """A token for what was asked, in the visitor's name; it ends, and nothing renews it."""
    consent = await see_request(env, request, visitor)
    secret, now_ms = new_secret(), env.clock.now_ms()
    token = Token(
        TokenId(env.ids.next_id()),
        hash_secret(secret),
        "person",
        consent.scopes,
        now_ms,
        visitor.account_id,
        consent.app.id,
        expires_ms=now_ms + refresh_tokens.TOKEN_MS,
    )
    await env.db.write(lambda tx: tokens.insert(tx, token))
    return Grant(secret, consent.scopes, now_ms, limits.TOKEN_SECONDS)


async def exchange_code(
    env: Env, client: Client, order: ExchangeCode, *, is_renewable: bool = False
) -> Grant:
    """A token for a code; and an end to that token when the code comes again.

    One that is renewable ends, and comes with another one that renews it.
    """

    async def work(tx: Transaction) -> Grant | None:
        app = await _get_proven(tx, client)
        code_hash = hash_secret(order.code)
        code = await codes.find(tx, code_hash)
        if code is not None and code.used_ms is not None and code.app_id == app.id:
            return await _punish(env, tx, code)
        code = check_code(code, app, order, env.clock.now_ms())
        # Whoever ends all that the account gave out holds it, too, and spends its codes.
        await accounts.lock(tx, code.account_id)
        token_id = TokenId(env.ids.next_id())
        if not await codes.claim(tx, code_hash, env.clock.now_ms(), token_id):
            return await _punish(env, tx, await codes.find(tx, code_hash))
        if is_renewable:
            return await refresh_tokens.start(
                env,
                tx,
                token_id,
                app_id=app.id,
                account_id=code.account_id,
                scopes=code.scopes,
            )
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
        await renewals.end_family(tx, code.token_id, env.clock.now_ms())


async def grant_to_app(env: Env, client: Client, scope: str) -> Grant:
    """A token for an app in its own name."""

    async def work(tx: Transaction) -> Grant:
        app = await _get_proven(tx, client)
        scopes = narrow_scopes(scope, app)
        return await _issue(env, tx, TokenId(env.ids.next_id()), scopes, app_id=app.id)

    return await env.db.write(work)


async def sign_in(env: Env, client: Client, order: SignIn) -> Grant:
    """A token for a name and a password, which an app asked for itself.

    Whoever runs the server allowed it for a front end of their own. Such a program runs in
    browsers and keeps no secret, so the id of the app will do; a secret that is given is right.
    """
    app = await apps.find_by_client_id(env.db, client.id)
    if client.secret:
        app = await apps.find_proven(env.db, client.id, hash_secret(client.secret))
    if app is None:
        raise unknown_client()
    scopes = grantable_scopes(
        narrow_scopes(order.scope, app, default=COMMUNITY_SCOPES), role="user"
    )
    proven = await sessions.prove(env, order.name, order.password)

    async def work(tx: Transaction) -> Grant:
        login = await sessions.hold(tx, proven)
        return await refresh_tokens.start(
            env,
            tx,
            TokenId(env.ids.next_id()),
            app_id=app.id,
            account_id=login.account_id,
            scopes=add_own_scopes(scopes, login.role),
            is_public=not client.secret,
        )

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


async def revoke_token(env: Env, client: Client, token: str, *, by_id: bool = False) -> None:
    """End a token. One that nobody issued has ended already; one of another app is not theirs.

    With a refresh token the whole line of renewals ends. `by_id`: an app that keeps no secret need
    give none, for who ends a token has it in hand.
    """

    async def work(tx: Transaction) -> None:
        token_hash, now_ms = hash_secret(token), env.clock.now_ms()
        issued = await tokens.find_issued(tx, token_hash)
        renewal = None if issued else await renewals.find(tx, token_hash)
        if issued is None and renewal is None:
            return
        app_id = issued[1] if issued is not None else None
        if renewal is not None:
            app_id = renewal.token.app_id
        if by_id and not client.secret:
            app = await apps.find_by_client_id(tx, client.id)
        else:
            app = await apps.find_proven(tx, client.id, hash_secret(client.secret))
        if app is None or app.id != app_id:
            raise NotAllowed("You are not authorized to revoke this token", subject="client")
        if issued is not None:
            await tokens.revoke(tx, issued[0], now_ms)
        if renewal is not None:
            await renewals.end_family(tx, renewal.token.family_id, now_ms)

    await env.db.write(work)
