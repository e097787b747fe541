"""Standings: how far an account is that a key speaks for, so that a program can say why not.

A newcomer looks for this in `admit_bearer`, which refuses an account that is not verified yet;
here such an account gets an answer, and nothing else that it may do.
"""

from stonechat.domain.standings import UNVERIFIED_STATES, Standing
from stonechat.domain.viewers import Bearer, Viewer
from stonechat.kernel.errors import NotAllowed, NotFound
from stonechat.services.env import Env
from stonechat.services.viewers import admit_bearer
from stonechat.storage import accounts, viewers


async def admit_unverified(env: Env, bearer: Bearer) -> Viewer:
    """The viewer behind a token, also where the account is not verified yet."""
    try:
        return await admit_bearer(env, bearer)
    except NotAllowed:
        facts = await viewers.find(env.db, bearer.hash)
        if facts is None or facts.account_id is None:
            raise
        if facts.account_state not in UNVERIFIED_STATES:
            raise
        return Viewer(facts.account_id, token_id=facts.token_id)


async def find_standing(env: Env, viewer: Viewer) -> Standing:
    """How far the viewer's account is."""
    found = (await accounts.load_views(env.db, [viewer.account_id])).get(viewer.account_id)
    if found is None:
        raise NotFound
    is_verified = found.state not in UNVERIFIED_STATES
    return Standing(found.id, found.display_name or found.username, is_verified)
