"""Application and CredentialApplication; and Token, which signing up answers with."""

import msgspec

from stonechat.domain.apps import App
from stonechat.domain.oauth import Grant


class Application(msgspec.Struct, frozen=True):
    """An app as its own tokens see it."""

    id: str
    name: str
    website: str | None
    scopes: list[str]
    redirect_uris: list[str]
    redirect_uri: str
    # There is no Web Push as yet; clients take an empty key for just that.
    vapid_key: str


class CredentialApplication(Application, frozen=True):
    """An app as it is registered, the only time that its secret is shown."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int


class Token(msgspec.Struct, frozen=True):
    """A bearer token."""

    access_token: str
    token_type: str
    scope: str
    created_at: int


def present_app(app: App) -> Application:
    """An app without its credentials."""
    return Application(
        id=str(app.id),
        name=app.name,
        website=app.website,
        scopes=app.scopes.split(),
        redirect_uris=list(app.redirect_uris),
        redirect_uri="\n".join(app.redirect_uris),
        vapid_key="",
    )


def present_credentials(app: App, secret: str) -> CredentialApplication:
    """An app with its credentials, which do not expire."""
    return CredentialApplication(
        **msgspec.structs.asdict(present_app(app)),
        client_id=app.client_id,
        client_secret=secret,
        client_secret_expires_at=0,
    )


def present_token(grant: Grant) -> Token:
    """A token on the wire; its time is in seconds."""
    return Token(grant.secret, "Bearer", grant.scopes, grant.created_ms // 1000)
