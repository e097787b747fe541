"""Apps: register, and ask with a token whose it is."""

from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.apps import present_app, present_credentials
from stonechat.dialects.mastodon.forms.apps import read_registration
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.services import apps


async def create(call: MastodonCall) -> Answer:
    """Register an app. No token is asked for, nor looked at."""
    app, secret = await apps.register_app(call.env, read_registration(call.parameters))
    return Answer(present_credentials(app, secret))


async def show_own(call: MastodonCall) -> Answer:
    """The app that the token was given to."""
    return Answer(present_app(await apps.see_own_app(call.env, call.viewer)))


OPERATIONS: Final = (
    MastodonOperation(
        "POST",
        "/api/v1/apps",
        create,
        "CredentialApplication",
        Caller.ANYONE,
        rides=True,
        limit="apps",
    ),
    MastodonOperation(
        "GET", "/api/v1/apps/verify_credentials", show_own, "Application", Caller.TOKEN
    ),
)
