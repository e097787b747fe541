"""Suggestions: whom a viewer might follow, first through their friends, then for all."""

from typing import Final, NamedTuple

from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.services.env import Env
from stonechat.storage import suggestions

SUGGESTIONS_MAX: Final = 200
"""How far a viewer can page; nobody reads further."""


class Suggestion(NamedTuple):
    """An account, and whether the viewer's friends led to it."""

    account_id: AccountId
    is_of_friends: bool


async def list_suggestions(env: Env, viewer: Viewer, offset: int, limit: int) -> list[Suggestion]:
    """Whom the viewer might follow. At most three statements."""
    now_ms, end = env.clock.now_ms(), min(offset + limit, SUGGESTIONS_MAX)
    near = await suggestions.list_of_friends(env.db, viewer.account_id, now_ms)
    known = await suggestions.load_findable(env.db, near)
    found = [Suggestion(each, is_of_friends=True) for each in near if each in known]
    if len(found) < end:
        most = await suggestions.list_most_followed(env.db, viewer.account_id, now_ms, end)
        found += [Suggestion(each, is_of_friends=False) for each in most if each not in known]
    return found[offset:end]


async def dismiss_suggestion(env: Env, viewer: Viewer, target_id: AccountId) -> None:
    """Suggest an account to the viewer no more."""
    await env.db.write(lambda tx: suggestions.insert_dismissal(tx, viewer.account_id, target_id))
