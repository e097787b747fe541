"""Filter, FilterResult, their parts, and the filter of Mastodon's first API."""

import msgspec

from stonechat.dialects.mastodon.entities.times import instant_or_none
from stonechat.domain.filters import FilteredStatusView, FilterMatch, FilterView, KeywordView
from stonechat.domain.phrases import HIDE, PhraseView


class Filter(msgspec.Struct, frozen=True):
    """Mastodon's Filter as it stands inside a FilterResult."""

    id: str
    title: str
    context: list[str]
    expires_at: str | None
    filter_action: str


class FilterKeyword(msgspec.Struct, frozen=True):
    """One word or phrase of a filter."""

    id: str
    keyword: str
    whole_word: bool


class FilterStatus(msgspec.Struct, frozen=True):
    """One status that a filter names."""

    id: str
    status_id: str


class WholeFilter(Filter, frozen=True):
    """Mastodon's Filter as its owner is given it, with all that it looks for."""

    keywords: list[FilterKeyword]
    statuses: list[FilterStatus]


class PhraseFilter(msgspec.Struct, frozen=True):
    """Mastodon's V1::Filter; its id is the keyword's."""

    id: str
    phrase: str
    context: list[str]
    whole_word: bool
    expires_at: str | None
    irreversible: bool


class FilterResult(msgspec.Struct, frozen=True):
    """Why a status matches a filter."""

    filter: Filter
    keyword_matches: list[str] | None
    status_matches: list[str] | None


def present_filter(view: FilterView) -> Filter:
    """A filter without its keywords."""
    return Filter(
        str(view.id),
        view.title,
        list(view.contexts),
        instant_or_none(view.expires_ms),
        view.action,
    )


def present_whole_filter(view: FilterView) -> WholeFilter:
    """A filter with its keywords and statuses."""
    return WholeFilter(
        str(view.id),
        view.title,
        list(view.contexts),
        instant_or_none(view.expires_ms),
        view.action,
        [present_keyword(each) for each in view.keywords],
        [present_filtered_status(each) for each in view.statuses],
    )


def present_keyword(view: KeywordView) -> FilterKeyword:
    """A keyword on the wire."""
    return FilterKeyword(str(view.id), view.keyword, view.is_whole_word)


def present_filtered_status(view: FilteredStatusView) -> FilterStatus:
    """An entry for a status on the wire."""
    return FilterStatus(str(view.id), str(view.status_id))


def present_phrase(view: PhraseView) -> PhraseFilter:
    """A keyword as a filter of its own."""
    return PhraseFilter(
        str(view.keyword.id),
        view.keyword.keyword,
        list(view.filter.contexts),
        view.keyword.is_whole_word,
        instant_or_none(view.filter.expires_ms),
        view.filter.action == HIDE,
    )


def present_results(matches: list[FilterMatch]) -> list[FilterResult]:
    """Every filter that a status matches, with what matched."""
    return [
        FilterResult(
            present_filter(match.filter),
            list(match.keywords) or None,
            [str(status_id) for status_id in match.status_ids] or None,
        )
        for match in matches
    ]
