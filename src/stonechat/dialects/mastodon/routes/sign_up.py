"""Signing up through an app."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.apps import present_token
from stonechat.dialects.mastodon.forms.sign_up import read_sign_up
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import sign_up


async def create(call: MastodonCall) -> Answer:
    """Make an account, and answer with a token for it."""
    command = read_sign_up(call.parameters, call.env.settings.default_language)
    return Answer(present_token(await sign_up.sign_up(call.env, call.viewer, command)))


OPERATIONS: Final = (
    MastodonOperation(
        "POST",
        "/api/v1/accounts",
        create,
        "Token",
        Caller.APP,
        "write:accounts",
        limit="sign_up",
    ),
)
