"""Apps: registered by whoever asks, and shown to whoever holds a token of theirs."""

from stonechat.domain.apps import (
    App,
    RegisterApp,
    check_name,
    check_redirect_uris,
    check_website,
)
from stonechat.domain.ids import AppId
from stonechat.domain.viewers import Viewer
from stonechat.kernel.errors import NotFound
from stonechat.kernel.secrets import hash_secret, new_secret
from stonechat.services.env import Env
from stonechat.services.tokens import check_scopes
from stonechat.storage import apps
from stonechat.storage.database import Transaction


async def register_app(env: Env, command: RegisterApp) -> tuple[App, str]:
    """A new app and its secret, which nobody will ever see again."""
    name = check_name(command.name)
    website = check_website(command.website)
    redirect_uris = check_redirect_uris(command.redirect_uris)
    scopes = check_scopes(command.scopes)
    secret = new_secret()

    async def work(tx: Transaction) -> App:
        app = App(
            AppId(env.ids.next_id()),
            new_secret(),
            name,
            website,
            redirect_uris,
            scopes,
            env.clock.now_ms(),
        )
        await apps.insert(tx, app, hash_secret(secret))
        return app

    return await env.db.write(work), secret


async def see_own_app(env: Env, viewer: Viewer) -> App:
    """The app that a token was given to; one made by hand belongs to none."""
    app = None if viewer.app_id is None else await apps.find(env.db, viewer.app_id)
    if app is None:
        raise NotFound
    return app
