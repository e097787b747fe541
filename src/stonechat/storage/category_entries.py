"""Category entries in SQL: which contributions stand in which category's feed, and in what order.

They are written with the contribution itself, and go with it. The category's own row is not
touched by them.
"""

from collections.abc import Sequence
from typing import Final

from stonechat.domain.heat import heat_of
from stonechat.domain.ids import CategoryId, StatusId
from stonechat.domain.policies import Visibility
from stonechat.domain.statuses import Status
from stonechat.kernel.ids import ms_of_id
from stonechat.storage.statuses import Statement

_ENTER: Final = (
    "INSERT INTO category_entries (category_id, status_id, is_open, heat_ms, activity_ms)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
)
_LEAVE: Final = "DELETE FROM category_entries WHERE status_id = $1"
_HEAT: Final = "UPDATE category_entries SET heat_ms = $2 WHERE status_id = $1"
_STIR: Final = (
    "UPDATE category_entries SET activity_ms = $2 WHERE status_id = $1 AND activity_ms < $2"
)


def entering(status: Status, categories: Sequence[CategoryId]) -> list[Statement]:
    """The statements that put a contribution into the feeds of categories."""
    if not status.is_contribution or status.visibility == Visibility.DIRECT:
        return []
    is_open = int(status.visibility <= Visibility.UNLISTED)
    heat_ms = heat_of(status.id, status.votes)
    activity_ms = status.activity_ms or ms_of_id(status.id)
    return [
        (_ENTER, (category_id, status.id, is_open, heat_ms, activity_ms))
        for category_id in categories
    ]


def leaving(status_id: StatusId) -> Statement:
    """The statement that takes a contribution out of every category's feed."""
    return _LEAVE, (status_id,)


def heating(status_id: StatusId, votes: int) -> Statement:
    """The statement that moves a contribution to where its votes belong."""
    return _HEAT, (status_id, heat_of(status_id, votes))


def stirring(thread_id: StatusId, activity_ms: int) -> Statement:
    """The statement that notes a comment on a contribution."""
    return _STIR, (thread_id, activity_ms)
