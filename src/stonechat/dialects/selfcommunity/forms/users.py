"""The parameters of users: what somebody tells about themselves, and whom somebody looks for.

What is not sent stays, also with PUT: the vendor's client sends one field at a time with either.
What is sent as null or empty is taken away. A field that is none of the vendor's is kept under its
own name, as long as it is a text. Nobody can be looked for by a position (domain/members.py).
"""

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from stonechat.dialects.selfcommunity.entities.users import RESERVED
from stonechat.domain import limits
from stonechat.domain.members import (
    AGES,
    GENDERS,
    ORDERINGS,
    SETTINGS,
    Details,
    MemberSearch,
    Spot,
    check_birthday,
    check_metadata,
    check_spot,
    check_website,
)
from stonechat.domain.profiles import ProfileChange, check_note
from stonechat.domain.text.cleaning import clean_name, clean_text
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import TEXT_BYTES_MAX, wrong
from stonechat.kernel.errors import InvalidInput

MATCHED_CHARACTERS_MAX: Final = 255
_ANY: Final = TEXT_BYTES_MAX
_SPOT_CHARACTERS_MAX: Final = 64
_NAMES: Final[dict[str, tuple[str, int]]] = {
    "location": ("location", limits.MEMBER_LOCATION_CHARACTERS_MAX),
    "description": ("description", limits.MEMBER_DESCRIPTION_CHARACTERS_MAX),
    "website": ("website", limits.MEMBER_WEBSITE_CHARACTERS_MAX),
    "company_name": ("company_name", limits.MEMBER_COMPANY_CHARACTERS_MAX),
    "company_role": ("company_role", limits.MEMBER_COMPANY_CHARACTERS_MAX),
}
_SPOTS: Final = {"location_lat_lng": "home", "position_lat_lng": "position"}
_PICTURES: Final = {"avatar": "avatar", "cover": "header"}
_NUMBER: Final = r"(-?[0-9]{1,3}(?:\.[0-9]{1,30})?)"
_is_spot: Final = re.compile(rf"\s*{_NUMBER}\s*,\s*{_NUMBER}\s*").fullmatch
_is_own_name: Final = re.compile(r"[a-z][a-z0-9_]{0,39}").fullmatch


class UserOrder(NamedTuple):
    """What is to become of somebody's profile, in the core's words."""

    profile: ProfileChange
    amend: Callable[[Details, date], Details]
    pictures: dict[str, bytes]


def read_user(parameters: Parameters, username: str) -> UserOrder:
    """What is to become of a profile whose owner is called `username`."""
    sent_name = parameters.text("username", characters_max=_ANY)
    if sent_name is not None and sent_name != username:
        raise wrong("username", "cannot be changed")
    return UserOrder(_read_profile(parameters), _read_details(parameters), _pictures(parameters))


def _read_profile(parameters: Parameters) -> ProfileChange:
    return ProfileChange(
        display_name=_name(parameters, "real_name", limits.DISPLAY_NAME_CHARACTERS_MAX),
        note=_bio(parameters),
    )


def _name(parameters: Parameters, field: str, characters_max: int) -> str | None:
    """One line of text; "" where it is to be taken away, None where nothing is said of it."""
    if not parameters.says(field):
        return None
    given = clean_name(parameters.text(field, characters_max=_ANY) or "", field=field)
    if len(given) > characters_max:
        words = f"is too long (maximum is {characters_max} characters)"
        raise wrong(field, words, rule="too_long")
    return given


def _bio(parameters: Parameters) -> str | None:
    if not parameters.says("bio"):
        return None
    bio = clean_text(parameters.text("bio", characters_max=_ANY) or "", field="bio")
    try:
        return check_note(bio)
    except InvalidInput as error:
        raise wrong(
            "bio", f"is longer than {limits.NOTE_CHARACTERS_MAX}", rule=error.rule
        ) from None


def _read_details(parameters: Parameters) -> Callable[[Details, date], Details]:
    """The function that makes new details of the old. What can be wrong is found out at once."""
    changes: dict[str, str | Spot | None] = {}
    for field, (part, maximum) in _NAMES.items():
        given = _name(parameters, field, maximum)
        if given is not None:
            changes[part] = check_website(given) if field == "website" else given
    for field, part in _SPOTS.items():
        if parameters.says(field):
            changes[part] = _spot(parameters, field)
    if parameters.says("gender"):
        changes["gender"] = parameters.choice("gender", GENDERS) or GENDERS[-1]
    says_birthday = parameters.says("date_of_birth")
    birthday = parameters.text("date_of_birth", characters_max=_ANY) or ""
    own = _own_fields(parameters)

    def amend(details: Details, today: date) -> Details:
        merged = {**details.metadata, **own}
        metadata = check_metadata({name: value for name, value in merged.items() if value})
        born_on = details.born_on
        if says_birthday:
            born_on = check_birthday(birthday, today) if birthday else None
        return replace(details, metadata=metadata, born_on=born_on, **changes)  # pyright: ignore[reportArgumentType]

    return amend


def _spot(parameters: Parameters, field: str) -> Spot | None:
    text = parameters.text(field, characters_max=_SPOT_CHARACTERS_MAX)
    if not text:
        return None
    found = _is_spot(text)
    if found is None:
        raise wrong(field, "must be two numbers of degrees with a comma between them")
    return check_spot(float(found[1]), float(found[2]), field)


def _own_fields(parameters: Parameters) -> dict[str, str]:
    names = [name for name in parameters.fields if name not in RESERVED and _is_own_name(name)]
    maximum = limits.MEMBER_METADATA_CHARACTERS_MAX
    return {
        name: clean_text(parameters.text(name, characters_max=maximum) or "", field=name)
        for name in names
    }


def _pictures(parameters: Parameters) -> dict[str, bytes]:
    sent = {kind: read_picture(parameters, field) for field, kind in _PICTURES.items()}
    return {kind: content for kind, content in sent.items() if content is not None}


def read_picture(parameters: Parameters, field: str) -> bytes | None:
    """A picture that came as a file, or as text in base 64 under `<field>_base64`.

    The client sends a profile back as it got it, so an address instead of a file says nothing.
    """
    sent = parameters.get(field)
    if not (isinstance(sent, str) and sent.startswith("http")):
        upload = parameters.upload(field)
        if upload is not None:
            return upload.content
    name = f"{field}_base64"
    text = parameters.text(name, characters_max=_ANY)
    if not text:
        return None
    head, comma, tail = text.partition(",")
    encoded = tail if comma and head.startswith("data:") else text
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        raise wrong(name, "is not a picture in base 64") from None


def read_hardness(parameters: Parameters) -> bool:
    """Whether an account is to go for good. Nothing does so by a slip of the pen."""
    said = parameters.get("hard")
    if said is None or said in ("", "0", "false", "False"):
        return False
    if said in ("1", "true", "True"):
        return True
    if type(said) in (bool, int) and said in (0, 1):
        return bool(said)
    raise wrong("hard", "is neither 0 nor 1")


def read_settings(parameters: Parameters) -> dict[str, int]:
    """What somebody wants to be set otherwise."""
    change: dict[str, int] = {}
    for name, (_, options) in SETTINGS.items():
        value = parameters.get(name)
        number = int(value) if isinstance(value, bool) else parameters.integer(name)
        if number is None:
            continue
        if number not in options:
            raise wrong(name, "is not included in the list", rule="inclusion")
        change[name] = number
    return change


def read_search(parameters: Parameters, *, name: str) -> MemberSearch:
    """Whom somebody looks for; `name` is the parameter with a part of any name.

    That one makes the two names on their own say nothing, as the vendor has it.
    """
    for field in ("lat_lng", "user_position"):
        if parameters.text(field, characters_max=_SPOT_CHARACTERS_MAX):
            raise wrong(field, "is nothing that members can be looked for by")
    term = _searched(parameters, name)
    return MemberSearch(
        name=term,
        username="" if term else _searched(parameters, "username"),
        real_name="" if term else _searched(parameters, "real_name"),
        gender=parameters.choice("gender", GENDERS) or "",
        location=_searched(parameters, "location"),
        description=_searched(parameters, "description"),
        age=_age(parameters),
        only_staff=parameters.flag("is_staff") or False,
        label_id=parameters.identifier("tag"),
        category_id=parameters.identifier("category"),
        excluded=_excluded(parameters),
        ordering=_ordering(parameters),
    )


def _searched(parameters: Parameters, field: str) -> str:
    maximum = limits.MEMBER_NAME_SEARCHED_CHARACTERS_MAX
    return (parameters.text(field, characters_max=maximum) or "").strip()


def _age(parameters: Parameters) -> str:
    # A plus in an address is a space, unless it was spelled out.
    age = (parameters.text("age", characters_max=_SPOT_CHARACTERS_MAX) or "").replace(" ", "+")
    if age and age not in AGES:
        raise wrong("age", "is not included in the list", rule="inclusion")
    return age


def _ordering(parameters: Parameters) -> str:
    options = [*ORDERINGS, *(f"-{name}" for name in ORDERINGS)]
    return parameters.choice("ordering", options) or ""


def _excluded(parameters: Parameters) -> frozenset[int]:
    text = parameters.get("exclude")
    if not isinstance(text, str):
        return frozenset(parameters.identifiers("exclude", items_max=limits.MEMBER_STATUSES_MAX))
    listed = text.split(",")
    if len(listed) > limits.MEMBER_STATUSES_MAX:
        raise wrong("exclude", f"has more than {limits.MEMBER_STATUSES_MAX} ids", rule="too_long")
    return frozenset(Parameters({"exclude": list(listed)}).identifiers("exclude"))
