"""Accounts: who speaks, and the rules of names, addresses and passwords."""

import re
from dataclasses import dataclass
from typing import Final

from stonechat.domain import limits
from stonechat.domain.ids import AccountId, AppId
from stonechat.kernel.errors import InvalidInput

_USERNAME: Final = re.compile(r"[a-z0-9_]+", re.IGNORECASE | re.ASCII)
_EMAIL: Final = re.compile(
    r"[a-z0-9.!#$&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+",
    re.IGNORECASE | re.ASCII,
)
NOWHERE: Final = ".invalid"
"""No mail goes there (RFC 2606): addresses of our own making end so (enrolments), and no others."""
RESERVED_USERNAMES: Final = frozenset(
    {
        "abuse",
        "admin",
        "administrator",
        "api",
        "help",
        "instance",
        "moderator",
        "postmaster",
        "root",
        "security",
        "settings",
        "stonechat",
        "support",
        "sysadmin",
        "system",
        "webmaster",
    }
)


@dataclass(frozen=True, slots=True)
class Account:
    """A local account as it is made."""

    id: AccountId
    username: str
    created_ms: int
    display_name: str = ""
    role: str = "user"
    state: str = "active"
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """How its owner signs in. `password_hash` is argon2's text."""

    email: str
    password_hash: str
    locale: str = "en"
    reason: str = ""
    app_id: AppId | None = None


def check_username(username: str) -> str:
    """The name as given, or InvalidInput whose `rule` says what is wrong with it."""
    if not username:
        raise _refuse("username", "blank", "can't be blank")
    if len(username) > limits.USERNAME_CHARACTERS_MAX:
        maximum = limits.USERNAME_CHARACTERS_MAX
        raise _refuse("username", "too_long", f"is too long (maximum is {maximum} characters)")
    if not _USERNAME.fullmatch(username):
        raise _refuse("username", "invalid", "must contain only letters, numbers and underscores")
    return username


def check_not_reserved(username: str) -> str:
    """Names that would look official are kept for those who run the server."""
    if username.lower() in RESERVED_USERNAMES:
        raise _refuse("username", "reserved", "is reserved")
    return username


def check_email(email: str) -> str:
    """The address as given, or InvalidInput."""
    if not email:
        raise _refuse("email", "blank", "can't be blank")
    local = email.partition("@")[0]
    if (
        len(email) > limits.EMAIL_CHARACTERS_MAX
        or not _EMAIL.fullmatch(email)
        or local.startswith(".")
        or local.endswith(".")
        or email.lower().endswith(NOWHERE)
        or ".." in local
    ):
        raise _refuse("email", "invalid", "is invalid")
    return email


def check_password(password: str) -> str:
    """The password as given, or InvalidInput."""
    if len(password) < limits.PASSWORD_CHARACTERS_MIN:
        minimum = limits.PASSWORD_CHARACTERS_MIN
        raise _refuse("password", "too_short", f"is too short (minimum is {minimum} characters)")
    if len(password) > limits.PASSWORD_CHARACTERS_MAX:
        maximum = limits.PASSWORD_CHARACTERS_MAX
        raise _refuse("password", "too_long", f"is too long (maximum is {maximum} characters)")
    return password


def _refuse(field: str, rule: str, words: str) -> InvalidInput:
    name = "E-mail" if field == "email" else field.capitalize()
    return InvalidInput(
        f"Validation failed: {name} {words}", field=field, rule=rule, description=words
    )
