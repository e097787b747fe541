"""The parameters of making an account for a stranger."""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.sign_up import SignUp
from stonechat.domain.text.cleaning import clean_text
from stonechat.domain.text.languages import normalise_language
from stonechat.http.parameters import Parameters

# What is too long is told with the other faults of the form, so it is let in here.
_LOOKED_AT_MAX: Final = 16 * limits.PASSWORD_CHARACTERS_MAX
_LOCALE_CHARACTERS_MAX: Final = 35


def read_sign_up(parameters: Parameters, default_language: str) -> SignUp:
    """The order to sign up. A date of birth may be sent, and is not kept: there is no age here."""
    locale = parameters.text("locale", characters_max=_LOCALE_CHARACTERS_MAX) or ""
    return SignUp(
        username=parameters.text("username", characters_max=_LOOKED_AT_MAX) or "",
        email=(parameters.text("email", characters_max=_LOOKED_AT_MAX) or "").strip(),
        password=parameters.text("password", characters_max=_LOOKED_AT_MAX) or "",
        has_agreed=bool(parameters.flag("agreement")),
        locale=normalise_language(locale) or default_language,
        reason=clean_text(
            parameters.text("reason", characters_max=_LOOKED_AT_MAX) or "", field="reason"
        ),
    )
