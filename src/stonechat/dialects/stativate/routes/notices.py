"""Notices: what the caller was told of statuses, and how far they have read."""

from typing import Final

from stonechat.dialects.stativate.bodies import read_fields
from stonechat.dialects.stativate.calls import READ, WRITE, StativateCall, offer
from stonechat.dialects.stativate.entities.telling import present_notices
from stonechat.dialects.stativate.forms.sharing import read_seen
from stonechat.dialects.stativate.pages import link_next, read_cursor, read_limit, read_query
from stonechat.domain import limits
from stonechat.http.operations import Answer
from stonechat.kernel.paging import NO_UPPER, Cursor
from stonechat.services import beacon_notices


async def index(call: StativateCall) -> Answer:
    """A page of notices, the newest first, and the number of those that nobody has seen."""
    query = read_query(call)
    limit = read_limit(query, limits.BEACON_NOTICES_PAGE)
    cursor = Cursor(limit, below=read_cursor(query) or NO_UPPER)
    page = await beacon_notices.list_notices(call.env, call.viewer, cursor)
    unread = await beacon_notices.count_unread(call.env, call.viewer)
    headers = link_next(call, page.last_id if page.is_full else None, limit)
    return Answer(present_notices(page.items, unread), headers=headers)


async def see(call: StativateCall) -> Answer:
    """Note that the caller has seen everything up to a notice."""
    up_to = read_seen(await read_fields(call))
    await beacon_notices.mark_seen(call.env, call.viewer, up_to)
    return Answer(b"", 204)


OPERATIONS: Final = (
    offer("GET /v1/user/notices", index, "Notices", READ),
    offer("POST /v1/user/notices/seen", see, "-", WRITE),
)
