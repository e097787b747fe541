"""Notifications: what happened that concerns somebody, how much of it is new, what was read.

To list is to read: the page is rendered first, and then everything on it counts as seen, and so
does what is older. `next` keeps how far had been read before, so that what was new on the first
page is so on the second. There is no socket: `/ws/notify` is not found, and interfaces do without.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec

from stonechat.dialects.selfcommunity.calls import CommunityCall, ensure_administrator, offer
from stonechat.dialects.selfcommunity.entities.notifications import (
    Pieces,
    UnseenCount,
    group_bytes,
)
from stonechat.dialects.selfcommunity.forms.notifications import (
    Part,
    read_notice,
    read_part,
    read_sids,
)
from stonechat.domain.ids import StatusId
from stonechat.domain.interactions import (
    FOLLOW,
    USER_FOLLOW,
    VOTE_UP,
    InteractionPage,
    InteractionView,
)
from stonechat.domain.notifications import CUSTOM
from stonechat.domain.views import Glance
from stonechat.http.operations import Answer
from stonechat.kernel.paging import NO_UPPER
from stonechat.services import custom_notices, interactions
from stonechat.services.comments import FoundComments

COMMENT: Final = "comment"
_encode: Final = msgspec.json.Encoder().encode


async def index(call: CommunityCall) -> Answer:
    """What concerns the viewer, newest first; what follows one another and belongs together."""
    part = read_part(call.parameters)
    page = await interactions.list_groups(call.env, call.viewer, part.cursor, skip=part.skip)
    read_id = page.read_id if part.read_id is None else max(part.read_id, 0)
    pieces = await _render(call, [each for group in page.groups for each in group])
    groups = b",".join(group_bytes(group, pieces, read_id) for group in page.groups)
    await interactions.mark_seen(call.env, call.viewer, page)
    following = _following(call, part, page, read_id)
    body = b'{"next":%b,"previous":%b,"results":[%b]}'
    return Answer(body % (following, _preceding(call, part, page), groups))


async def _render(call: CommunityCall, found: Sequence[InteractionView]) -> Pieces:
    """Everything that the page shows, each thing once."""
    contributions: dict[StatusId, Glance] = {}
    comments: dict[StatusId, Glance] = {}
    roots: dict[StatusId, tuple[StatusId, int]] = {}
    for each in found:
        if each.subject is None or each.root is None:
            continue
        contributions[each.root.id] = each.root
        if each.interaction.is_on_comment:
            comments[each.subject.id] = each.subject
            roots[each.subject.id] = (each.root.id, each.root.version)
    room, viewer = call.room, call.viewer
    objects: dict[int, tuple[str, bytes]] = {}
    if contributions:
        glances = list(contributions.values())
        kinds = await room.fragments(glances)
        rendered = await room.contributions(viewer, glances)
        for glance, body in zip(glances, rendered, strict=True):
            objects[glance.id] = (kinds[glance.id].kind, body)
    if comments:
        answers = list(comments.values())
        rendered = await room.comments.page(viewer, FoundComments(answers, roots))
        for glance, body in zip(answers, rendered, strict=True):
            objects[glance.id] = (COMMENT, body)
    people = {
        each.interaction.from_id
        for each in found
        if each.interaction.type in (VOTE_UP, FOLLOW, USER_FOLLOW, CUSTOM)
    }
    return Pieces(objects, await room.users(people) if people else {})


def _following(call: CommunityCall, part: Part, page: InteractionPage, read_id: int) -> bytes:
    """The address of the next page."""
    below = page.last_id if page.has_more else None
    if part.cursor.upwards:
        below = page.groups[-1][-1].id if page.groups else None
    return _address(call, part, next_id=below, read_id=read_id)


def _preceding(call: CommunityCall, part: Part, page: InteractionPage) -> bytes:
    """The address of the page before; a page that began at the top has none."""
    if part.cursor.upwards:
        above = page.first_id or page.last_id
        return _address(call, part, previous_id=above if page.has_more else None)
    if part.cursor.below != NO_UPPER:
        return _address(call, part, previous_id=page.first_id)
    offset = max(0, part.skip - part.cursor.limit) if part.skip else None
    return _address(call, part, offset=offset)


def _address(call: CommunityCall, part: Part, **cursor: int | None) -> bytes:
    """The address of a page of the list, with `limit` first; null without a cursor."""
    if None in cursor.values():
        return b"null"
    query = urlencode({"limit": part.cursor.limit, **cursor})
    return _encode(f"{call.env.settings.base_url}{call.request.path}?{query}")


async def count_unseen(call: CommunityCall) -> Answer:
    """How many interactions came since the viewer read them last."""
    return Answer(UnseenCount(await interactions.count_unseen(call.env, call.viewer)))


async def mark_read(call: CommunityCall) -> Answer:
    """These were read, and so was what is older."""
    await interactions.mark_read(call.env, call.viewer, read_sids(call.parameters))
    return Answer(b"", 204)


async def give(call: CommunityCall) -> Answer:
    """Tell people something in one's own words."""
    ensure_administrator(call)
    await custom_notices.give_notice(call.env, call.viewer, read_notice(call.parameters))
    return Answer(b"", 204)


OPERATIONS: Final = (
    offer("GET /api/v2/notification/", index, "[NotificationGroup]"),
    offer("GET /api/v2/notification/unseen/count/", count_unseen, "UnseenCount"),
    offer("POST /api/v2/notification/read/", mark_read, "-"),
    offer("POST /api/v2/notification/notify/", give, "-"),
)
