"""Short lists: those that are at hand whole, such as reactions and preferences.

Clients ask for them once, without a limit, and follow no `next`: then they get everything. They
are searched and ordered here, not in SQL. What can grow does not belong here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from stonechat.dialects.selfcommunity.calls import CommunityCall
from stonechat.dialects.selfcommunity.pages import answer_entities, answer_whole, read_window
from stonechat.domain import limits
from stonechat.domain.names import fold
from stonechat.http.operations import Answer

T = TypeVar("T")
Key = Callable[[Any], Any]

_encode = msgspec.json.Encoder().encode


def read_search(call: CommunityCall, name: str = "search") -> str:
    """What is searched for, for comparing; empty where nothing is."""
    text = call.parameters.text(name, characters_max=limits.SEARCH_CHARACTERS_MAX)
    return fold(text or "").strip()


def fits(search: str, *texts: str) -> bool:
    """Whether what is searched for stands in one of the texts."""
    return not search or any(search in fold(text) for text in texts)


def in_order(
    call: CommunityCall, found: Sequence[T], keys: Mapping[str, Key], default: Key
) -> list[T]:
    """What was found, in the order that is asked for; `-` before its name turns it round."""
    options = [name for key in keys for name in (key, f"-{key}")]
    asked = call.parameters.choice("ordering", options)
    if asked is None:
        return sorted(found, key=default)
    return sorted(found, key=keys[asked.removeprefix("-")], reverse=asked.startswith("-"))


def answer_short(call: CommunityCall, found: Sequence[object]) -> Answer:
    """The list: whole, or the part of it that is asked for."""
    if "limit" in call.parameters or "offset" in call.parameters:
        return answer_entities(call, read_window(call), found)
    return answer_whole([_encode(each) for each in found])
