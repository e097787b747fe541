"""Readers: one request's fields, given out by type, with the leniency that clients rely on.

A number may come as text and an id as a number; `false`, `0` and `off` are false and all else
is true; null means not given. Wrong shapes are never bent: a list where one value is expected
is `InvalidInput`, because taking its first or last item let a check and its use disagree.
An id that cannot be one becomes `NO_ID`, which matches nothing, so that rubbish is simply not
found. Bounds of meaning (how long, which of) come from the caller and end in its own words.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from stonechat.http.parameters.characters import clean
from stonechat.http.parameters.fields import ITEMS_MAX, Fields, Json, too_many, wrong
from stonechat.http.parameters.multiparts import SpooledUpload, Upload
from stonechat.kernel.errors import InvalidInput, MissingParameter
from stonechat.kernel.ids import ID_MAX

NO_ID: Final = -1
"""Stands for what cannot be an id: no row has it, so a search for it finds nothing."""
INTEGER_MAX: Final = ID_MAX
ITEM_CHARACTERS_MAX: Final = 1_000

_FALSE: Final = frozenset({"0", "f", "F", "false", "FALSE", "off", "OFF"})
_NO_FILES: Final[Mapping[str, Upload]] = MappingProxyType({})
_NO_SPOOLED: Final[Mapping[str, SpooledUpload]] = MappingProxyType({})
# Sixteen digits hold 53 bits; `\d` would let full-width digits in.
_is_id: Final = re.compile("[0-9]{1,16}").fullmatch
_is_integer: Final = re.compile("-?[0-9]{1,16}").fullmatch
_is_limit: Final = re.compile("-?[0-9]+").fullmatch


def parse_id(text: str) -> int:
    """An id as a path spells it, or `NO_ID`."""
    if not _is_id(text):
        return NO_ID
    identifier = int(text)
    return identifier if identifier <= ID_MAX else NO_ID


class Parameters(Mapping[str, Json]):
    """The fields of one request. As a mapping it has only what was given, so no nulls."""

    __slots__ = ("_fields", "_files", "_path", "_spooled")

    def __init__(
        self,
        fields: Fields,
        files: Mapping[str, Upload] = _NO_FILES,
        path: str = "",
        *,
        spooled: Mapping[str, SpooledUpload] = _NO_SPOOLED,
    ) -> None:
        """`path` is the name under which nested fields stood, for messages."""
        self._fields = fields
        self._files = files
        self._path = path
        self._spooled = spooled

    def __getitem__(self, name: str) -> Json:
        value = self._fields[name]
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._fields.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return (name for name, value in self._fields.items() if value is not None)

    def __len__(self) -> int:
        return sum(value is not None for value in self._fields.values())

    @property
    def fields(self) -> Fields:
        """Everything as it was sent, for a dialect that bends nothing."""
        return self._fields

    def says(self, name: str) -> bool:
        """Whether a name was sent at all, be it with null: where null means "no longer"."""
        return name in self._fields

    def text(self, name: str, *, characters_max: int, default: str | None = None) -> str | None:
        """Text, which may be empty; a number is taken as its digits."""
        value = self._fields.get(name)
        return default if value is None else _text(value, self._label(name), characters_max)

    def exact(self, name: str, characters_max: int) -> str | None:
        """A text as it came, or InvalidInput where it is none, too long or not Unicode."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > characters_max:
            words = f"The parameter {name} must be one text of at most {characters_max}."
            raise InvalidInput(words)
        try:
            value.encode()
        except UnicodeEncodeError:
            words = f"The parameter {name} is not valid Unicode."
            raise InvalidInput(words, field=name) from None
        return value

    def required_text(self, name: str, *, characters_max: int) -> str:
        """Text that is there and not blank."""
        text = self.text(name, characters_max=characters_max)
        if text is None or not text.strip():
            raise MissingParameter(self._label(name))
        return text

    def flag(self, name: str) -> bool | None:
        """Yes, no, or not said; only the known spellings of false are false."""
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return value not in _FALSE
        if isinstance(value, (dict, list)):
            raise wrong(self._label(name), "must be true or false")
        return bool(value)

    def integer(self, name: str) -> int | None:
        """A whole number of at most 53 bits, with its sign; blank is not given."""
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            value = int(value) if _is_integer(value) else None
        elif isinstance(value, float):
            value = int(value) if value.is_integer() else None
        if type(value) is not int or abs(value) > INTEGER_MAX:
            raise wrong(self._label(name), "is not a whole number", rule="not_a_number")
        return value

    def limit(self, *, default: int = 20, maximum: int = 40) -> int:
        """How many are asked for: the sign is dropped, too many are cut, rubbish is none."""
        value = self._fields.get("limit")
        if value is None:
            return default
        if isinstance(value, (dict, list)):
            raise wrong(self._label("limit"), "is not a whole number", rule="not_a_number")
        if isinstance(value, str):
            # Cut before it is converted: four hundred digits are only a large number.
            value = int(value[:17]) if _is_limit(value) else 0
        elif isinstance(value, bool):
            value = 0
        return min(abs(int(value)), maximum)

    def identifier(self, name: str) -> int | None:
        """An id; blank is not given, and what cannot be one is `NO_ID`."""
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        return _identifier(value, self._label(name))

    def texts(
        self,
        name: str,
        *,
        items_max: int = ITEMS_MAX,
        characters_max: int = ITEM_CHARACTERS_MAX,
    ) -> list[str]:
        """A list of texts; one text alone is a list of one."""
        label = self._label(name)
        return [_text(item, label, characters_max) for item in self._items(name, items_max)]

    def identifiers(self, name: str, *, items_max: int = ITEMS_MAX) -> list[int]:
        """A list of ids; each that cannot be one is `NO_ID`."""
        label = self._label(name)
        return [_identifier(item, label) for item in self._items(name, items_max)]

    def nested(self, name: str) -> "Parameters":
        """The fields under a name; none of them when it is not given."""
        value = self._fields.get(name)
        if value is None or value == "":
            value = {}
        if not isinstance(value, dict):
            raise wrong(self._label(name), "must have named values")
        return Parameters(value, path=self._label(name))

    def records(self, name: str, *, items_max: int = ITEMS_MAX) -> "list[Parameters]":
        """A list of groups of fields, sent as a list or under the keys 0, 1, 2 and so on."""
        label = self._label(name)
        records: list[Parameters] = []
        for index, item in enumerate(self._items(name, items_max)):
            if not isinstance(item, dict):
                raise wrong(label, "must be a list of named values")
            records.append(Parameters(item, path=f"{label}[{index}]"))
        return records

    def choice(self, name: str, options: Collection[str]) -> str | None:
        """One of the options; blank is not given, and there is no nearest match."""
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or value not in options:
            raise wrong(self._label(name), "is not included in the list", rule="inclusion")
        return value

    def upload(self, name: str) -> Upload | None:
        """A file; text where a file belongs is an error, unless it is blank."""
        upload = self._files.get(name)
        if upload is None:
            self._ensure_no_text(name)
        return upload

    def spooled_upload(self, name: str) -> SpooledUpload | None:
        """The same for an operation that spools: the file lies on the disk."""
        upload = self._spooled.get(name)
        if upload is None:
            self._ensure_no_text(name)
        return upload

    def _ensure_no_text(self, name: str) -> None:
        if self._fields.get(name, "") not in (None, ""):
            raise wrong(self._label(name), "must be a file")

    def _label(self, name: str) -> str:
        return f"{self._path}[{name}]" if self._path else name

    def _items(self, name: str, items_max: int) -> list[Json]:
        """The items that say something. A blank one is how a form sends an empty list."""
        value = self._fields.get(name)
        if isinstance(value, dict):
            value = _in_order(value, self._label(name))
        elif not isinstance(value, list):
            value = [value]
        items: list[Json] = [item for item in value if item is not None and item != ""]
        if len(items) > items_max:
            raise too_many(self._label(name), items_max)
        return items


def _text(value: Json, label: str, characters_max: int) -> str:
    if isinstance(value, (bool, dict, list)) or value is None:
        raise wrong(label, "must be text")
    text = value if isinstance(value, str) else str(value)
    if len(text) > characters_max:
        words = f"is too long (maximum is {characters_max} characters)"
        raise wrong(label, words, rule="too_long")
    if "\0" in text:
        raise wrong(label, "contains a NUL character")
    return clean(text)


def _identifier(value: Json, label: str) -> int:
    if isinstance(value, str):
        return parse_id(value)
    if isinstance(value, (dict, list)):
        raise wrong(label, "must be one id")
    return value if type(value) is int and 0 <= value <= ID_MAX else NO_ID


def _in_order(numbered: Fields, label: str) -> list[Json]:
    """The values of `a[0]`, `a[1]` and so on by their numbers, whatever the gaps."""
    if not all(key.isascii() and key.isdigit() for key in numbered):
        raise wrong(label, "must be a list")
    return [numbered[key] for key in sorted(numbered, key=int)]
