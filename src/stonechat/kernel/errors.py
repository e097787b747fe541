"""The one tree of errors that services raise and dialects translate.

    StonechatError
    ├── InvalidInput            a value breaks a rule of ours
    │   └── MissingParameter    a required parameter is not there
    ├── MalformedRequest        the request cannot be read at all
    │   ├── UnsupportedMedia    its body has a type or coding that we do not read
    │   ├── TooLarge            it is larger than the named bound
    │   └── MethodNotAllowed    the path exists, the method does not
    ├── NotAuthenticated        no valid token
    ├── NotAllowed              a valid token that may not do this
    │   ├── WrongCaller         an app where a person is needed, or the reverse
    │   └── NotInPlan           the operator's plan does not have this
    ├── NotFound                absent, or not visible to the viewer: the same answer
    ├── Conflict                somebody else was first
    │   └── Outdated            the caller named a version, and it is another one by now
    ├── RateLimited             too many, come back at `resets_at`
    └── Unavailable             a fault of ours that passes

An error says what happened, never which HTTP status that is: each dialect owns a total
table from this tree to its own wire. `message` is public; `details` are not.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar


class StonechatError(Exception):
    """Something that the caller is told about."""

    code: ClassVar[str] = "error"
    default: ClassVar[str] = "Something went wrong"

    def __init__(self, message: str | None = None, **details: object) -> None:
        self.message: str = message or self.default
        self.details: Mapping[str, object] = details
        super().__init__(self.message)


class InvalidInput(StonechatError):
    """A value breaks a rule; `field` names it, `rule` is the broken rule's short name."""

    code: ClassVar[str] = "invalid_input"
    default: ClassVar[str] = "Record invalid"

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        rule: str = "invalid",
        **details: object,
    ) -> None:
        super().__init__(message, **details)
        self.field: str | None = field
        self.rule: str = rule


class MissingParameter(InvalidInput):
    """A required parameter is absent or blank; the argument is its name."""

    code: ClassVar[str] = "missing_parameter"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"param is missing or the value is empty or invalid: {name}", field=name, rule="blank"
        )


class MalformedRequest(StonechatError):
    """The request cannot be read: broken JSON, invalid UTF-8, an impossible header."""

    code: ClassVar[str] = "malformed_request"
    default: ClassVar[str] = "The request could not be read"


class UnsupportedMedia(MalformedRequest):
    """The body's content type or content coding is not one that we read."""

    code: ClassVar[str] = "unsupported_media"
    default: ClassVar[str] = "The content type of the request body is not supported"


class TooLarge(MalformedRequest):
    """The request, or a part of it, is larger than its bound."""

    code: ClassVar[str] = "too_large"
    default: ClassVar[str] = "The request is too large"


class MethodNotAllowed(MalformedRequest):
    """The path exists, but not with this method."""

    code: ClassVar[str] = "method_not_allowed"
    default: ClassVar[str] = "Method not allowed"


class NotAuthenticated(StonechatError):
    """No token, an unknown one, or one that was revoked."""

    code: ClassVar[str] = "not_authenticated"
    default: ClassVar[str] = "The access token is invalid"


class NotAllowed(StonechatError):
    """The viewer is known, and may not do this."""

    code: ClassVar[str] = "not_allowed"
    default: ClassVar[str] = "This action is not allowed"


class WrongCaller(NotAllowed):
    """An app's own token where a person's is needed."""

    code: ClassVar[str] = "wrong_caller"
    default: ClassVar[str] = "This method requires an authenticated user"


class NotInPlan(NotAllowed):
    """The operator's plan does not have this, or no more of it."""

    code: ClassVar[str] = "not_in_plan"
    default: ClassVar[str] = "This is not part of your plan"


class NotFound(StonechatError):
    """Absent, or not for this viewer's eyes. The two are never told apart."""

    code: ClassVar[str] = "not_found"
    default: ClassVar[str] = "Record not found"


class Conflict(StonechatError):
    """Somebody else changed it first, or it exists already."""

    code: ClassVar[str] = "conflict"
    default: ClassVar[str] = "Conflict during update, please try again"


class Outdated(Conflict):
    """The caller named a version, and it is not the one that is there."""

    code: ClassVar[str] = "outdated"
    default: ClassVar[str] = "It was changed by somebody else in the meantime"


class RateLimited(StonechatError):
    """Too many requests of one class; `resets_at` says when to come back."""

    code: ClassVar[str] = "rate_limited"
    default: ClassVar[str] = "Too many requests"

    def __init__(self, *, limit: int, resets_at: datetime) -> None:
        super().__init__()
        self.limit: int = limit
        self.resets_at: datetime = resets_at


class Unavailable(StonechatError):
    """A fault of ours that passes: the database is busy, or we are shutting down."""

    code: ClassVar[str] = "unavailable"
    default: ClassVar[str] = "There was a temporary problem serving your request, please try again"
