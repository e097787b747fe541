"""The dialect as a whole: its operations, its words for errors, its headers."""

from typing import Final

from stonechat.dialects.mastodon.errors import present_error
from stonechat.dialects.mastodon.rendering import Renderer
from stonechat.dialects.mastodon.routes import (
    conversations,
    marks,
    notifications,
    statuses,
    tags,
    timelines,
)
from stonechat.http.operations import Answer, Dialect, Operation
from stonechat.kernel.errors import InvalidInput, StonechatError
from stonechat.services.env import Env

OPERATIONS: Final[tuple[Operation[Renderer], ...]] = (
    *conversations.OPERATIONS,
    *marks.OPERATIONS,
    *notifications.OPERATIONS,
    *statuses.OPERATIONS,
    *tags.OPERATIONS,
    *timelines.OPERATIONS,
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
        accounts = await room.account_list(error.details["accounts"])  # pyright: ignore[reportArgumentType]
        text = answer.encoded()
        return Answer(text[:-1] + b',"unexpected_accounts":' + accounts + b"}", answer.status)
    return answer


def make_dialect(env: Env) -> Dialect[Renderer]:
    """Mastodon's dialect over these rooms."""
    return Dialect("mastodon", OPERATIONS, Renderer(env), _present_error, HEADERS)
