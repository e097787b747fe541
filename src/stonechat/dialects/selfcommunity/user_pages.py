"""Pages of users, out of what services/members found."""

from collections.abc import Callable
from typing import Final

import msgspec

from stonechat.dialects.selfcommunity.calls import CommunityCall
from stonechat.dialects.selfcommunity.entities.users import user_bytes
from stonechat.dialects.selfcommunity.pages import Window, answer_page
from stonechat.domain.members import MemberView
from stonechat.http.operations import Answer
from stonechat.services.members import Found

_encode: Final = msgspec.json.Encoder().encode


def answer_members(
    call: CommunityCall,
    window: Window,
    found: Found,
    present: Callable[[MemberView, str], object] | None = None,
) -> Answer:
    """A page of members: whole Users, or what `present` makes of each."""
    base_url = call.room.base_url
    if present is None:
        shown = [user_bytes(each, base_url) for each in found.members]
    else:
        shown = [_encode(present(each, base_url)) for each in found.members]
    return answer_page(call, window, shown, found.count, has_more=found.has_more)
