"""Keys of the live-value API: an account's programs sign in with them.

A key may do with beacons what its account may, and nothing else at all. Its secret is told once,
when it is made; it is good until its end, if it has one, or until it is revoked.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.ends import find_end
from stonechat.domain.ids import BeaconId, TokenId
from stonechat.domain.keys import (
    HINT_CHARACTERS,
    KEY,
    PREFIXES,
    Key,
    NewKey,
    ensure_room_for_key,
    read_label,
)
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotFound, NotInPlan
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services.env import Env
from stonechat.storage import accounts, tokens
from stonechat.storage.database import Transaction
from stonechat.storage.tokens import Token

_MOST: Final = limits.KEYS_PER_ACCOUNT_MAX


async def list_keys(env: Env, viewer: Viewer) -> list[Key]:
    """The viewer's keys, the oldest first; one whose end has come is there until the next is made.

    `Key.is_over` tells such a one.
    """
    return await tokens.list_keys(env.db, viewer.account_id, _MOST)


async def create_key(
    env: Env,
    viewer: Viewer,
    label: str = "",
    *,
    days: int | None = None,
    expires_ms: int | None = None,
) -> NewKey:
    """A new key, with an end in days or at a moment, or with none."""
    ensure_in_plan(env)
    label = read_label(label)
    now_ms, most = env.clock.now_ms(), limits.KEY_DAYS_MAX
    end_ms = find_end(now_ms, days=days, expires_ms=expires_ms, days_max=most)
    new, token = make_token(env, viewer, KEY, label, expires_ms=end_ms)

    async def work(tx: Transaction) -> None:
        await accounts.lock(tx, viewer.account_id)
        await tokens.revoke_ended_keys(tx, viewer.account_id, now_ms)
        ensure_room_for_key(len(await tokens.list_keys(tx, viewer.account_id, _MOST)), _MOST)
        await tokens.insert(tx, token)

    await env.db.write(work)
    return new


def ensure_in_plan(env: Env) -> None:
    """NotInPlan where programs may not use beacons."""
    if not env.settings.beacon_api:
        raise NotInPlan("Keys and write tokens are not part of your plan")


def make_token(
    env: Env,
    viewer: Viewer,
    kind: str,
    label: str,
    *,
    expires_ms: int | None = None,
    beacon_id: BeaconId | None = None,
) -> tuple[NewKey, Token]:
    """A key or a write token, as its owner gets it and as it is to be kept."""
    secret, now_ms = PREFIXES[kind] + new_secret(), env.clock.now_ms()
    hint, token_id = secret[:HINT_CHARACTERS], TokenId(env.ids.next_id())
    token = Token(
        token_id,
        hash_secret(secret),
        kind,
        "",
        now_ms,
        viewer.account_id,
        label=label,
        hint=hint,
        beacon_id=beacon_id,
        expires_ms=expires_ms,
    )
    return NewKey(Key(token_id, label, hint, now_ms, expires_ms, None), secret), token


async def revoke_key(env: Env, viewer: Viewer, key_id: TokenId) -> None:
    """End a key of the viewer's at once."""
    now_ms = env.clock.now_ms()
    if not await env.db.write(lambda tx: tokens.revoke_key(tx, viewer.account_id, key_id, now_ms)):
        raise NotFound
