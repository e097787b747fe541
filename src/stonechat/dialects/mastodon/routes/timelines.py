"""Timelines: home, public, hashtag, list."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.domain import limits
from stonechat.domain.timelines import Origin
from stonechat.domain.viewers import Caller, Viewer
from stonechat.domain.views import Glance
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer
from stonechat.kernel.paging import Page
from stonechat.services import timelines


async def answer_page(
    call: MastodonCall, viewer: Viewer, page: Page[Glance], *, kept: tuple[str, ...] = ()
) -> Answer:
    """A page of a timeline with its links; `next` stands on every page that has an item."""
    body = await call.room.status_list(viewer, page.items)
    url = call.env.settings.base_url + call.request.path
    links = link_header(url, call.parameters, page, kept=kept, only_full=False)
    return Answer(body, headers=links)


async def home(call: MastodonCall) -> Answer:
    """What the viewer and those whom they follow said."""
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE)
    call.viewer, page = await timelines.see_home(call.env, call.bearer, cursor)
    return await answer_page(call, call.viewer, page)


def read_origin(call: MastodonCall) -> Origin:
    """Which public statuses are asked for."""
    return Origin(
        is_local=bool(call.parameters.flag("local")),
        is_remote=bool(call.parameters.flag("remote")),
        only_media=bool(call.parameters.flag("only_media")),
    )


async def public(call: MastodonCall) -> Answer:
    """What everybody here said to everybody; nothing is remote as yet."""
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE)
    origin = read_origin(call)
    call.viewer, page = await timelines.see_public(call.env, call.bearer, cursor, origin)
    return await answer_page(call, call.viewer, page, kept=("local", "remote", "only_media"))


OPERATIONS: Final = (
    MastodonOperation(
        "GET", "/api/v1/timelines/home", home, "[Status]", scope="read:statuses", rides=True
    ),
    MastodonOperation(
        "GET",
        "/api/v1/timelines/public",
        public,
        "[Status]",
        Caller.ANYONE,
        "read:statuses",
        rides=True,
    ),
)
