"""Assertions: JWTs that the community's own back end signed, taken up as tokens of ours.

The back end and this server share a secret (`community_jwt_secret`). At first sight a JWT becomes
a row of `tokens` under the hash of its whole text, so every later request finds it like any other
token, in the statement that it runs anyway, and whatever ends an account's tokens ends it too.

Nobody may take the algorithm from the header of a JWT: one algorithm is known here, and a header
that says anything else is refused before a signature is looked at.
"""

import hashlib
import re
from typing import Final, Literal

import msgspec

from stonechat.domain import limits
from stonechat.domain.assertions import (
    ACCESS,
    REFRESH,
    SCOPES,
    Assertion,
    Claims,
    check_claims,
)
from stonechat.domain.ids import TokenId
from stonechat.domain.oauth import add_own_scopes
from stonechat.kernel.errors import NotAuthenticated
from stonechat.kernel.secrets import hash_secret, is_same, new_secret
from stonechat.services import sessions
from stonechat.services.env import Env
from stonechat.storage import accounts, tokens
from stonechat.storage import sessions as logins
from stonechat.storage.database import Transaction
from stonechat.storage.sessions import LoginRow
from stonechat.storage.tokens import Token

ALGORITHM: Final = "HS256"
ACCESS_SECONDS: Final = 7_200
REFRESH_SECONDS: Final = 86_400
_COMPACT: Final = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}")
_SEAL_CHARACTERS: Final = 22


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The only header that a JWT may have; `kid` names a key, and there is only one."""

    alg: Literal["HS256"]
    typ: Literal["JWT"]
    kid: str | None = None


class Pair(msgspec.Struct, frozen=True):
    """A JWT to work with, and one to get the next pair for."""

    access: str
    refresh: str


_decode_header: Final = msgspec.json.Decoder(_Header).decode
_decode_claims: Final = msgspec.json.Decoder(Claims).decode


def verify(env: Env, raw: str, *, token_type: str = ACCESS) -> Assertion:
    """What a JWT asserts; NotAuthenticated where it is not signed with our secret, or not good."""
    return check_claims(_read(env, raw), env.clock.now_ms(), token_type=token_type)


def _read(env: Env, raw: str) -> Claims:
    # cryptography is slow to import, and most servers have no use for it.
    from joserfc import jws  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import OctKey  # noqa: PLC0415

    secret = env.settings.community_jwt_secret
    parts = _COMPACT.fullmatch(raw) if len(raw) <= limits.TOKEN_CHARACTERS_MAX else None
    if not secret or parts is None:
        raise NotAuthenticated
    try:
        _decode_header(_bytes_of(parts[1]))
        signed = jws.deserialize_compact(raw, OctKey.import_key(secret), algorithms=[ALGORITHM])
        return _decode_claims(signed.payload)
    except (JoseError, ValueError, msgspec.MsgspecError):
        raise NotAuthenticated from None


def _bytes_of(part: str) -> bytes:
    from joserfc.util import urlsafe_b64decode  # noqa: PLC0415

    return urlsafe_b64decode(part.encode())


async def take_up(env: Env, authorization: str | None) -> bool:
    """Make a token of a JWT that was never seen; False where there is none to take up."""
    _, _, token = (authorization or "").partition(" ")
    raw = token.strip()
    if not env.settings.community_jwt_secret or raw.count(".") != 2:  # noqa: PLR2004
        return False
    try:
        assertion = verify(env, raw)
    except NotAuthenticated:
        return False
    return await env.db.write(lambda tx: _keep(env, tx, raw, assertion))


async def _keep(env: Env, tx: Transaction, raw: str, assertion: Assertion) -> bool:
    """Whether there is a token now; none where the account is not there, or not active."""
    views = await accounts.load_views(tx, [assertion.account_id])
    account = views.get(assertion.account_id)
    if account is None or account.state != "active" or account.domain:
        return False
    token = Token(
        TokenId(env.ids.next_id()),
        hash_secret(raw),
        "person",
        add_own_scopes(SCOPES, account.role),
        env.clock.now_ms(),
        assertion.account_id,
        expires_ms=assertion.expires_ms,
    )
    # Somebody else may have been first, or it was revoked: then that is how it stays.
    await tokens.insert_once(tx, token)
    return True


async def sign_in(env: Env, name: str, password: str) -> Pair:
    """A pair for whoever knows the password, signed with the secret that the back end has too."""
    return await _make_pair(env, await sessions.prove(env, name, password))


async def renew(env: Env, refresh: str) -> Pair:
    """The next pair for a refresh token of ours, unless the password is another one by now."""
    claims = _read(env, refresh)
    assertion = check_claims(claims, env.clock.now_ms(), token_type=REFRESH)
    login = await logins.find_login_of(env.db, assertion.account_id)
    if login is None or login.state != "active":
        raise NotAuthenticated
    if not is_same(claims.seal or "", _seal(env, login)):
        raise NotAuthenticated
    return await _make_pair(env, login)


def _seal(env: Env, login: LoginRow) -> str:
    told = f"{login.account_id}/{hashlib.sha256(login.password_hash.encode()).hexdigest()}"
    return env.seals.derive("password", told)[:_SEAL_CHARACTERS]


async def _make_pair(env: Env, login: LoginRow) -> Pair:
    now_s = env.clock.now_ms() // 1000

    def claims(token_type: str, seconds: int, seal: str | None = None) -> Claims:
        return Claims(login.account_id, token_type, now_s + seconds, now_s, new_secret(), seal=seal)

    raw = _sign(env, claims(ACCESS, ACCESS_SECONDS))
    refresh = _sign(env, claims(REFRESH, REFRESH_SECONDS, _seal(env, login)))
    assertion = verify(env, raw)

    # At once: what ends the account's tokens before the first request shall end this one.
    async def work(tx: Transaction) -> bool:
        await sessions.hold(tx, login)
        return await _keep(env, tx, raw, assertion)

    if not await env.db.write(work):
        raise NotAuthenticated
    return Pair(raw, refresh)


def _sign(env: Env, claims: Claims) -> str:
    from joserfc import jws  # noqa: PLC0415
    from joserfc.jwk import OctKey  # noqa: PLC0415

    key = OctKey.import_key(env.settings.community_jwt_secret)
    header = {"alg": ALGORITHM, "typ": "JWT"}
    return jws.serialize_compact(header, msgspec.json.encode(claims), key, [ALGORITHM])
