"""Whom and what a text names: handles for looking accounts up, and tags for listing.

A handle says which account is meant, in one spelling. An account of this server has no domain
in its handle, however it was typed. Nobody is notified here, and nobody known.
"""

from typing import NamedTuple

from stonechat.domain.text.entities import Hashtag, Mention, extract
from stonechat.domain.text.hosts import canonical_host


class Handle(NamedTuple):
    """An account as texts name it: lower case, and no domain where it is ours."""

    username: str
    domain: str | None


def mentioned_handles(text: str, local_domain: str) -> tuple[Handle, ...]:
    """Every account that a text mentions, once, in the order of the text."""
    if "@" not in text:
        return ()
    ours = canonical_host(local_domain) or local_domain
    return tuple(
        dict.fromkeys(
            Handle(entity.username, None if entity.domain == ours else entity.domain)
            for entity in extract(text)
            if isinstance(entity, Mention)
        )
    )


def without_local_domain(text: str, local_domain: str) -> str:
    """The text as it is kept: accounts of this server are mentioned by their name alone.

    What is rendered and counted later then needs to know nothing of our domain.
    """
    if "@" not in text:
        return text
    ours = canonical_host(local_domain) or local_domain
    parts: list[str] = []
    position = 0
    for entity in extract(text):
        if isinstance(entity, Mention) and entity.domain == ours:
            name_end = entity.start + 1 + len(entity.username)
            parts.append(text[position:name_end])
            position = entity.end
    return "".join((*parts, text[position:]))


def hashtags(text: str) -> tuple[str, ...]:
    """The name of every tag of a text, once, in the order of the text."""
    if "#" not in text and "\uff03" not in text:
        return ()
    return tuple(
        dict.fromkeys(entity.name for entity in extract(text) if isinstance(entity, Hashtag))
    )
