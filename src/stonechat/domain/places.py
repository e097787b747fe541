"""Places: where something was said, and the words by which such a place is found again.

A place is a name, a spot on the globe, or both. A spot is rounded where it comes in, so that
nothing finer is ever kept. For comparing, a name is folded like those of people: capitals
and accents make no difference, and what is folded is never shown.
"""

import re
from typing import Final, NamedTuple

from stonechat.domain.names import WORD_CHARACTERS_MAX, WORDS_PER_SEARCH_MAX, fold
from stonechat.domain.text.cleaning import clean_name
from stonechat.kernel.errors import InvalidInput

PLACE_CHARACTERS_MAX: Final = 255
PLACE_DECIMALS: Final = 5
"""Of a degree: about a metre."""
LATITUDE_MAX: Final = 90
LONGITUDE_MAX: Final = 180
PLACE_WORDS_MAX: Final = 8
"""So many words of a name lead to it."""

_words: Final = re.compile(r"\w+").findall


class Place(NamedTuple):
    """Where something was said, as far as that was told."""

    location: str | None
    lat: float | None
    lng: float | None


class KnownPlace(NamedTuple):
    """A place that has a name and lies somewhere: one that others may be offered."""

    name: str
    lat: float
    lng: float

    @property
    def identity(self) -> tuple[str, float, float]:
        """What tells it from others."""
        return self.key, self.lat, self.lng

    @property
    def key(self) -> str:
        """The name for comparing."""
        return fold(self.name)[:PLACE_CHARACTERS_MAX]

    @property
    def words(self) -> tuple[str, ...]:
        """The words by whose beginnings it is found; never none."""
        found = read_words(self.name)
        return found[:PLACE_WORDS_MAX] or (self.key[:WORD_CHARACTERS_MAX],)


def make_place(location: str | None, lat: float | None, lng: float | None) -> Place | None:
    """The place as it will be kept; None where nothing is said of one. Or InvalidInput."""
    name = None if location is None else clean_name(location, field="location") or None
    if name is not None and len(name) > PLACE_CHARACTERS_MAX:
        words = f"is too long (maximum is {PLACE_CHARACTERS_MAX} characters)"
        raise _wrong("location", words, rule="too_long")
    place = Place(name, _degrees("lat", lat, LATITUDE_MAX), _degrees("lng", lng, LONGITUDE_MAX))
    return None if place == (None, None, None) else place


def known_place(place: Place | None) -> KnownPlace | None:
    """What others may be offered of a place; None where its name or its spot is not known."""
    if place is None or place.location is None or place.lat is None or place.lng is None:
        return None
    return KnownPlace(place.location, place.lat, place.lng)


def read_words(text: str) -> tuple[str, ...]:
    """The words of a name, for comparing, each once."""
    return tuple(dict.fromkeys(word[:WORD_CHARACTERS_MAX] for word in _words(fold(text))))


def read_search(text: str) -> tuple[str, ...]:
    """What a search for places looks for: each of these begins a word of the name."""
    return read_words(text)[:WORDS_PER_SEARCH_MAX]


def _degrees(field: str, value: float | None, maximum: int) -> float | None:
    if value is None:
        return None
    # NaN is not between anything.
    if not -maximum <= value <= maximum:
        raise _wrong(field, f"must lie between -{maximum} and {maximum}")
    # Minus zero is zero: two rows would be one place.
    return round(float(value), PLACE_DECIMALS) + 0.0


def _wrong(field: str, words: str, *, rule: str = "invalid") -> InvalidInput:
    message = f"Validation failed: {field.capitalize()} {words}"
    return InvalidInput(message, field=f"location[{field}]", rule=rule)
