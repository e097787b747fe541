"""Feeds: lists of contributions, in the order in which a community reads them.

A page is asked for by how many and from where on. Who may see what, and whom somebody hides, is
part of the question in storage: so a page is full while there is more, and two pages of a list
that stands still have nothing in common and nothing between them.
"""

from typing import Final, NamedTuple

from stonechat.domain.ids import CategoryId
from stonechat.domain.views import Glance

RECENT: Final = "recent"
LAST_ACTIVITY: Final = "last_activity"
RELEVANCE: Final = "relevance"
ORDERS: Final = (RECENT, LAST_ACTIVITY)
CATEGORY_ORDERS: Final = (RECENT, LAST_ACTIVITY, RELEVANCE)


class Span(NamedTuple):
    """Which part of a list is asked for."""

    limit: int
    offset: int = 0


class Order(NamedTuple):
    """In which order: by the time of a contribution or of what happened to it last."""

    by_activity: bool = False
    is_rising: bool = False


class FeedPage(NamedTuple):
    """A part of a list, how many there are as far as that was counted, and whether more follow."""

    glances: list[Glance]
    total: int
    has_more: bool


class Unseen(NamedTuple):
    """How many of a home's newest were not seen yet, and how many of them in each category."""

    total: int
    by_category: list[tuple[CategoryId, int]]
