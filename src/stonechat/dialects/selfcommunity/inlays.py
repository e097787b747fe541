"""Inlays: the polls of a page of contributions, which are made anew for each viewer.

A poll says how the viewer voted and whether it is over. A page without one pays nothing for it;
with any number of them it costs one statement for a person, none for a stranger.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.entities.contributions import ContributionFragment
from stonechat.dialects.selfcommunity.entities.polls import present_poll
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.services import polls
from stonechat.services.env import Env

_encode: Final = msgspec.json.Encoder().encode


async def make_polls(
    env: Env,
    viewer: Viewer,
    glances: Sequence[Glance],
    fragments: Mapping[int, ContributionFragment],
) -> dict[int, bytes]:
    """The field `poll` of those contributions of a page that have one, by id."""
    asking = [each for each in glances if fragments[each.id].poll is not None]
    if not asking:
        return {}
    # Nobody votes in a poll of their own.
    others = [each.id for each in asking if each.account_id != viewer.account_id]
    own = await polls.load_own_votes(env, viewer, others)
    now_ms = env.clock.now_ms()
    made: dict[int, bytes] = {}
    for each in asking:
        poll, title = fragments[each.id].poll, fragments[each.id].poll_title
        assert poll is not None
        shown = present_poll(
            poll, title, status_id=each.id, now_ms=now_ms, own_votes=own.get(each.id, ())
        )
        made[each.id] = b',"poll":' + _encode(shown)
    return made
