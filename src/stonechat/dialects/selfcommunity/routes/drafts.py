"""Drafts and what is scheduled: lists of one's own, and saying one now.

They are made, changed and thrown away by the paths of what they become (routes/contributions),
by the id that they were given; what is said in the end has an id of its own.
"""

from functools import partial
from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, CommunityOperation, offer
from stonechat.dialects.selfcommunity.pages import answer_page, read_window
from stonechat.domain.contributions import KINDS
from stonechat.domain.scheduling import Wanted
from stonechat.http.operations import Answer
from stonechat.services import drafts


async def _list(kind: str, call: CommunityCall, *, is_draft: bool) -> Answer:
    window = read_window(call)
    limit, offset = window.reach, window.offset
    wanted = Wanted(kind, is_draft)
    page = await drafts.list_waiting(call.env, call.viewer, wanted, limit=limit, offset=offset)
    shown = await call.room.waiting(call.viewer, page.found[: window.limit])
    has_more = len(page.found) > window.limit
    return answer_page(call, window, shown, page.count, has_more=has_more)


async def list_scheduled(kind: str, call: CommunityCall) -> Answer:
    """What waits for its time, the next one first.

    What is said is a contribution like all others, and none of these any more: where only such
    are asked for there are none, and whoever wants them too finds them among their own.
    """
    if call.parameters.flag("only_published"):
        return answer_page(call, read_window(call), [], 0, has_more=False)
    return await _list(kind, call, is_draft=False)


async def list_drafts(kind: str, call: CommunityCall) -> Answer:
    """What waits for its author, the newest first."""
    return await _list(kind, call, is_draft=True)


async def publish(kind: str, call: CommunityCall) -> Answer:
    """Say one now."""
    made = await drafts.publish(call.env, call.viewer, call.path_id(), kind)
    return Answer(await call.room.contribution(call.viewer, made.glance, kind))


def _offer(kind: str) -> tuple[CommunityOperation, ...]:
    entity, root = kind.capitalize(), f"/api/v2/{kind}/"
    return (
        offer(f"GET {root}scheduled/", partial(list_scheduled, kind), f"[{entity}]"),
        offer(f"GET {root}drafted/", partial(list_drafts, kind), f"[{entity}]"),
        offer(f"POST {root}{{id}}/publish/", partial(publish, kind), entity, limit="post"),
    )


OPERATIONS: Final = tuple(operation for kind in KINDS for operation in _offer(kind))
