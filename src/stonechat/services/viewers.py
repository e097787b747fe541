"""Who is asking: resolves the token of a request that has no statement of its own for it."""

from stonechat.domain.viewers import ANONYMOUS, Bearer, Caller, Viewer, admit
from stonechat.services.env import Env
from stonechat.storage import viewers


async def admit_bearer(env: Env, bearer: Bearer) -> Viewer:
    """The viewer behind a token, or the reason why they may not."""
    if not bearer.hash:
        return ANONYMOUS if bearer.caller is Caller.ANYONE else admit(bearer, None)
    return admit(bearer, await viewers.find(env.db, bearer.hash))
