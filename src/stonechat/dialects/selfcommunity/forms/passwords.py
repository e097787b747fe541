"""Passwords and addresses of members as the vendor's clients send them."""

from typing import Final

from stonechat.domain import limits
from stonechat.http.operations import BODY_BYTES_MAX
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong
from stonechat.kernel.errors import InvalidInput

CLASSES_MIN: Final = 3
CODE_CHARACTERS_MAX: Final = 128


def read_exact(parameters: Parameters, field: str, characters_max: int) -> str:
    """A text that must be there, to be looked at as it came."""
    try:
        text = parameters.exact(field, characters_max)
    except InvalidInput as refusal:
        raise InvalidInput(refusal.message, field=field) from None
    if text is None:
        raise wrong(field, "must be given", rule="null" if parameters.says(field) else "required")
    if not text:
        raise wrong(field, "can't be blank", rule="blank")
    return text


def read_password(parameters: Parameters, field: str) -> str:
    """A password that somebody has."""
    return read_exact(parameters, field, BODY_BYTES_MAX)


def read_new_password(parameters: Parameters, field: str = "password") -> str:
    """A password that somebody is to get: 8 to 128 characters of three kinds."""
    password = read_password(parameters, field)
    minimum = limits.PASSWORD_CHARACTERS_MIN
    maximum = limits.COMMUNITY_PASSWORD_CHARACTERS_MAX
    if len(password) < minimum:
        raise wrong(field, f"is too short (minimum is {minimum} characters)", rule="too_short")
    if len(password) > maximum:
        raise wrong(field, f"is too long (maximum is {maximum} characters)", rule="too_long")
    if _count_kinds(password) < CLASSES_MIN:
        raise wrong(
            field,
            "needs three of these four: small letters, capital letters, digits, other characters",
        )
    return password


def _count_kinds(password: str) -> int:
    kinds = (str.islower, str.isupper, str.isdigit)
    plain = sum(any(is_kind(each) for each in password) for is_kind in kinds)
    return plain + any(not any(is_kind(each) for is_kind in kinds) for each in password)


def read_email(parameters: Parameters, field: str) -> str:
    """An e-mail address that must be there; whether it is one is for others to say."""
    email = parameters.text(field, characters_max=limits.EMAIL_CHARACTERS_MAX)
    if email is None:
        raise wrong(field, "must be given", rule="null" if parameters.says(field) else "required")
    return email


def read_code(parameters: Parameters) -> str:
    """The code that confirms an address."""
    return read_exact(parameters, "validation_code", CODE_CHARACTERS_MAX)
