"""Filters: words and statuses that somebody would rather not meet.

The server only says which filters a status matches; hiding is the client's business, in every
context and with every action. Expired filters match nothing. Words are looked for by plain
search in a text whose word borders are marked: a pattern made of somebody's keywords could be
made to take long, and every reader with many filters would wait for it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.ids import StatusId
from stonechat.kernel.errors import InvalidInput, NotFound

CONTEXTS: Final = ("home", "notifications", "public", "thread", "account")
ACTIONS: Final = ("warn", "hide", "blur")
SEARCHED_CHARACTERS_MAX: Final = 8192
"""How much of a status is searched: sixteen times what people may write in plain letters."""

_EDGE: Final = "\0"
"""Stands at every border of a word; no text that we keep has one of its own."""
_BORDER: Final = re.compile(r"\b")


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

    def keyword(self, keyword_id: int) -> KeywordView:
        """One of the keywords; NotFound when it is not of this filter."""
        for each in self.keywords:
            if each.id == keyword_id:
                return each
        raise NotFound

    def with_keywords(self, *keywords: KeywordView) -> "FilterView":
        """The filter with these keywords instead of those with their ids, or besides them."""
        known = {each.id: each for each in self.keywords}
        known.update((each.id, each) for each in keywords)
        return replace(self, keywords=tuple(known.values()))

    def without_keyword(self, keyword_id: int) -> "FilterView":
        """The filter without one of its keywords; NotFound when it has none with this id."""
        gone = self.keyword(keyword_id)
        return replace(self, keywords=tuple(each for each in self.keywords if each != gone))

    def status(self, filtered_id: int) -> FilteredStatusView:
        """One of the entries for a status; NotFound when it is not of this filter."""
        for each in self.statuses:
            if each.id == filtered_id:
                return each
        raise NotFound


@dataclass(frozen=True, slots=True)
class FilterMatch:
    """A filter and what of it was found in one status."""

    filter: FilterView
    keywords: tuple[str, ...]
    status_ids: tuple[StatusId, ...]


class Expiry(NamedTuple):
    """After how many seconds a filter ends; None means never."""

    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class KeywordChange:
    """A keyword to add (no id), to reword, or to take away. None leaves a part as it is."""

    id: int | None = None
    keyword: str | None = None
    is_whole_word: bool | None = None
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class FilterChange:
    """What is to become of a filter. None leaves a part as it is."""

    title: str | None = None
    contexts: tuple[str, ...] | None = None
    action: str | None = None
    expiry: Expiry | None = None
    keywords: tuple[KeywordChange, ...] = ()


NewId = Callable[[], int]


def new_filter(change: FilterChange, now_ms: int, new_id: NewId) -> FilterView:
    """A filter that did not exist before; title and contexts cannot be left out."""
    blank = FilterView(new_id(), "", (), ACTIONS[0], None)
    return changed_filter(
        blank,
        replace(change, title=change.title or "", contexts=change.contexts or ()),
        now_ms,
        new_id,
    )


def changed_filter(
    before: FilterView, change: FilterChange, now_ms: int, new_id: NewId
) -> FilterView:
    """The filter after a change, or InvalidInput; NotFound for a keyword that it has not."""
    after = before
    if change.title is not None:
        after = replace(after, title=_check_title(change.title))
    if change.contexts is not None:
        after = replace(after, contexts=_check_contexts(change.contexts))
    if change.action is not None:
        after = replace(after, action=_check_action(change.action))
    if change.expiry is not None:
        after = replace(after, expires_ms=_end(change.expiry, now_ms))
    for each in change.keywords:
        after = _with_change(after, each, new_id)
    if len(after.keywords) > limits.FILTER_KEYWORDS_MAX:
        raise _refuse("Keywords", f"are too many (maximum is {limits.FILTER_KEYWORDS_MAX})")
    return after


def _with_change(view: FilterView, change: KeywordChange, new_id: NewId) -> FilterView:
    if change.id is None:
        if change.is_removed:
            return view
        keyword = check_keyword(change.keyword or "")
        is_whole_word = change.is_whole_word is not False
        return view.with_keywords(KeywordView(new_id(), keyword, is_whole_word))
    if change.is_removed:
        return view.without_keyword(change.id)
    return view.with_keywords(changed_keyword(view.keyword(change.id), change))


def changed_keyword(before: KeywordView, change: KeywordChange) -> KeywordView:
    """A keyword after a change, or InvalidInput."""
    after = before
    if change.keyword is not None:
        after = replace(after, keyword=check_keyword(change.keyword))
    if change.is_whole_word is not None:
        after = replace(after, is_whole_word=change.is_whole_word)
    return after


def ensure_room(filters: int, items: int) -> None:
    """InvalidInput when an account would have more filters, or more in them, than it may."""
    if filters > limits.FILTERS_MAX:
        raise InvalidInput(f"Validation failed: You can have at most {limits.FILTERS_MAX} filters")
    if items > limits.FILTER_ITEMS_PER_ACCOUNT_MAX:
        maximum = limits.FILTER_ITEMS_PER_ACCOUNT_MAX
        raise InvalidInput(
            f"Validation failed: All your filters together can name at most {maximum} keywords"
            " and posts"
        )


def check_keyword(keyword: str) -> str:
    """The keyword as given, or InvalidInput."""
    if not keyword.strip():
        raise _refuse("Keyword", "can't be blank", "blank")
    maximum = limits.FILTER_KEYWORD_CHARACTERS_MAX
    if len(keyword) > maximum:
        raise _refuse("Keyword", f"is too long (maximum is {maximum} characters)", "too_long")
    return keyword


def _check_title(title: str) -> str:
    if not title:
        raise _refuse("Title", "can't be blank", "blank")
    maximum = limits.FILTER_TITLE_CHARACTERS_MAX
    if len(title) > maximum:
        raise _refuse("Title", f"is too long (maximum is {maximum} characters)", "too_long")
    return title


def _check_contexts(contexts: tuple[str, ...]) -> tuple[str, ...]:
    if not contexts or not set(contexts) <= set(CONTEXTS):
        raise _refuse("Context", "None or invalid context supplied")
    return tuple(each for each in CONTEXTS if each in contexts)


def _check_action(action: str) -> str:
    if action not in ACTIONS:
        raise _refuse("Action", "is not included in the list", "inclusion")
    return action


def _end(expiry: Expiry, now_ms: int) -> int | None:
    if expiry.seconds is None:
        return None
    if abs(expiry.seconds) > limits.FILTER_SECONDS_MAX:
        raise _refuse("Expires in", "is too far away")
    # An end in the past is kept: Phanpy sends one with every change of a filter that is over.
    return now_ms + expiry.seconds * 1000


def _refuse(subject: str, words: str, rule: str = "invalid") -> InvalidInput:
    field = subject.lower().replace(" ", "_")
    return InvalidInput(f"Validation failed: {subject} {words}", field=field, rule=rule)


class _Needle(NamedTuple):
    view: KeywordView
    text: str


class Matcher:
    """An account's filters, made ready to look through many statuses."""

    __slots__ = ("_filters",)

    def __init__(self, filters: Sequence[FilterView], now_ms: int) -> None:
        self._filters = [
            (each, [_needle(keyword) for keyword in each.keywords])
            for each in filters
            if each.expires_ms is None or each.expires_ms > now_ms
        ]

    def match(self, status_id: StatusId, words: str) -> list[FilterMatch]:
        """Which filters one status matches, by its words or by name."""
        plain = _fold(words[:SEARCHED_CHARACTERS_MAX])
        marked = _BORDER.sub(_EDGE, plain)
        matches: list[FilterMatch] = []
        for each, needles in self._filters:
            found = tuple(
                needle.view.keyword
                for needle in needles
                if needle.text in (marked if needle.view.is_whole_word else plain)
            )
            named = tuple(s.status_id for s in each.statuses if s.status_id == status_id)
            if found or named:
                matches.append(FilterMatch(each, found, named))
        return matches


def _fold(text: str) -> str:
    """The text without the difference of upper and lower case, and of two ways to write ä."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _needle(keyword: KeywordView) -> _Needle:
    """What to search for. A keyword that ends in a sign, such as C++, has no border there."""
    text = _fold(keyword.keyword)
    return _Needle(keyword, _BORDER.sub(_EDGE, text) if keyword.is_whole_word else text)
