"""Flags on contributions and comments; who flagged what is for those who run the community.

The vendor's client asks for that list by an empty POST where it means a GET.
"""

from functools import partial
from typing import Final

from stonechat.dialects.selfcommunity.calls import (
    CommunityCall,
    CommunityOperation,
    ensure_staff,
    offer,
)
from stonechat.dialects.selfcommunity.entities.moderation import flag_bytes, present_own_flag
from stonechat.dialects.selfcommunity.forms.moderation import (
    read_flag,
    read_reason,
    read_target,
    reason_of,
)
from stonechat.dialects.selfcommunity.pages import Window, answer_page, read_window
from stonechat.dialects.selfcommunity.routes.marks import target_of
from stonechat.domain.contributions import KINDS
from stonechat.domain.moderation import COMMENT
from stonechat.domain.viewers import STAFF
from stonechat.http.operations import Answer
from stonechat.services import flags
from stonechat.services.contributions import Target

FIRST_PAGE: Final = Window(20, 0)


async def flag(noun: str, call: CommunityCall) -> Answer:
    """Flag something, or take that back; an empty body of those who may is the list's."""
    said = read_flag(call, await call.read_raw())
    if said is None and call.viewer.role in STAFF:
        return await answer_flags(call, target_of(noun, call), None, FIRST_PAGE)
    reason = None if said is None else reason_of(said)
    await flags.flag(call.env, call.viewer, target_of(noun, call), reason)
    return Answer(b"", 204)


async def list_flags(noun: str, call: CommunityCall) -> Answer:
    """Who flagged something."""
    ensure_staff(call)
    reason = read_reason(call.parameters, "flag_type")
    return await answer_flags(call, target_of(noun, call), reason, read_window(call))


async def list_flags_by_type(call: CommunityCall) -> Answer:
    """The same, where a parameter says what the id is of."""
    ensure_staff(call)
    reason = read_reason(call.parameters, "flag_type")
    return await answer_flags(call, read_target(call), reason, read_window(call))


async def answer_flags(
    call: CommunityCall, target: Target, reason: int | None, window: Window
) -> Answer:
    """A page of the flags of something."""
    found = await flags.list_flags(
        call.env, call.viewer, target, reason, limit=window.reach, offset=window.offset
    )
    shown = found.flags[: window.limit]
    users = await call.room.users([each.account_id for each in shown])
    rendered = [
        flag_bytes(users[each.account_id], each) for each in shown if each.account_id in users
    ]
    has_more = len(found.flags) > window.limit
    return answer_page(call, window, rendered, found.count, has_more=has_more)


async def show_own(noun: str, call: CommunityCall) -> Answer:
    """How the viewer flagged it."""
    found = await flags.see_own_flag(call.env, call.viewer, target_of(noun, call))
    return Answer(present_own_flag(found))


def _offer(noun: str) -> tuple[CommunityOperation, ...]:
    path = f"/api/v2/{noun}/{{id}}/flag/"
    return (
        offer(f"GET {path}", partial(list_flags, noun), "Flag"),
        offer(f"POST {path}", partial(flag, noun), "-", reads_itself=True),
        offer(f"GET {path}status/", partial(show_own, noun), "OwnFlag"),
    )


OPERATIONS: Final = (
    *(operation for noun in (*KINDS, COMMENT) for operation in _offer(noun)),
    offer("GET /api/v2/moderation/contribution/{id}/flag/", list_flags_by_type, "Flag"),
)
