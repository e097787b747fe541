"""OAuth's parameters in, orders of the domain out.

Values that are compared or sent back byte for byte are taken exactly as they came: the readers
of http/parameters clean text, and a state that was cleaned is a state that was changed.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Final
from urllib.parse import quote, unquote, urlencode

from stonechat.domain import limits
from stonechat.domain.oauth import (
    COMMUNITY_GRANT_TYPES,
    COMMUNITY_SCOPES,
    GRANT_TYPES,
    VERIFIER_CHARACTERS_MAX,
    AuthorizationRequest,
    Client,
    ExchangeCode,
    SignIn,
    unknown_client,
)
from stonechat.http.operations import BODY_BYTES_MAX
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import InvalidInput, MissingParameter
from stonechat.kernel.settings import Settings

SECRET_CHARACTERS_MAX: Final = 512
WORD_CHARACTERS_MAX: Final = 64
_UNSUPPORTED_GRANT: Final = (
    "The authorization grant type is not supported by the authorization server."
)


def required(parameters: Parameters, name: str, characters_max: int) -> str:
    """A text as it came, which must be there."""
    value = parameters.exact(name, characters_max)
    if not value:
        raise MissingParameter(name)
    return value


def read_authorization(
    parameters: Parameters, *, is_of_community: bool = False
) -> AuthorizationRequest:
    """What an app asks a person for; one of a community means more where it names no scope."""
    scope = parameters.exact("scope", limits.SCOPES_CHARACTERS_MAX) or ""
    return AuthorizationRequest(
        response_type=parameters.exact("response_type", WORD_CHARACTERS_MAX) or "",
        client_id=required(parameters, "client_id", SECRET_CHARACTERS_MAX),
        redirect_uri=parameters.exact("redirect_uri", limits.REDIRECT_URI_CHARACTERS_MAX) or "",
        scope=scope or (COMMUNITY_SCOPES if is_of_community else ""),
        state=parameters.exact("state", limits.STATE_CHARACTERS_MAX),
        code_challenge=parameters.exact("code_challenge", VERIFIER_CHARACTERS_MAX),
        code_challenge_method=parameters.exact("code_challenge_method", WORD_CHARACTERS_MAX),
        force_login=bool(parameters.flag("force_login")),
        is_of_community=is_of_community,
    )


def authorization_query(request: AuthorizationRequest) -> str:
    """The request as a query again, to come back to it after signing in and when agreeing."""
    given = {
        "response_type": request.response_type,
        "client_id": request.client_id,
        "redirect_uri": request.redirect_uri,
        "scope": request.scope,
        "state": request.state,
        "code_challenge": request.code_challenge,
        "code_challenge_method": request.code_challenge_method,
        "force_login": "true" if request.force_login else None,
    }
    pairs = {name: value for name, value in given.items() if value is not None}
    return urlencode(pairs, quote_via=quote, safe="")


def read_grant_type(parameters: Parameters) -> str:
    """Which kind of grant a token is asked for; InvalidInput for one that is not offered."""
    grant_type = required(parameters, "grant_type", limits.SCOPES_CHARACTERS_MAX)
    if grant_type not in GRANT_TYPES:
        raise InvalidInput(_UNSUPPORTED_GRANT, rule="unsupported_grant_type")
    return grant_type


def read_community_grant_type(parameters: Parameters, settings: Settings) -> str:
    """The same where tokens end; passwords buy one only where the operator says so."""
    grant_type = required(parameters, "grant_type", limits.SCOPES_CHARACTERS_MAX)
    is_offered = grant_type in COMMUNITY_GRANT_TYPES
    if not is_offered and not (grant_type == "password" and settings.community_password_grant):
        raise InvalidInput(_UNSUPPORTED_GRANT, rule="unsupported_grant_type")
    return grant_type


def read_sign_in(parameters: Parameters) -> SignIn:
    """A name and a password that buy a token."""
    return SignIn(
        name=required(parameters, "username", limits.EMAIL_CHARACTERS_MAX),
        password=required(parameters, "password", BODY_BYTES_MAX),
        scope=read_scope(parameters),
    )


def read_client(parameters: Parameters, authorization: str | None) -> Client:
    """Who an app says it is: by HTTP Basic, which wins, or in the parameters."""
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() == "basic":
        return _read_basic(credentials)
    client_id = parameters.exact("client_id", SECRET_CHARACTERS_MAX)
    return Client(client_id or "", parameters.exact("client_secret", SECRET_CHARACTERS_MAX) or "")


def _read_basic(encoded: str) -> Client:
    try:
        text = b64decode(encoded.strip(), validate=True).decode()
    except (NotBase64, UnicodeDecodeError):
        raise unknown_client() from None
    client_id, _, secret = text.partition(":")
    # RFC 6749 escapes both before they are joined.
    return Client(unquote(client_id), unquote(secret))


def read_exchange(parameters: Parameters) -> ExchangeCode:
    """The code to exchange, and what proves that it came to the right place."""
    return ExchangeCode(
        code=required(parameters, "code", SECRET_CHARACTERS_MAX),
        redirect_uri=required(parameters, "redirect_uri", limits.REDIRECT_URI_CHARACTERS_MAX),
        verifier=parameters.exact("code_verifier", VERIFIER_CHARACTERS_MAX),
    )


def read_scope(parameters: Parameters) -> str:
    """The scopes that are asked for, between spaces."""
    return parameters.exact("scope", limits.SCOPES_CHARACTERS_MAX) or ""
