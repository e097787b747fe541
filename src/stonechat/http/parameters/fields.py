"""Fields: the one shape that every way of sending parameters is brought into, and its bounds.

A field is text, a number, a boolean, null, a list or a dictionary, however it was sent; forms
know only text, lists and dictionaries. `measure` holds the bounds for all of them. A list that
is too long is a fault of one field and names it (`InvalidInput`); too many names or too many
levels are faults of the whole request (`MalformedRequest`).
"""

from typing import Final, TypeAlias

from stonechat.kernel.errors import InvalidInput, MalformedRequest

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Fields: TypeAlias = dict[str, Json]

TEXT_BYTES_MAX: Final = 2 * 1024 * 1024
"""Of a JSON document, of a form, and of all text in a multipart body."""
VALUES_MAX: Final = 50_000
"""In one JSON document, counted before anything is allocated for them."""
PAIRS_MAX: Final = 20_000
"""In one form, counted likewise."""
FIELDS_MAX: Final = 1_000
ITEMS_MAX: Final = 1_000
NAME_CHARACTERS_MAX: Final = 200
NESTING_DEPTH_MAX: Final = 5
"""`a[b][c][d][e]` is five deep, and so is `a[b][c][d][]`."""


def measure(fields: Fields) -> int:
    """Refuse fields that are too many, too long or too deep; give the number of all names."""
    names = len(fields)
    if names > FIELDS_MAX:
        raise MalformedRequest("The request has too many parameters")
    for name, value in fields.items():
        _ensure_short(name)
        if isinstance(value, (dict, list)):
            names += _measure_nested(value, name, depth=2)
    return names


def _measure_nested(container: Fields | list[Json], field: str, *, depth: int) -> int:
    if depth > NESTING_DEPTH_MAX:
        raise MalformedRequest("The parameters are nested too deeply")
    if len(container) > ITEMS_MAX:
        raise too_many(field, ITEMS_MAX)
    names = 0
    if isinstance(container, dict):
        names = len(container)
        for name in container:
            _ensure_short(name)
        container = list(container.values())
    for value in container:
        if isinstance(value, (dict, list)):
            names += _measure_nested(value, field, depth=depth + 1)
    return names


def _ensure_short(name: str) -> None:
    if len(name) > NAME_CHARACTERS_MAX:
        raise MalformedRequest("The name of a parameter is too long")


def merge(query: Fields, body: Fields) -> Fields:
    """One set of fields; the body wins, except where it says null, which means not given."""
    if not query:
        return body
    if not body:
        return query
    return query | {name: value for name, value in body.items() if value is not None}


def wrong(field: str, words: str, *, rule: str = "invalid") -> InvalidInput:
    """The complaint about one field, in a sentence: `words` follow its name."""
    name = field.rpartition("[")[2].rstrip("]") or field
    subject = name[:1].upper() + name[1:].replace("_", " ")
    return InvalidInput(
        f"Validation failed: {subject} {words}", field=field, rule=rule, description=words
    )


def too_many(field: str, items_max: int) -> InvalidInput:
    """The complaint about a list that is longer than its bound."""
    return wrong(field, f"has too many items (maximum is {items_max})", rule="too_long")
