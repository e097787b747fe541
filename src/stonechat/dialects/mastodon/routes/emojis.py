"""Custom emojis: this server has none."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.domain.viewers import Caller
from stonechat.http.operations import PUBLIC, Answer


async def index(call: MastodonCall) -> Answer:
    """No custom emoji."""
    del call
    return Answer([])


OPERATIONS: Final = (
    MastodonOperation(
        "GET", "/api/v1/custom_emojis", index, "[CustomEmoji]", Caller.ANYONE, cache=PUBLIC
    ),
)
