"""The core's errors in OAuth's words: a status, and `error` with `error_description`.

The table is total over the tree of kernel/errors.py; a test walks every leaf. It is for what
programs ask (token, revoke, userinfo, metadata); a person gets a page instead (http/pages).
"""

from typing import Final, NamedTuple

import msgspec

from stonechat.http.operations import Answer
from stonechat.kernel.errors import (
    Conflict,
    InvalidInput,
    MalformedRequest,
    MethodNotAllowed,
    MissingParameter,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    StonechatError,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)


class Refusal(NamedTuple):
    """A status, and OAuth's code."""

    status: int
    error: str


REFUSALS: Final[dict[type[StonechatError], Refusal]] = {
    InvalidInput: Refusal(400, "invalid_request"),
    UnsupportedMedia: Refusal(415, "invalid_request"),
    TooLarge: Refusal(413, "invalid_request"),
    MethodNotAllowed: Refusal(405, "invalid_request"),
    MalformedRequest: Refusal(400, "invalid_request"),
    NotAuthenticated: Refusal(401, "invalid_token"),
    NotAllowed: Refusal(403, "insufficient_scope"),
    NotFound: Refusal(400, "invalid_grant"),
    Conflict: Refusal(400, "invalid_request"),
    RateLimited: Refusal(429, "slow_down"),
    Unavailable: Refusal(503, "temporarily_unavailable"),
    StonechatError: Refusal(500, "server_error"),
}
_OWN_CODES: Final = frozenset({"invalid_scope", "unsupported_grant_type"})
"""Rules that a service breaks by OAuth's own name."""
_OF_CLIENTS: Final = {
    "invalid_token": "invalid_client",
    "insufficient_scope": "unauthorized_client",
}
"""What is said where an app's secret is in question, not a token."""


class Problem(msgspec.Struct, frozen=True):
    """RFC 6749, section 5.2."""

    error: str
    error_description: str


async def present_error(error: StonechatError, room: object) -> Answer:
    """The answer for an error."""
    del room
    status, code = next(REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)
    description = error.message
    if isinstance(error, MissingParameter):
        description = f"Missing required parameter: {error.field}."
    elif isinstance(error, InvalidInput) and error.rule in _OWN_CODES:
        code = error.rule
    elif error.details.get("subject") == "client":
        code = _OF_CLIENTS[code]
    headers: dict[str, str] = {}
    if isinstance(error, NotAuthenticated):
        headers["www-authenticate"] = f'Bearer realm="Stonechat", error="{code}"'
    return Answer(Problem(code, description), status, headers)
