"""Notifications: the list, one of them, how many are unread, and taking them away.

Grouped notifications (`/api/v2`), policies and requests came with Mastodon 4.3. We announce
4.2, so clients do not ask for them, and there are no routes: an empty answer would be a lie.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.notifications import (
    Notification,
    UnreadCount,
    present_notification,
)
from stonechat.dialects.mastodon.forms.notifications import KEPT, read_choice
from stonechat.domain import limits
from stonechat.domain.notifications import NoticeView
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer
from stonechat.http.parameters import NO_ID
from stonechat.services import notifications


async def _present(call: MastodonCall, found: Sequence[NoticeView]) -> list[Notification]:
    glances = [each.status for each in found if each.status is not None]
    rendered = await call.room.statuses(call.viewer, glances)
    statuses = {glance.id: body for glance, body in zip(glances, rendered, strict=True)}
    accounts = await call.room.accounts(each.notice.from_id for each in found)
    return [
        present_notification(
            each.notice,
            accounts[each.notice.from_id],
            None if each.status is None else statuses[each.status.id],
        )
        for each in found
    ]


async def index(call: MastodonCall) -> Answer:
    """What happened that concerns the viewer; `next` stands on every page that has an item."""
    cursor = read_cursor(call.parameters, limits.NOTIFICATIONS_PAGE)
    choice = read_choice(call.parameters)
    page = await notifications.list_notices(call.env, call.viewer, choice, cursor)
    url = call.env.settings.base_url + call.request.path
    links = link_header(url, call.parameters, page, kept=KEPT, only_full=False)
    return Answer(await _present(call, page.items), headers=links)


async def show(call: MastodonCall) -> Answer:
    """One notice; push messages name it by its id."""
    found = await notifications.see_notice(call.env, call.viewer, call.path_id())
    return Answer((await _present(call, [found]))[0])


async def unread_count(call: MastodonCall) -> Answer:
    """How many notices are newer than the marker that the viewer set."""
    default, maximum = limits.UNREAD_COUNT
    most = call.parameters.limit(default=default, maximum=maximum)
    choice = read_choice(call.parameters)
    count = await notifications.count_unread(call.env, call.viewer, choice, most)
    return Answer(UnreadCount(count))


async def clear(call: MastodonCall) -> Answer:
    """Take every notice away."""
    await notifications.clear_notices(call.env, call.viewer)
    return Answer({})


async def dismiss(call: MastodonCall) -> Answer:
    """Take one notice away; old clients name it in the body."""
    named = call.path_id() if "id" in call.path else call.parameters.identifier("id")
    await notifications.dismiss_notice(call.env, call.viewer, NO_ID if named is None else named)
    return Answer({})


_reading: Final = partial(MastodonOperation, "GET", scope="read:notifications")
_writing: Final = partial(MastodonOperation, "POST", scope="write:notifications", entity="{}")

OPERATIONS: Final = (
    _reading("/api/v1/notifications", index, "[Notification]"),
    _reading("/api/v1/notifications/unread_count", unread_count, "UnreadCount"),
    _reading("/api/v1/notifications/{id}", show, "Notification"),
    _writing("/api/v1/notifications/clear", clear),
    _writing("/api/v1/notifications/dismiss", dismiss),
    _writing("/api/v1/notifications/{id}/dismiss", dismiss),
)
