"""Lists of statuses, posts and discussions: of a kind, of the viewer's, and around one of them.

What a path names is asked for first: who shares or commented what one may not see is not there
either. Names in paths that are no ids (`search`, `following`) come before ids.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, CommunityOperation, offer
from stonechat.dialects.selfcommunity.entities.matches import present_match
from stonechat.dialects.selfcommunity.forms.feeds import read_ordering, span_of
from stonechat.dialects.selfcommunity.pages import Window, answer_page, read_window
from stonechat.domain import limits
from stonechat.domain.contributions import KINDS
from stonechat.domain.feeds import FeedPage, Order, Span
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.viewers import Caller, Viewer
from stonechat.http.operations import Answer
from stonechat.services import contribution_lists, contribution_search, feeds, likenesses
from stonechat.services.contributions import Target
from stonechat.services.env import Env

Handle = Callable[[str, CommunityCall], Awaitable[Answer]]
OfKind = Callable[[Env, Viewer, str, Span], Awaitable[FeedPage]]
Around = Callable[[Env, Viewer, Target, Span], Awaitable[FeedPage]]
People = Callable[[Env, Viewer, Target], Awaitable[list[AccountId]]]


async def _answer(call: CommunityCall, window: Window, page: FeedPage) -> Answer:
    shown = await call.room.contributions(call.viewer, page.glances)
    return answer_page(call, window, shown, page.total, has_more=page.has_more)


def _target(kind: str, call: CommunityCall) -> Target:
    return Target(StatusId(call.path_id()), kind)


async def index(kind: str, call: CommunityCall) -> Answer:
    """All of a kind."""
    window, order = read_window(call), read_ordering(call.parameters)
    page = await feeds.see_rack(call.env, call.viewer, kind, order, span_of(window))
    return await _answer(call, window, page)


async def search(kind: str, call: CommunityCall) -> Answer:
    """Those of a kind that say something; all of them where nothing is looked for."""
    maximum = limits.FEED_SEARCH_CHARACTERS_MAX
    words = (call.parameters.text("search", characters_max=maximum) or "").strip()
    window = read_window(call)
    span = span_of(window)
    if not words:
        page = await feeds.see_rack(call.env, call.viewer, kind, Order(), span)
        shown = await call.room.contributions(call.viewer, page.glances)
        rendered = [_matching(each, b"") for each in shown]
        return answer_page(call, window, rendered, page.total, has_more=page.has_more)
    found = await contribution_search.search_contributions(call.env, call.viewer, kind, words, span)
    shown = await call.room.contributions(call.viewer, found.glances)
    authors = await call.room.authors(
        {each.account_id: each.account_version for each in found.glances}
    )
    rendered = [
        _matching(
            rendered,
            present_match(glance.id, kind, found.excerpts[glance.id], authors[glance.account_id]),
        )
        for rendered, glance in zip(shown, found.glances, strict=True)
    ]
    has_more = found.total > window.offset + window.limit
    return answer_page(call, window, rendered, found.total, has_more=has_more)


def _matching(rendered: bytes, match: bytes) -> bytes:
    return b'%b,"matches":[%b]}' % (rendered[:-1], match)


async def _own(see: OfKind, kind: str, call: CommunityCall) -> Answer:
    window = read_window(call)
    return await _answer(call, window, await see(call.env, call.viewer, kind, span_of(window)))


async def _around(see: Around, kind: str, call: CommunityCall) -> Answer:
    window = read_window(call)
    page = await see(call.env, call.viewer, _target(kind, call), span_of(window))
    return await _answer(call, window, page)


async def _people(find: People, kind: str, call: CommunityCall) -> Answer:
    window = read_window(call)
    found = await find(call.env, call.viewer, _target(kind, call))
    shown = found[window.offset : window.offset + window.limit]
    has_more = len(found) > window.offset + window.limit
    users = await call.room.user_list(shown)
    return answer_page(call, window, users, len(found), has_more=has_more)


async def suggest_polls(call: CommunityCall) -> Answer:
    """The newest contributions in whose polls one can still vote."""
    window = read_window(call)
    page = await contribution_lists.see_open_polls(call.env, call.viewer)
    shown = page.glances[window.offset : window.offset + window.limit]
    has_more = len(page.glances) > window.offset + window.limit
    rendered = await call.room.contributions(call.viewer, shown)
    return answer_page(call, window, rendered, page.total, has_more=has_more)


_OWN: Final[Sequence[tuple[str, OfKind]]] = (
    ("uncommented", contribution_lists.see_uncommented),
    ("following", contribution_lists.see_followed),
    ("suspended", contribution_lists.see_suspended),
)
_AROUND: Final[Sequence[tuple[str, Around]]] = (
    ("related", likenesses.see_related),
    ("shares", contribution_lists.see_shares),
)
_PEOPLE: Final[Sequence[tuple[str, People]]] = (
    ("contributors", contribution_lists.list_commenters),
    ("shares_users", contribution_lists.list_sharers),
)


def _offer(kind: str) -> tuple[CommunityOperation, ...]:
    entity, root = f"[{kind.capitalize()}]", f"/api/v2/{kind}/"

    def open_to_all(path: str, handle: Handle, what: str = entity) -> CommunityOperation:
        return offer(f"GET {root}{path}", partial(handle, kind), what, Caller.ANYONE)

    return (
        open_to_all("", index),
        open_to_all("search/", search, f"[Search{kind.capitalize()}]"),
        *(offer(f"GET {root}{name}/", partial(_own, see, kind), entity) for name, see in _OWN),
        *(open_to_all(f"{{id}}/{name}/", partial(_around, see)) for name, see in _AROUND),
        *(
            open_to_all(f"{{id}}/{name}/", partial(_people, find), "[User]")
            for name, find in _PEOPLE
        ),
    )


OPERATIONS: Final = (
    *(operation for kind in KINDS for operation in _offer(kind)),
    offer("GET /api/v2/suggestion/poll/", suggest_polls, "[Post]"),
)
