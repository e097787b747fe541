"""Pages: `limit` and `offset` in the query, `{count, next, previous, results}` in the answer.

`next` and `previous` are whole addresses, with `limit` before `offset`: the vendor's interface
reads the address as a query string and loses whatever stands first. `count` is exact up to
COUNTED_MAX; where there is more it says so many, and `next` leads on nevertheless.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

import msgspec

from stonechat.dialects.selfcommunity.calls import CommunityCall
from stonechat.http.operations import Answer
from stonechat.http.parameters.fields import wrong

LIMIT_DEFAULT: Final = 20
LIMIT_MAX: Final = 100
OFFSET_MAX: Final = 10_000
COUNTED_MAX: Final = 1_000
"""So many rows of a list are counted; services take it from domain/limits.py."""

_encode: Final = msgspec.json.Encoder().encode


class Window(NamedTuple):
    """Which part of a list is asked for. Services read one row more, to know of a next page."""

    limit: int
    offset: int

    @property
    def reach(self) -> int:
        """How many rows to read from the offset on: the page and one more."""
        return self.limit + 1


def read_window(
    call: CommunityCall, *, default: int = LIMIT_DEFAULT, maximum: int = LIMIT_MAX
) -> Window:
    """The part of a list that a request asks for; an offset beyond OFFSET_MAX is a fault."""
    offset = call.parameters.integer("offset") or 0
    if offset < 0 or offset > OFFSET_MAX:
        raise wrong("offset", f"must lie between 0 and {OFFSET_MAX}")
    return Window(max(1, call.parameters.limit(default=default, maximum=maximum)), offset)


def answer_page(
    call: CommunityCall, window: Window, rendered: Sequence[bytes], count: int, *, has_more: bool
) -> Answer:
    """A page of rendered objects."""
    return Answer(page_bytes(call, window, rendered, count, has_more=has_more))


def page_bytes(
    call: CommunityCall, window: Window, rendered: Sequence[bytes], count: int, *, has_more: bool
) -> bytes:
    """The same, as bytes."""
    limit, offset = window
    is_reachable = offset + limit <= OFFSET_MAX
    following = _address(call, limit, offset + limit) if has_more and is_reachable else b"null"
    preceding = _address(call, limit, max(0, offset - limit)) if offset else b"null"
    return b'{"count":%d,"next":%b,"previous":%b,"results":[%b]}' % (
        max(count, offset + len(rendered) + has_more) if rendered else count,
        following,
        preceding,
        b",".join(rendered),
    )


def answer_whole(rendered: Sequence[bytes]) -> Answer:
    """A list that is given whole, as clients that follow no `next` want it."""
    body = b'{"count":%d,"next":null,"previous":null,"results":[%b]}'
    return Answer(body % (len(rendered), b",".join(rendered)))


def answer_entities(call: CommunityCall, window: Window, found: Sequence[object]) -> Answer:
    """A page cut out of a list that is at hand whole."""
    limit, offset = window
    shown = [_encode(each) for each in found[offset : offset + limit]]
    has_more = len(found) > offset + limit
    return answer_page(call, window, shown, len(found), has_more=has_more)


def _address(call: CommunityCall, limit: int, offset: int) -> bytes:
    kept = [
        (name, value)
        for name, value in call.read_query().items()
        if name not in ("limit", "offset", "access_token") and isinstance(value, str)
    ]
    query = f"limit={limit}&offset={offset}"
    if kept:
        query += f"&{urlencode(kept)}"
    return _encode(f"{call.env.settings.base_url}{call.request.path}?{query}")
