"""Follow requests: who asks, and letting them or not."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.relationships import present_relationship
from stonechat.dialects.mastodon.routes.accounts import answer_people
from stonechat.domain import limits
from stonechat.domain.ids import AccountId
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import RelationshipView
from stonechat.http.links import read_cursor
from stonechat.http.operations import Answer
from stonechat.services import relationships
from stonechat.services.env import Env

Verb = Callable[[Env, Viewer, AccountId], Awaitable[RelationshipView]]


async def index(call: MastodonCall) -> Answer:
    """Who asks to follow the viewer."""
    cursor = read_cursor(call.parameters, limits.ACCOUNTS_PAGE, has_min=False)
    page = await relationships.list_requests(call.env, call.viewer, cursor)
    return await answer_people(call, page)


async def _decide(call: MastodonCall, verb: Verb) -> Answer:
    view = await verb(call.env, call.viewer, AccountId(call.path_id()))
    return Answer(present_relationship(view))


def _verb(name: str, verb: Verb) -> MastodonOperation:
    path = f"/api/v1/follow_requests/{{id}}/{name}"
    handler = partial(_decide, verb=verb)
    return MastodonOperation("POST", path, handler, "Relationship", scope="write:follows")


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/follow_requests", index, "[Account]", scope="read:follows"),
    _verb("authorize", relationships.accept_request),
    _verb("reject", relationships.reject_request),
)
