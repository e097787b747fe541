"""Properties: what a body says of a beacon, in Stativate's names, as a form of the domain.

A name that is no property, null, and a value of another JSON type are refused, never dropped or
bent: a program that writes `colour` or `"3"` has a fault that its author should see. What the
query of the address says is no property. Bounds of length and number are the domain's.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from stonechat.domain import limits
from stonechat.domain.beacons import OWNER, BeaconForm, Preset
from stonechat.http.parameters import Fields, Json
from stonechat.kernel.errors import InvalidInput

T = TypeVar("T")

_OWNER_ALIAS: Final = "owners"
"""As the vendor's own examples have it; understood, never said."""


def read_form(fields: Fields) -> BeaconForm:
    """What somebody wants of a beacon; InvalidInput for what is no property, or no value of it."""
    parts: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in _PROPERTIES:
            raise unknown(name)
        part, read = _PROPERTIES[name]
        parts[part] = read(value, name)
    return BeaconForm(**parts)


def ensure_known(fields: Fields, *names: str) -> None:
    """InvalidInput where a body says something else than these."""
    for name in fields:
        if name not in names:
            raise unknown(name)


def unknown(name: str) -> InvalidInput:
    """The complaint about a name that stands for nothing; it may be as long as it likes."""
    return InvalidInput("This property does not exist or cannot be set", field=name[:100])


def read_text(value: Json, name: str) -> str:
    """A text."""
    if type(value) is not str:
        raise _wrong(name, "text")
    return value


def read_whole(value: Json, name: str) -> int:
    """A whole number, which JSON has no type of its own for: 3.0 is none here."""
    if type(value) is not int:
        raise _wrong(name, "a whole number")
    return value


def read_flag(value: Json, name: str) -> bool:
    """Yes or no."""
    if type(value) is not bool:
        raise _wrong(name, "true or false")
    return value


def read_list(value: Json, name: str, read: Callable[[Json, str], T]) -> list[T]:
    """A list of so many things of one type as any field may have."""
    if type(value) is not list:
        raise _wrong(name, "a list")
    return [read(each, name) for each in value]


def _wrong(name: str, what: str) -> InvalidInput:
    return InvalidInput(f"The {name} has to be {what}", field=name, rule="type")


def _read_access(value: Json, name: str) -> str:
    word = read_text(value, name)
    return OWNER if word == _OWNER_ALIAS else word


def _read_presets(value: Json, name: str) -> tuple[Preset, ...]:
    if isinstance(value, list) and len(value) > limits.BEACON_PRESETS_MAX:
        most = limits.BEACON_PRESETS_MAX
        raise InvalidInput(f"There may be {most} presets at most", field=name, rule="size")
    return tuple(read_list(value, name, _read_preset))


def _read_preset(value: Json, name: str) -> Preset:
    if not isinstance(value, dict):
        return Preset(read_text(value, name))
    if "value" not in value or not value.keys() <= {"value", "colorNo"}:
        raise _wrong(name, "a list of values, or of objects with value and colorNo")
    color_no = read_whole(value["colorNo"], name) if "colorNo" in value else None
    return Preset(read_text(value["value"], name), color_no)


_PROPERTIES: Final[Mapping[str, tuple[str, Callable[[Json, str], object]]]] = {
    "name": ("name", read_text),
    "type": ("type", read_text),
    "value": ("value", read_text),
    "accessType": ("access", read_text),
    "description": ("description", read_text),
    "colorNo": ("color_no", read_whole),
    "accessTypeUserList": ("users_access", _read_access),
    "accessTypeHistory": ("history_access", _read_access),
    "presets": ("presets", _read_presets),
    "staleAfter": ("stale_after_s", read_whole),
    "announce": ("announces", read_text),
    "hearsAnswers": ("hears_answers", read_flag),
}
"""The wire's name of each property, the form's name, and how it is read."""
