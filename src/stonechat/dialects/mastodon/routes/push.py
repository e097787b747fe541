"""Push subscriptions: nothing is pushed as yet, so there is none and none can be made.

Clients ask for theirs at sign-in and take 404 for "none". One that tries to make a
subscription gets 404 too, as from a server without the endpoint, and falls back to asking.
"""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound


async def find_none(call: MastodonCall) -> Answer:
    """No subscription is found, made or changed."""
    del call
    raise NotFound


async def delete(call: MastodonCall) -> Answer:
    """After this there is no subscription, as before."""
    del call
    return Answer({})


_PATH: Final = "/api/v1/push/subscription"

OPERATIONS: Final = (
    MastodonOperation("GET", _PATH, find_none, "WebPushSubscription", scope="push"),
    MastodonOperation("POST", _PATH, find_none, "WebPushSubscription", scope="push"),
    MastodonOperation("PUT", _PATH, find_none, "WebPushSubscription", scope="push"),
    MastodonOperation("DELETE", _PATH, delete, "{}", scope="push"),
)
