"""Pages of lists: `limit` and `cursor` in the query, the next page as a Link header.

A cursor is opaque to callers, though it is a number: the last thing of the page before.
"""

from stonechat.dialects.stativate.calls import StativateCall
from stonechat.http.parameters import NO_ID, Parameters
from stonechat.kernel.errors import InvalidInput


def read_query(call: StativateCall) -> Parameters:
    """What the query of the address says, and nothing else; a name may stand there once."""
    raw: bytes = call.request.scope["query_string"]
    names = [pair.partition(b"=")[0] for pair in raw.split(b"&") if pair]
    if len(set(names)) != len(names):
        raise InvalidInput("A name stands twice in the query", field="query")
    return Parameters(call.read_query())


def read_limit(query: Parameters, page: tuple[int, int]) -> int:
    """How many are asked for, at least one; `page` is the default and the largest number."""
    return max(1, query.limit(default=page[0], maximum=page[1]))


def read_cursor(query: Parameters) -> int | None:
    """Where the page before ended; None at the beginning."""
    cursor = query.identifier("cursor")
    if cursor == NO_ID:
        raise InvalidInput("The cursor is none that was given out here", field="cursor")
    return cursor


def link_next(call: StativateCall, cursor: int | None, limit: int) -> dict[str, str]:
    """The header that leads to the next page; none where there is no more."""
    if cursor is None:
        return {}
    url = f"{call.env.settings.base_url}{call.request.path}?cursor={cursor}&limit={limit}"
    return {"link": f'<{url}>; rel="next"'}
