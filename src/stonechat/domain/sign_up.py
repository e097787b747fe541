"""Signing up: what a stranger's form must say.

All that is wrong with it is said at once, field by field, so that nobody corrects a form five
times. Whether a name is still free is for the database to say (services/sign_up).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from stonechat.domain import limits
from stonechat.domain.accounts import (
    check_email,
    check_not_reserved,
    check_password,
    check_username,
)
from stonechat.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class SignUp:
    """The order to make an account for a stranger."""

    username: str
    email: str
    password: str = field(repr=False)
    has_agreed: bool
    locale: str
    reason: str = ""


def find_faults(command: SignUp) -> list[InvalidInput]:
    """What is wrong with the form, at most one fault of each field."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: check_not_reserved(check_username(command.username)),
        lambda: check_email(command.email),
        lambda: _check_new_password(command.password),
        lambda: _check_agreement(command),
        lambda: _check_reason(command.reason),
    )
    return [fault for check in checks if (fault := _fault_of(check)) is not None]


def _fault_of(check: Callable[[], object]) -> InvalidInput | None:
    try:
        check()
    except InvalidInput as fault:
        return fault
    return None


def _check_new_password(password: str) -> None:
    if not password:
        raise _fault("password", "Password", "can't be blank", rule="blank")
    check_password(password)


def _check_agreement(command: SignUp) -> None:
    if not command.has_agreed:
        raise _fault("agreement", "Service agreement", "must be accepted", rule="accepted")


def _check_reason(reason: str) -> None:
    maximum = limits.REASON_CHARACTERS_MAX
    if len(reason) > maximum:
        words = f"is too long (maximum is {maximum} characters)"
        raise _fault("reason", "Reason", words, rule="too_long")


def taken(name: str) -> InvalidInput:
    """The fault of a field, `username` or `email`, whose value somebody else has."""
    label = "E-mail" if name == "email" else "Username"
    return _fault(name, label, "has already been taken", rule="taken")


def _fault(name: str, label: str, words: str, *, rule: str) -> InvalidInput:
    return InvalidInput(
        f"Validation failed: {label} {words}", field=name, rule=rule, description=words
    )


def ensure_faultless(faults: list[InvalidInput]) -> None:
    """One error for all faults, whose `faults` the dialect shows beside their fields."""
    if not faults:
        return
    sentences = [fault.message.removeprefix("Validation failed: ") for fault in faults]
    raise InvalidInput(f"Validation failed: {', '.join(sentences)}", faults=tuple(faults))
