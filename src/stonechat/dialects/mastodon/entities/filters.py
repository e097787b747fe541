"""Filter and FilterResult."""

import msgspec

from stonechat.dialects.mastodon.entities.times import instant_or_none
from stonechat.domain.filters import FilterMatch, FilterView


class Filter(msgspec.Struct, frozen=True):
    """Mastodon's Filter as it stands inside a FilterResult."""

    id: str
    title: str
    context: list[str]
    expires_at: str | None
    filter_action: str


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
