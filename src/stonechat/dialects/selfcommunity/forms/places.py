"""Forms of places: `location` of a contribution, and what a search for a locality says."""

from typing import Final

from stonechat.domain.places import PLACE_CHARACTERS_MAX, Place, make_place
from stonechat.http.parameters import Parameters
from stonechat.http.parameters.fields import wrong

KEYS: Final = ("location", "lat", "lng")


def read_place(parameters: Parameters, name: str = "location") -> Place | None:
    """The place that a contribution names; None where it names none.

    It is null, or an object of which all three keys must be there, each of which may be null.
    """
    if name not in parameters:
        return None
    about = parameters.nested(name)
    for key in KEYS:
        if not about.says(key):
            raise wrong(f"{name}[{key}]", "is required", rule="required")
    return make_place(
        about.text("location", characters_max=PLACE_CHARACTERS_MAX),
        _number(about, name, "lat"),
        _number(about, name, "lng"),
    )


def _number(about: Parameters, name: str, key: str) -> float | None:
    """A number as JSON has it. Digits in quotes are refused: the document asks for a number."""
    value = about.fields[key]
    if value is None:
        return None
    if type(value) not in (int, float):
        raise wrong(f"{name}[{key}]", "must be a number")
    return value  # pyright: ignore[reportReturnType] - int or float, by the line above
