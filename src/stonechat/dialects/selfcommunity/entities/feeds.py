"""FeedUnseenCount: how much of a home was not seen. The units of feeds are joined in rendering."""

import msgspec

from stonechat.domain.feeds import Unseen
from stonechat.domain.ids import CategoryId


class CategoryCount(msgspec.Struct, frozen=True):
    """How much of it stands in one category."""

    id: CategoryId
    count: int


class UnseenCount(msgspec.Struct, frozen=True):
    """The vendor's FeedUnseenCount."""

    total: int
    count_by_category: list[CategoryCount]


def present_unseen(unseen: Unseen) -> UnseenCount:
    """The count on the wire."""
    return UnseenCount(unseen.total, [CategoryCount(*each) for each in unseen.by_category])
