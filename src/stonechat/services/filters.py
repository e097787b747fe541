"""Filters of a viewer, and what they match."""

from collections.abc import Mapping

from stonechat.domain.filters import FilterMatch, match_status
from stonechat.domain.ids import StatusId
from stonechat.domain.viewers import Viewer
from stonechat.services.env import Env
from stonechat.storage import filters


async def match_statuses(
    env: Env, viewer: Viewer, words: Mapping[StatusId, str]
) -> dict[StatusId, list[FilterMatch]]:
    """The viewer's filters that match, by status; statuses without a match are left out."""
    mine = await filters.list_all(env.db, viewer.account_id)
    now_ms = env.clock.now_ms()
    found = {key: match_status(mine, key, text, now_ms) for key, text in words.items()}
    return {key: matches for key, matches in found.items() if matches}
