"""The core's errors in Stativate's words: a status and `{"message", "errorCode"?, "errors"?}`.

The table is total over the tree of kernel/errors.py; a test walks every leaf. What is not there,
and a fault of ours, have no body at all. The vendor documents two bodies to the letter: that of
401, and `Bad Request` with `validationError`; which field is wrong is ours to add.
"""

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from stonechat.http.operations import Answer
from stonechat.kernel.errors import (
    Conflict,
    InvalidInput,
    MalformedRequest,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotInPlan,
    Outdated,
    RateLimited,
    StonechatError,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)

CONFLICT_SECONDS: Final = 1
"""After so long a conflict is worth another try."""
UNAVAILABLE_SECONDS: Final = 5
WHOLE_BODY: Final = "body"
"""The field that is named where the fault lies in no single one."""
_NO_TYPE: Final = "text/plain; charset=utf-8"


class Refusal(NamedTuple):
    """A status, and the vendor's or our code for it. A message of None: the error's own."""

    status: int
    code: str | None = None
    message: str | None = None


REFUSALS: Final[dict[type[StonechatError], Refusal]] = {
    InvalidInput: Refusal(400, "validationError", "Bad Request"),
    MalformedRequest: Refusal(400, "validationError", "Bad Request"),
    UnsupportedMedia: Refusal(400, "validationError", "Bad Request"),
    TooLarge: Refusal(413, "tooLarge"),
    MethodNotAllowed: Refusal(405, "methodNotAllowed", "Method Not Allowed"),
    NotAuthenticated: Refusal(401, None, "Unauthorized"),
    NotInPlan: Refusal(402, "notInPlan"),
    NotAllowed: Refusal(403, "notAllowed"),
    NotFound: Refusal(404),
    Outdated: Refusal(412, "outdated"),
    Conflict: Refusal(409, "conflict"),
    RateLimited: Refusal(429, "tooManyRequests"),
    Unavailable: Refusal(503, "unavailable"),
    StonechatError: Refusal(500),
}
_BODILESS: Final = frozenset({404, 500})


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one field."""

    field: str
    reason: str


class Error(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Every answer that is not a success, and has a body."""

    message: str
    error_code: str | None = None
    errors: tuple[Fault, ...] = ()


def present_error(error: StonechatError, now: datetime) -> Answer:
    """The answer for an error."""
    refusal = next(REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)
    if refusal.status in _BODILESS or error.details.get("is_fault"):
        return Answer(b"", refusal.status, content_type=_NO_TYPE)
    message = refusal.message or error.message
    body = Error(message, refusal.code, _faults(error))
    return Answer(body, refusal.status, _headers(error, now))


def _faults(error: StonechatError) -> tuple[Fault, ...]:
    if isinstance(error, InvalidInput):
        # What all doors read is told in Mastodon's words.
        reason = error.message.removeprefix("Validation failed: ")
        return (Fault(error.field or WHOLE_BODY, reason),)
    if isinstance(error, MalformedRequest):
        return (Fault(WHOLE_BODY, error.message),)
    return ()


def _headers(error: StonechatError, now: datetime) -> dict[str, str]:
    if isinstance(error, NotAuthenticated):
        return {"www-authenticate": 'Bearer realm="Stonechat"'}
    if isinstance(error, Outdated):
        return {}
    if isinstance(error, Conflict):
        return {"retry-after": str(CONFLICT_SECONDS)}
    if isinstance(error, Unavailable):
        return {"retry-after": str(UNAVAILABLE_SECONDS)}
    if isinstance(error, RateLimited):
        seconds = max(1, int((error.resets_at - now).total_seconds()) + 1)
        return {
            "retry-after": str(seconds),
            "x-ratelimit-limit": str(error.limit),
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": error.resets_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
    return {}
