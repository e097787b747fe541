"""Paging on the wire: `max_id`, `since_id`, `min_id` and `limit` in, a Link header out."""

import re
from typing import Final
from urllib.parse import quote

from stonechat.http.parameters import NO_ID, Parameters
from stonechat.kernel.paging import NO_UPPER, Cursor, Page

_PLAIN_URL: Final = re.compile(r"[A-Za-z0-9/:@._~\[\]-]*")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~-]*")
"""What nearly every value is made of: it needs no escaping, and escaping is not cheap."""


def read_cursor(parameters: Parameters, page: tuple[int, int], *, has_min: bool = True) -> Cursor:
    """Where the caller wants to read. `page` is the default and the largest limit.

    An id that is no id finds nothing: as an upper bound it leaves an empty page, as a lower one
    it is no bound.
    """
    limit = parameters.limit(default=page[0], maximum=page[1])
    below = parameters.identifier("max_id")
    above = parameters.identifier("min_id") if has_min else None
    upwards = above is not None
    if above is None:
        above = parameters.identifier("since_id")
    return Cursor(
        limit,
        NO_UPPER if below is None else 0 if below == NO_ID else below,
        max(above or 0, 0),
        upwards,
    )


def link_header(
    url: str,
    parameters: Parameters,
    page: Page[object],
    *,
    kept: tuple[str, ...] = (),
    previous: str = "min_id",
    only_full: bool = True,
) -> dict[str, str]:
    """The Link header of a page as a header mapping, empty for an empty page.

    `url` is not escaped yet: a tag in its path may be anything that somebody typed. `kept` names
    the filters of the request that the links repeat, `previous` is `since_id` on lists of
    accounts, and `only_full` leaves `next` out after a page that was not full.
    """
    if page.first_id is None:
        return {}
    if not _PLAIN_URL.fullmatch(url):
        url = quote(url, safe="/:@[]")
    links: list[str] = []
    if page.is_full or not only_full:
        links.append(f'<{_url(url, parameters, kept, "max_id", page.last_id)}>; rel="next"')
    links.append(f'<{_url(url, parameters, kept, previous, page.first_id)}>; rel="prev"')
    return {"link": ", ".join(links)}


def _url(
    url: str, parameters: Parameters, kept: tuple[str, ...], name: str, value: int | None
) -> str:
    if not parameters:
        return f"{url}?{name}={value}"
    pairs: list[tuple[str, str]] = [(name, str(value))]
    for each in (*kept, "limit"):
        given = parameters.get(each)
        if isinstance(given, list):
            pairs += [(f"{each}[]", _spelled(item)) for item in given]
        elif given is not None and not isinstance(given, dict):
            pairs.append((each, _spelled(given)))
    # The names are ours.
    query = "&".join(f"{key}={_escaped(text)}" for key, text in sorted(pairs))
    return f"{url}?{query}"


def _escaped(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe="")


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
