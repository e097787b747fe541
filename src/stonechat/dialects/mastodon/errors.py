"""The core's errors in Mastodon's words: a status and `{"error": …}`.

The table is total over the tree of kernel/errors.py; a test walks every leaf. Sign-up and
profile updates add `details`, which clients show beside the field.
"""

from typing import Final, cast

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
    WrongCaller,
)

STATUSES: Final[dict[type[StonechatError], int]] = {
    MissingParameter: 400,
    InvalidInput: 422,
    UnsupportedMedia: 415,
    TooLarge: 413,
    MethodNotAllowed: 405,
    MalformedRequest: 400,
    NotAuthenticated: 401,
    WrongCaller: 422,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    RateLimited: 429,
    Unavailable: 503,
    StonechatError: 500,
}


class Problem(msgspec.Struct, frozen=True):
    """One broken rule of one field."""

    error: str
    description: str


class Error(msgspec.Struct, frozen=True, omit_defaults=True):
    """Every answer that is not a success."""

    error: str
    details: dict[str, list[Problem]] | None = None


def present_error(error: StonechatError) -> Answer:
    """The answer for an error."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    headers: dict[str, str] = {}
    if isinstance(error, NotAuthenticated):
        headers["www-authenticate"] = 'Bearer realm="Stonechat", error="invalid_token"'
    if isinstance(error, RateLimited):
        headers["x-ratelimit-limit"] = str(error.limit)
        headers["x-ratelimit-remaining"] = "0"
        headers["x-ratelimit-reset"] = error.resets_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Answer(Error(error.message, _details(error)), status, headers)


def _details(error: StonechatError) -> dict[str, list[Problem]] | None:
    if not isinstance(error, InvalidInput):
        return None
    # A sign-up is told all of its faults at once; they hang on one error.
    faults = cast("tuple[InvalidInput, ...]", error.details.get("faults", (error,)))
    found: dict[str, list[Problem]] = {}
    for fault in faults:
        if "description" in fault.details:
            problem = Problem(f"ERR_{fault.rule.upper()}", str(fault.details["description"]))
            found.setdefault(fault.field or "base", []).append(problem)
    return found or None
