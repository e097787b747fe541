"""Phrases: filters as Mastodon's first API has them, each with one keyword and nothing else.

A phrase is a keyword of a filter, under the keyword's id. What it does (where, how, until when)
belongs to the whole filter, so it cannot be changed through a phrase that has siblings: the
client does not show them, and would change them unseen.
"""

from dataclasses import dataclass, replace
from typing import Final

from stonechat.domain import limits
from stonechat.domain.filters import (
    Expiry,
    FilterChange,
    FilterView,
    KeywordChange,
    KeywordView,
    changed_filter,
)
from stonechat.kernel.errors import InvalidInput

HIDE: Final = "hide"
WARN: Final = "warn"


@dataclass(frozen=True, slots=True)
class PhraseView:
    """A keyword with the filter that it stands for."""

    filter: FilterView
    keyword: KeywordView


@dataclass(frozen=True, slots=True)
class PhraseChange:
    """What is to become of a phrase. None leaves a part as it is."""

    phrase: str | None = None
    is_whole_word: bool | None = None
    contexts: tuple[str, ...] | None = None
    is_hiding: bool | None = None
    expiry: Expiry | None = None


def phrases_of(view: FilterView) -> list[PhraseView]:
    """Each keyword of a filter for itself."""
    return [PhraseView(view, keyword) for keyword in view.keywords]


def filter_for_phrase(change: PhraseChange) -> FilterChange:
    """The filter that a new phrase makes; it is called like the phrase."""
    phrase = change.phrase or ""
    if not phrase:
        raise InvalidInput("Validation failed: Phrase can't be blank", field="phrase", rule="blank")
    return FilterChange(
        title=_title(phrase),
        contexts=change.contexts or (),
        action=HIDE if change.is_hiding else WARN,
        expiry=change.expiry,
        keywords=(KeywordChange(None, phrase, change.is_whole_word),),
    )


def change_through_phrase(
    before: FilterView, keyword_id: int, change: PhraseChange, now_ms: int
) -> FilterChange:
    """What a change of a phrase is for its filter; InvalidInput when it would touch siblings."""
    own = before.keyword(keyword_id)
    shared = FilterChange(
        contexts=change.contexts, action=_action(before, change), expiry=change.expiry
    )
    if len(before.keywords) > 1:
        # No id is made here: a change without keywords needs none.
        if changed_filter(before, shared, now_ms, lambda: 0) != before:
            raise InvalidInput(
                "These parameters cannot be changed from this application because they apply to"
                " more than one filter keyword. Use a more recent application or the web."
            )
    elif change.phrase and before.title == _title(own.keyword):
        shared = replace(shared, title=_title(change.phrase))
    words = KeywordChange(keyword_id, change.phrase, change.is_whole_word)
    return replace(shared, keywords=(words,))


def _action(before: FilterView, change: PhraseChange) -> str | None:
    """The action. Not to hide is to warn, but a filter that blurs goes on to blur."""
    if change.is_hiding is None:
        return None
    if change.is_hiding:
        return HIDE
    return WARN if before.action == HIDE else before.action


def _title(phrase: str) -> str:
    return phrase[: limits.FILTER_TITLE_CHARACTERS_MAX]
