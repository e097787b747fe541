"""What OAuth's endpoints answer with: Token, UserInfo, the server's metadata."""

from typing import Final

import msgspec

from stonechat.domain.oauth import GRANT_TYPES, Grant, told_scopes
from stonechat.domain.viewers import SCOPES
from stonechat.domain.views import AccountView

_NOT_OFFERED: Final = "crypto"


class Token(msgspec.Struct, frozen=True):
    """RFC 6749, section 5.1; `created_at` in seconds is Mastodon's."""

    access_token: str
    token_type: str
    scope: str
    created_at: int


class RenewableToken(msgspec.Struct, frozen=True):
    """The vendor's: a token with an end, and what renews it."""

    access_token: str
    expires_in: int
    token_type: str
    scope: str
    refresh_token: str


class UserInfo(msgspec.Struct, frozen=True):
    """The claims of OpenID Connect that a profile has."""

    iss: str
    sub: str
    name: str
    preferred_username: str
    profile: str
    picture: str


class Metadata(msgspec.Struct, frozen=True):
    """RFC 8414; `app_registration_endpoint` is Mastodon's."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    userinfo_endpoint: str
    app_registration_endpoint: str
    service_documentation: str
    scopes_supported: tuple[str, ...] = tuple(each for each in SCOPES if each != _NOT_OFFERED)
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query",)
    grant_types_supported: tuple[str, ...] = GRANT_TYPES
    token_endpoint_auth_methods_supported: tuple[str, ...] = (
        "client_secret_basic",
        "client_secret_post",
    )
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)


def present_token(grant: Grant) -> Token:
    """A token on the wire, the only time that its secret is."""
    return Token(grant.secret, "Bearer", told_scopes(grant.scopes), grant.created_ms // 1000)


def present_renewable(grant: Grant) -> RenewableToken:
    """A token with an end on the wire; the same."""
    assert grant.seconds is not None
    assert grant.refresh_secret is not None
    scopes = told_scopes(grant.scopes)
    return RenewableToken(grant.secret, grant.seconds, "Bearer", scopes, grant.refresh_secret)


def present_fragment(grant: Grant, state: str | None) -> dict[str, str]:
    """RFC 6749, section 4.2.2: a token in the address that a browser goes to."""
    answer = {
        "access_token": grant.secret,
        "token_type": "Bearer",
        "expires_in": str(grant.seconds),
        "scope": told_scopes(grant.scopes),
    }
    return answer if state is None else {**answer, "state": state}


def present_issuer(base_url: str) -> str:
    """What the server calls itself; Mastodon's ends with a slash."""
    return f"{base_url}/"


def present_user(account: AccountView, base_url: str) -> UserInfo:
    """The person behind a token."""
    avatar = f"pictures/{account.avatar}" if account.avatar else "static/avatar.png"
    return UserInfo(
        iss=present_issuer(base_url),
        sub=f"{base_url}/users/{account.username}",
        name=account.display_name or account.username,
        preferred_username=account.username,
        profile=f"{base_url}/@{account.username}",
        picture=f"{base_url}/{avatar}",
    )


def present_metadata(base_url: str) -> Metadata:
    """Where everything is and what it can do."""
    return Metadata(
        issuer=present_issuer(base_url),
        authorization_endpoint=f"{base_url}/oauth/authorize",
        token_endpoint=f"{base_url}/oauth/token",
        revocation_endpoint=f"{base_url}/oauth/revoke",
        userinfo_endpoint=f"{base_url}/oauth/userinfo",
        app_registration_endpoint=f"{base_url}/api/v1/apps",
        service_documentation=f"{base_url}/about",
    )
