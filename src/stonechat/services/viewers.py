"""Who is asking: resolves the token of a request that has no statement of its own for it."""

from typing import Final

from stonechat.domain.ids import BeaconId
from stonechat.domain.viewers import (
    ANONYMOUS,
    CLOSED,
    Bearer,
    Caller,
    TokenFacts,
    Viewer,
    admit,
)
from stonechat.kernel.errors import NotAuthenticated, NotFound
from stonechat.services.env import Env
from stonechat.storage import viewers

USE_NOTED_EVERY_MS: Final = 3_600_000


async def admit_bearer(env: Env, bearer: Bearer) -> Viewer:
    """The viewer behind a token, or the reason why they may not."""
    if not bearer.hash:
        return ANONYMOUS if bearer.caller is Caller.ANYONE else admit(bearer, None)
    facts = await viewers.find(env.db, bearer.hash)
    if facts is None or not bearer.opens_beacons or facts.kind == "person":
        return admit(bearer, facts)
    return admit(bearer, await _use(env, facts))


async def _use(env: Env, facts: TokenFacts) -> TokenFacts | None:
    """A key that is good by now; its use is written down once in a while."""
    now_ms = env.clock.now_ms()
    if facts.expires_ms is not None and facts.expires_ms <= now_ms:
        return None
    if facts.revoked_ms is None and now_ms - (facts.used_ms or 0) >= USE_NOTED_EVERY_MS:
        await env.db.write(lambda tx: viewers.note_use(tx, facts.token_id, now_ms))
    return facts


async def admit_write_token(env: Env, token_hash: bytes, beacon_id: BeaconId) -> Viewer | None:
    """Whoever made a write token of this beacon; None for any other token, or none.

    A write token of another beacon is NotFound: it cannot tell which beacons there are.
    """
    facts = await viewers.find(env.db, token_hash) if token_hash else None
    if facts is None or facts.kind != "write":
        return None
    if facts.revoked_ms is not None or facts.account_id is None or await _use(env, facts) is None:
        raise NotAuthenticated
    if facts.account_state in CLOSED or facts.beacon_id != beacon_id:
        raise NotFound
    return Viewer(facts.account_id, token_id=facts.token_id)
