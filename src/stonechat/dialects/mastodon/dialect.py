"""The dialect as a whole: its operations, its words for errors, its headers."""

from typing import Final

from stonechat.dialects.mastodon.errors import present_error
from stonechat.dialects.mastodon.rendering import Renderer
from stonechat.dialects.mastodon.routes import (
    accounts,
    announcements,
    apps,
    blocks,
    cards,
    conversations,
    credentials,
    directory,
    emojis,
    filters,
    filters_v1,
    follow_requests,
    instance,
    lists,
    markers,
    marks,
    media,
    notifications,
    polls,
    preferences,
    push,
    quotes,
    relationships,
    scheduling,
    search,
    sign_up,
    statuses,
    suggestions,
    tags,
    timelines,
    translations,
    trends,
    well_known,
)
from stonechat.http.operations import Answer, Dialect, Operation
from stonechat.kernel.errors import InvalidInput, StonechatError
from stonechat.services.env import Env

OPERATIONS: Final[tuple[Operation[Renderer], ...]] = (
    *accounts.OPERATIONS,
    *announcements.OPERATIONS,
    *apps.OPERATIONS,
    *blocks.OPERATIONS,
    *cards.OPERATIONS,
    *conversations.OPERATIONS,
    *credentials.OPERATIONS,
    *directory.OPERATIONS,
    *emojis.OPERATIONS,
    *filters.OPERATIONS,
    *filters_v1.OPERATIONS,
    *follow_requests.OPERATIONS,
    *instance.OPERATIONS,
    *lists.OPERATIONS,
    *markers.OPERATIONS,
    *marks.OPERATIONS,
    *media.OPERATIONS,
    *notifications.OPERATIONS,
    *polls.OPERATIONS,
    *preferences.OPERATIONS,
    *push.OPERATIONS,
    *quotes.OPERATIONS,
    *relationships.OPERATIONS,
    *scheduling.OPERATIONS,
    *search.OPERATIONS,
    *sign_up.OPERATIONS,
    *statuses.OPERATIONS,
    *suggestions.OPERATIONS,
    *tags.OPERATIONS,
    *timelines.OPERATIONS,
    *translations.OPERATIONS,
    *trends.OPERATIONS,
    *well_known.OPERATIONS,
)

HEADERS: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "Link, X-RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining, X-Request-Id"
    ),
    "vary": "Authorization, Origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


async def _present_error(error: StonechatError, room: Renderer) -> Answer:
    answer = present_error(error)
    if isinstance(error, InvalidInput) and "accounts" in error.details:
        # The one error that carries entities: whom a post would have reached unexpectedly.
        rendered = await room.account_list(error.details["accounts"])  # pyright: ignore[reportArgumentType]
        text = answer.encoded()
        return Answer(text[:-1] + b',"unexpected_accounts":' + rendered + b"}", answer.status)
    return answer


def make_dialect(env: Env) -> Dialect[Renderer]:
    """Mastodon's dialect over these rooms."""
    return Dialect("mastodon", OPERATIONS, Renderer(env), _present_error, HEADERS)
