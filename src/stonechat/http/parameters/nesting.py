"""Nesting: from `poll[options][]=x` to lists and dictionaries, as Rails reads them.

`a[]` adds to a list, `a[b]` sets a key, `a[][b]` fills the last dictionary of a list and opens
a new one when `b` is there already, and a plain name that repeats keeps its last value.
A number between brackets is a key like any other: `a[999999999]=` makes a dictionary with one
entry, never a list of that length. What is no such path is a plain, if odd, name.
"""

from collections.abc import Iterable
from typing import cast

from stonechat.http.parameters.fields import (
    NAME_CHARACTERS_MAX,
    NESTING_DEPTH_MAX,
    Fields,
    Json,
    measure,
    wrong,
)
from stonechat.kernel.errors import InvalidInput, MalformedRequest


def nest(pairs: Iterable[tuple[str, str]]) -> Fields:
    """The fields that pairs of name and text stand for, within the bounds."""
    fields: Fields = {}
    for name, text in pairs:
        if "[" in name:
            _place(fields, _path(name), text)
        elif isinstance(fields.get(name, text), str):
            fields[name] = text
        else:
            raise _conflict(name)
    measure(fields)
    return fields


def _path(name: str) -> list[str]:
    """`a[b][]` as its three steps; a list item is the empty step."""
    # Both bounds hold before the work: two megabytes of brackets are half a million steps.
    if len(name) > NAME_CHARACTERS_MAX:
        raise MalformedRequest("The name of a parameter is too long")
    head, _, rest = name.partition("[")
    if not head or not rest.endswith("]") or "[][]" in name:
        return [name]
    path = [head, *rest[:-1].split("][")]
    if name.count("[") != len(path) - 1 or name.count("]") != len(path) - 1:
        return [name]
    if len(path) > NESTING_DEPTH_MAX:
        raise MalformedRequest("The parameters are nested too deeply")
    return path


def _place(fields: Fields, path: list[str], text: str) -> None:
    name, rest = path[0], path[1:]
    if not rest:
        if not isinstance(fields.get(name, text), str):
            raise _conflict(name)
        fields[name] = text
    elif rest[0]:
        inner = fields.setdefault(name, {})
        if not isinstance(inner, dict):
            raise _conflict(name)
        _place(inner, rest, text)
    else:
        items = fields.setdefault(name, [])
        if not isinstance(items, list):
            raise _conflict(name)
        _add(items, rest[1:], text)


def _add(items: list[Json], path: list[str], text: str) -> None:
    if not path:
        items.append(text)
        return
    last = items[-1] if items else None
    if not isinstance(last, dict) or _holds(last, path):
        last = cast("Fields", {})
        items.append(last)
    _place(last, path, text)


def _holds(record: Fields, path: list[str]) -> bool:
    """Whether a record has a value at a path already. A list in it takes one more."""
    here: Json = record
    for step in path:
        if not isinstance(here, dict) or step not in here:
            return False
        here = here[step]
    return True


def _conflict(name: str) -> InvalidInput:
    return wrong(name, "is given in two different shapes")
