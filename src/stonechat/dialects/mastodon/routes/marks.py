"""Marks on statuses: favourite, bookmark, boost, pin, mute, their opposites and their lists."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.forms.statuses import read_visibility
from stonechat.domain import limits
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.viewers import Caller, Viewer
from stonechat.domain.views import PINNABLE, PINNED, Glance
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer
from stonechat.kernel.errors import InvalidInput
from stonechat.kernel.paging import Cursor, Page
from stonechat.services import boosts, marks
from stonechat.services.env import Env


class Verb(Protocol):
    """A mark, or the end of one."""

    def __call__(
        self, env: Env, viewer: Viewer, status_id: StatusId, /, *, key: str | None
    ) -> Awaitable[Glance]:
        """Do it once for a key."""
        ...


async def _mark(call: MastodonCall, verb: Verb) -> Answer:
    key = call.idempotency_key()
    glance = await verb(call.env, call.viewer, StatusId(call.path_id()), key=key)
    return Answer(await call.room.status(call.viewer, glance))


async def boost(call: MastodonCall) -> Answer:
    """Boost a status; the answer is the boost, with the original inside."""
    key = call.idempotency_key()
    visibility = read_visibility(call.parameters)
    if visibility is Visibility.DIRECT:
        raise InvalidInput("Validation failed: Visibility is reserved", field="visibility")
    status_id = StatusId(call.path_id())
    glance = await boosts.boost_status(call.env, call.viewer, status_id, visibility, key=key)
    if glance.boost_of is not None:
        # In this one answer Mastodon's boost mirrors the marks on what it boosts.
        glance = glance._replace(flags=glance.boost_of.flags & ~(PINNABLE | PINNED))
    return Answer(await call.room.status(call.viewer, glance))


async def _list_marked(call: MastodonCall, kind: str) -> Answer:
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE)
    page = await marks.list_marked(call.env, call.viewer, kind, cursor)
    body = await call.room.status_list(call.viewer, page.items)
    url = call.env.settings.base_url + call.request.path
    return Answer(body, headers=link_header(url, call.parameters, page))


Lister = Callable[[Env, Viewer, StatusId, Cursor], Awaitable[Page[AccountId]]]


async def _list_people(call: MastodonCall, lister: Lister) -> Answer:
    cursor = read_cursor(call.parameters, limits.ACCOUNTS_PAGE, has_min=False)
    page = await lister(call.env, call.viewer, StatusId(call.path_id()), cursor)
    body = await call.room.account_list(page.items)
    url = call.env.settings.base_url + call.request.path
    links = link_header(url, call.parameters, page, previous="since_id")
    return Answer(body, headers=links)


def _verb(name: str, verb: Verb, scope: str, limit: str = "api") -> MastodonOperation:
    return MastodonOperation(
        "POST",
        f"/api/v1/statuses/{{id}}/{name}",
        partial(_mark, verb=verb),
        "Status",
        scope=scope,
        limit=limit,
    )


def _people(name: str, lister: Lister) -> MastodonOperation:
    return MastodonOperation(
        "GET",
        f"/api/v1/statuses/{{id}}/{name}",
        partial(_list_people, lister=lister),
        "[Account]",
        Caller.ANYONE,
        # The documentation says statuses, the server checks accounts: either will do.
        "read:accounts|read:statuses",
    )


OPERATIONS: Final = (
    _verb("favourite", marks.favourite_status, "write:favourites"),
    _verb("unfavourite", marks.unfavourite_status, "write:favourites"),
    _verb("bookmark", marks.bookmark_status, "write:bookmarks"),
    _verb("unbookmark", marks.unbookmark_status, "write:bookmarks"),
    _verb("mute", partial(marks.mute_thread, is_muted=True), "write:mutes"),
    _verb("unmute", partial(marks.mute_thread, is_muted=False), "write:mutes"),
    _verb("pin", marks.pin_status, "write:accounts"),
    _verb("unpin", marks.unpin_status, "write:accounts"),
    _verb("unreblog", boosts.unboost_status, "write:statuses", "delete"),
    MastodonOperation(
        "POST",
        "/api/v1/statuses/{id}/reblog",
        boost,
        "Status",
        scope="write:statuses",
        limit="post",
    ),
    MastodonOperation(
        "GET",
        "/api/v1/favourites",
        partial(_list_marked, kind="favourites"),
        "[Status]",
        scope="read:favourites",
    ),
    MastodonOperation(
        "GET",
        "/api/v1/bookmarks",
        partial(_list_marked, kind="bookmarks"),
        "[Status]",
        scope="read:bookmarks",
    ),
    _people("favourited_by", marks.list_favouriters),
    _people("reblogged_by", marks.list_boosters),
)
