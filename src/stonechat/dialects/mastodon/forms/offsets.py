"""Offsets: the paging of lists that are in order of merit, so that no id can lead through them."""

from typing import NamedTuple

from stonechat.http.parameters import Parameters

OFFSET_MAX = 10_000


class Span(NamedTuple):
    """Where a page begins, and how long it may be."""

    offset: int
    limit: int


def read_span(parameters: Parameters, page: tuple[int, int]) -> Span:
    """The part of a list that is asked for. `page` is the default and the largest limit."""
    offset = parameters.integer("offset") or 0
    limit = parameters.limit(default=page[0], maximum=page[1])
    return Span(min(max(offset, 0), OFFSET_MAX), limit)


def offset_links(url: str, parameters: Parameters, span: Span, found: int) -> dict[str, str]:
    """The Link header of a page of `found` items, empty where there is no other page."""
    kept = f"&limit={span.limit}" if "limit" in parameters else ""
    links: list[str] = []
    if found and found == span.limit:
        links.append(f'<{url}?offset={span.offset + span.limit}{kept}>; rel="next"')
    if span.offset:
        links.append(f'<{url}?offset={max(span.offset - span.limit, 0)}{kept}>; rel="prev"')
    return {"link": ", ".join(links)} if links else {}
