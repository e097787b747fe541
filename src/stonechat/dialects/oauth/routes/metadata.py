"""Metadata: what an app can find out about the server before it asks for anything."""

from typing import Final

from stonechat.dialects.oauth.calls import OAuthCall, OAuthOperation
from stonechat.dialects.oauth.entities import present_metadata
from stonechat.domain.viewers import Caller
from stonechat.http.operations import PUBLIC, Answer


async def show(call: OAuthCall) -> Answer:
    """RFC 8414."""
    return Answer(present_metadata(call.env.settings.base_url))


OPERATIONS: Final = (
    OAuthOperation(
        "GET",
        "/.well-known/oauth-authorization-server",
        show,
        "Metadata",
        Caller.ANYONE,
        rides=True,
        cache=PUBLIC,
    ),
)
