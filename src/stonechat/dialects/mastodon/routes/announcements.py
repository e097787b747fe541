"""Announcements: there are none, so the list is empty and no id of one is known."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound


async def index(call: MastodonCall) -> Answer:
    """No announcement."""
    del call
    return Answer([])


async def touch(call: MastodonCall) -> Answer:
    """Dismiss or react to an announcement; there is none with this id."""
    del call
    raise NotFound


_REACTIONS: Final = "/api/v1/announcements/{id}/reactions/{name}"

OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/announcements", index, "[Announcement]"),
    MastodonOperation(
        "POST", "/api/v1/announcements/{id}/dismiss", touch, "{}", scope="write:accounts"
    ),
    MastodonOperation("PUT", _REACTIONS, touch, "{}", scope="write:favourites"),
    MastodonOperation("DELETE", _REACTIONS, touch, "{}", scope="write:favourites"),
)
