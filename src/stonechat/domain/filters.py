"""Filters: words and statuses that somebody would rather not meet.

The server only says which filters a status matches; hiding is the client's business, in every
context and with every action. Expired filters match nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from stonechat.domain.ids import StatusId

CONTEXTS = ("home", "notifications", "public", "thread", "account")
ACTIONS = ("warn", "hide", "blur")


@dataclass(frozen=True, slots=True)
class KeywordView:
    """One word or phrase of a filter."""

    id: int
    keyword: str
    is_whole_word: bool


@dataclass(frozen=True, slots=True)
class FilteredStatusView:
    """One status that a filter names."""

    id: int
    status_id: StatusId


@dataclass(frozen=True, slots=True)
class FilterView:
    """A filter with all that it looks for."""

    id: int
    title: str
    contexts: tuple[str, ...]
    action: str
    expires_ms: int | None
    keywords: tuple[KeywordView, ...] = ()
    statuses: tuple[FilteredStatusView, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterMatch:
    """A filter and what of it was found in one status."""

    filter: FilterView
    keywords: tuple[str, ...]
    status_ids: tuple[StatusId, ...]


@lru_cache(maxsize=4096)
def _pattern(keyword: str, *, is_whole_word: bool) -> re.Pattern[str]:
    text = re.escape(keyword)
    if is_whole_word:
        # A border only where the keyword itself ends in a letter: "C++" has none at its end.
        head = r"\b" if keyword[:1].isalnum() else ""
        tail = r"\b" if keyword[-1:].isalnum() else ""
        text = f"{head}{text}{tail}"
    return re.compile(text, re.IGNORECASE)


def match_status(
    filters: Sequence[FilterView], status_id: StatusId, words: str, now_ms: int
) -> list[FilterMatch]:
    """Which filters one status matches, by its words or by name."""
    matches: list[FilterMatch] = []
    for each in filters:
        if each.expires_ms is not None and each.expires_ms <= now_ms:
            continue
        keywords = tuple(
            keyword.keyword
            for keyword in each.keywords
            if _pattern(keyword.keyword, is_whole_word=keyword.is_whole_word).search(words)
        )
        named = tuple(s.status_id for s in each.statuses if s.status_id == status_id)
        if keywords or named:
            matches.append(FilterMatch(each, keywords, named))
    return matches
