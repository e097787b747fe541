"""The core's errors in this dialect's shape: `{"errors": [...]}`, as the vendor's client reads it.

A fault of one field is `{"field", "messages": [{"message", "code"}]}`, a fault of the whole is
`{"message", "code"}`. The codes are those of the framework that the vendor's server is built
with, as far as its client knows them. The table is total over the tree of kernel/errors.py.
"""

from typing import Final, NamedTuple

import msgspec

from stonechat.http.operations import Answer
from stonechat.kernel.clock import Clock
from stonechat.kernel.errors import (
    Conflict,
    InvalidInput,
    MalformedRequest,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotInPlan,
    RateLimited,
    StonechatError,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)

UNAVAILABLE_SECONDS: Final = 5


class Refusal(NamedTuple):
    """A status and the vendor's word for it."""

    status: int
    code: str


REFUSALS: Final[dict[type[StonechatError], Refusal]] = {
    InvalidInput: Refusal(400, "invalid"),
    MalformedRequest: Refusal(400, "parse_error"),
    UnsupportedMedia: Refusal(415, "unsupported_media_type"),
    TooLarge: Refusal(413, "too_large"),
    MethodNotAllowed: Refusal(405, "method_not_allowed"),
    NotAuthenticated: Refusal(401, "not_authenticated"),
    NotInPlan: Refusal(403, "permission_denied"),
    NotAllowed: Refusal(403, "permission_denied"),
    NotFound: Refusal(404, "not_found"),
    Conflict: Refusal(409, "conflict"),
    RateLimited: Refusal(429, "throttled"),
    Unavailable: Refusal(503, "unavailable"),
    StonechatError: Refusal(500, "error"),
}
CODES: Final = {
    "too_long": "max_length",
    "too_short": "min_length",
    "inclusion": "invalid_choice",
    "not_a_number": "invalid",
    "taken": "unique",
}
"""Rules of ours for which the vendor has another word; all others are spelled alike."""


class Message(msgspec.Struct, frozen=True):
    """What is wrong, for people and for programs."""

    message: str
    code: str


class FieldMessages(msgspec.Struct, frozen=True):
    """What is wrong with one field."""

    field: str
    messages: list[object]


class Errors(msgspec.Struct, frozen=True):
    """Every answer that is not a success."""

    errors: list[object]


def present_error(error: StonechatError, clock: Clock) -> Answer:
    """The answer for an error."""
    refusal = next(REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)
    code = refusal.code
    if isinstance(error, InvalidInput):
        code = CODES.get(error.rule, error.rule)
    # What all doors read is told in Mastodon's words.
    told = Message(error.message.removeprefix("Validation failed: "), code)
    item: object = told
    if isinstance(error, InvalidInput) and error.field:
        item = _nest(error.field, told)
    return Answer(Errors([item]), refusal.status, _headers(error, clock))


def _nest(field: str, told: Message) -> FieldMessages:
    """`location[lat]` is a fault of `lat` within `location`."""
    outer, *inner = field.replace("]", "").split("[")
    found: object = told
    for name in reversed(inner):
        found = FieldMessages(name, [found])
    return FieldMessages(outer, [found])


def _headers(error: StonechatError, clock: Clock) -> dict[str, str]:
    if isinstance(error, NotAuthenticated):
        return {"www-authenticate": 'Bearer realm="api"'}
    if isinstance(error, Unavailable):
        return {"retry-after": str(UNAVAILABLE_SECONDS)}
    if isinstance(error, RateLimited):
        seconds = (error.resets_at - clock.now()).total_seconds()
        return {"retry-after": str(max(1, int(seconds) + 1))}
    return {}
