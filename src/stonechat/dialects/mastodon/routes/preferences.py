"""Preferences, and whether the viewer's address is confirmed."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.preferences import present_preferences
from stonechat.http.operations import Answer
from stonechat.services import preferences


async def show(call: MastodonCall) -> Answer:
    """How the viewer posts unless they say otherwise."""
    return Answer(present_preferences(await preferences.see_preferences(call.env, call.viewer)))


async def check_confirmation(call: MastodonCall) -> Answer:
    """Always true: the token of somebody whose address is not confirmed is turned away before."""
    del call
    return Answer(body=True)


OPERATIONS: Final = (
    MastodonOperation("GET", "/api/v1/preferences", show, "Preferences", scope="read:accounts"),
    MastodonOperation(
        "GET",
        "/api/v1/emails/check_confirmation",
        check_confirmation,
        "Boolean",
        scope="read:accounts",
    ),
)
