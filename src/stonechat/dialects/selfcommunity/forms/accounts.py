"""The parameters of accounts that are made for others, and looked for."""

from typing import Final, NamedTuple

from stonechat.dialects.selfcommunity.forms.passwords import read_email, read_new_password
from stonechat.dialects.selfcommunity.forms.users import read_picture
from stonechat.domain import limits
from stonechat.domain.enrolments import ROLES, Enrol
from stonechat.domain.ids import LabelId
from stonechat.domain.text.cleaning import clean_name
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong
from stonechat.kernel.errors import InvalidInput

USERNAME_CHARACTERS_MAX: Final = 255
TAGS_MAX: Final = 50
PROVIDER_CHARACTERS_MAX: Final = 64
_PICTURES: Final = {"avatar": "avatar", "cover": "header"}


class Wanted(NamedTuple):
    """Whom an administrator looks for: by one of these."""

    username: str | None = None
    email: str | None = None
    id: int | None = None


def read_enrolment(parameters: Parameters) -> Enrol:
    """An account with a name, an address and a password."""
    return Enrol(
        _read_username(parameters),
        read_email(parameters, "email"),
        read_new_password(parameters),
    )


def read_sign_up(parameters: Parameters) -> Enrol:
    """An account of which another system knows the name, and perhaps more."""
    role = parameters.choice("role", ("user", *ROLES)) or "user"
    name = parameters.text("real_name", characters_max=limits.DISPLAY_NAME_CHARACTERS_MAX)
    sent = {kind: read_picture(parameters, field) for field, kind in _PICTURES.items()}
    return Enrol(
        _read_username(parameters),
        read_email(parameters, "email") if parameters.get("email") else None,
        read_new_password(parameters) if parameters.get("password") else None,
        clean_name(name, field="real_name") if name else None,
        role,
        [LabelId(each) for each in parameters.identifiers("tags", items_max=TAGS_MAX)],
        {kind: content for kind, content in sent.items() if content is not None},
    )


def _read_username(parameters: Parameters) -> str:
    username = parameters.text("username", characters_max=USERNAME_CHARACTERS_MAX)
    if username is None:
        is_null = parameters.says("username")
        raise wrong("username", "must be given", rule="null" if is_null else "required")
    return username


def read_wanted(parameters: Parameters) -> Wanted:
    """Whom to look for: by exactly one of a name, an address, or an id with its provider."""
    username = parameters.text("username", characters_max=USERNAME_CHARACTERS_MAX) or None
    email = parameters.text("email", characters_max=limits.EMAIL_CHARACTERS_MAX) or None
    has_id = bool(parameters.get("ext_id"))
    has_provider = bool(parameters.text("provider", characters_max=PROVIDER_CHARACTERS_MAX))
    if has_id != has_provider or sum(map(bool, (username, email, has_id))) != 1:
        raise InvalidInput("Give exactly one of username, email, or ext_id with provider")
    return Wanted(username, email, parameters.identifier("ext_id") if has_id else None)
