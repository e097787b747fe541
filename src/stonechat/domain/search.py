"""Search: what somebody typed into a search box, and what they may have meant by it.

A web address that was pasted means one thing of this server, if it is one of ours; other servers
are not asked. Anything else is the beginning of a name, or of a tag.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from stonechat.domain.ids import StatusId
from stonechat.domain.tags import TagView
from stonechat.domain.text.tags import normalise_tag
from stonechat.kernel.ids import ID_MAX

KINDS: Final = frozenset({"accounts", "statuses", "hashtags"})

_PROFILE: Final = re.compile(r"/(?:web/)?(?:@|users/)([A-Za-z0-9_]+)/?")
_STATUS: Final = re.compile(
    r"/(?:web/)?(?:@[A-Za-z0-9_]+|users/[A-Za-z0-9_]+/statuses|statuses)/([0-9]{1,16})"
    r"(?:/activity)?/?"
)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for, and among what. An offset counts within one kind only."""

    text: str
    kinds: frozenset[str]
    limit: int
    offset: int = 0
    resolves: bool = False
    only_followed: bool = False


class Address(NamedTuple):
    """What an address of this server names: an account, or a status."""

    username: str | None = None
    status_id: StatusId | None = None


def is_address(text: str) -> bool:
    """Whether somebody pasted an address rather than typed a name."""
    return text.startswith(("https://", "http://"))


def read_address(text: str, domain: str) -> Address | None:
    """What an address names here; None for those of others, and those that name nothing."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.netloc.lower() != domain.lower():
        return None
    if found := _STATUS.fullmatch(parts.path):
        return Address(status_id=StatusId(min(int(found[1]), ID_MAX)))
    found = _PROFILE.fullmatch(parts.path)
    return None if found is None else Address(username=found[1])


def read_tag_beginning(text: str) -> str | None:
    """The beginning of a tag's name; None where the text can be none."""
    typed = text.removeprefix("#")
    if "@" in typed or len(typed.split()) != 1:
        return None
    return normalise_tag(typed)


def order_tags(found: list[TagView], typed: str) -> list[TagView]:
    """The tag that was typed in full first, then those that most people use of late."""

    def key(tag: TagView) -> tuple[bool, int, str]:
        return tag.name != typed, -sum(day.accounts for day in tag.history), tag.name

    return sorted(found, key=key)
