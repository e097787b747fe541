"""OAuth's rules: what an app may ask for, what a person may grant, what a code is worth.

The flow is RFC 6749's authorization code with PKCE (RFC 7636, S256 only). A request that is
wrong in any way is answered with a page and never with a redirect: while it is not known to be
right, its redirect URI may be anybody's. Errors here are the kernel's; `rule` says which of
OAuth's own codes is meant where the kind of error does not.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

from stonechat.domain import limits
from stonechat.domain.apps import OUT_OF_BAND, App
from stonechat.domain.ids import AccountId, AppId, TokenId
from stonechat.domain.viewers import ADMINISTRATORS, COMMUNITY, expand
from stonechat.kernel.errors import InvalidInput, MissingParameter, NotAuthenticated, NotFound
from stonechat.kernel.secrets import is_same

DEFAULT_SCOPES: Final = "read"
COMMUNITY_SCOPES: Final = "read write"
"""What clients of communities mean that name no scope."""
GRANT_TYPES: Final = ("authorization_code", "client_credentials")
COMMUNITY_GRANT_TYPES: Final = (*GRANT_TYPES, "refresh_token")
CODE_MS: Final = limits.CODE_SECONDS * 1000
VERIFIER_CHARACTERS_MAX: Final = 128

UNKNOWN_CLIENT: Final = (
    "Client authentication failed due to unknown client, no client authentication included,"
    " or unsupported authentication method."
)
_UNKNOWN_APP: Final = (
    "This server does not know the app that sent you here. Remove this server from the app, add it"
    " again, and then sign in."
)
_WRONG_GRANT: Final = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection"
    " URI used in the authorization request, or was issued to another client."
)
_WRONG_SCOPE: Final = "The requested scope is invalid, unknown, or malformed."
_WRONG_REDIRECT: Final = (
    "The redirect URI is not one that this app has registered, so nothing was sent there."
)
_WRONG_METHOD: Final = "The code challenge method must be S256."
_WRONG_CHALLENGE: Final = "The code challenge must be 43 characters of unpadded base64url."
_WRONG_RESPONSE: Final = "The authorization server does not support this response type."
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What an app asks a person for, as it came."""

    response_type: str
    client_id: str
    redirect_uri: str
    scope: str
    state: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    force_login: bool = False
    is_of_community: bool = False
    """Whether it came to the community's path, whose tokens may do more (`add_own_scopes`)."""

    @property
    def wants_token(self) -> bool:
        """Whether a token is asked for at once, without a code in between."""
        return self.response_type == "token"


class Client(NamedTuple):
    """An app as it presents itself, not yet believed."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class ExchangeCode:
    """The order to make a token out of a code."""

    code: str
    redirect_uri: str
    verifier: str | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """The order to make a token out of a name and a password."""

    name: str
    password: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What renews a token, as it is kept: itself only as a hash."""

    hash: bytes
    family_id: TokenId
    """The token that the line of renewals began with."""
    token_id: TokenId
    """The token that it came with."""
    account_id: AccountId
    app_id: AppId
    scopes: str
    is_public: bool
    """Whether the app got it without a secret, and so needs none to use it."""
    created_ms: int
    used_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it is kept: itself only as a hash."""

    hash: bytes
    app_id: AppId
    account_id: AccountId
    redirect_uri: str
    scopes: str
    challenge: str | None
    created_ms: int
    used_ms: int | None = None
    token_id: TokenId | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A token at the one moment when its secret is known."""

    secret: str
    scopes: str
    created_ms: int
    seconds: int | None = None
    """How long it is good; None where it has no end."""
    refresh_secret: str | None = None


def unknown_client() -> NotAuthenticated:
    """No app, or not the one that it says it is."""
    return NotAuthenticated(UNKNOWN_CLIENT, subject="client")


def wrong_grant() -> NotFound:
    """A code that cannot be used. Why not is nobody's business."""
    return NotFound(_WRONG_GRANT)


def check_request(
    request: AuthorizationRequest, app: App | None, *, offers_tokens: bool = False
) -> str:
    """The scopes that are asked for, each once; or the reason why the request is refused.

    `offers_tokens`: whether a token may be given at once, in the address (`response_type=token`).
    """
    if app is None:
        raise NotAuthenticated(_UNKNOWN_APP, subject="client")
    if not request.redirect_uri:
        raise MissingParameter("redirect_uri")
    if request.redirect_uri not in app.redirect_uris:
        raise InvalidInput(_WRONG_REDIRECT, field="redirect_uri")
    if not request.response_type:
        raise MissingParameter("response_type")
    if request.response_type != "code" and not (offers_tokens and request.wants_token):
        raise InvalidInput(_WRONG_RESPONSE, rule="unsupported_response_type")
    if request.wants_token and request.redirect_uri == OUT_OF_BAND:
        raise InvalidInput(_WRONG_REDIRECT, field="redirect_uri")
    _check_challenge(request)
    return narrow_scopes(request.scope, app)


def _check_challenge(request: AuthorizationRequest) -> None:
    if not request.code_challenge and not request.code_challenge_method:
        return
    # No method at all means `plain`, by the letter of RFC 7636.
    if request.code_challenge_method != "S256":
        raise InvalidInput(_WRONG_METHOD, field="code_challenge_method")
    if not _CHALLENGE.fullmatch(request.code_challenge or ""):
        raise InvalidInput(_WRONG_CHALLENGE, field="code_challenge")


def narrow_scopes(asked: str, app: App, *, default: str = DEFAULT_SCOPES) -> str:
    """The scopes asked for, if the app has registered all of them or what covers them."""
    scopes = tuple(dict.fromkeys(asked.split())) or tuple(default.split())
    if not expand(app.scopes).issuperset(scopes):
        raise InvalidInput(_WRONG_SCOPE, field="scope", rule="invalid_scope")
    return " ".join(scopes)


def grantable_scopes(scopes: str, role: str) -> str:
    """What a person of this role may grant of it: an administrator's scopes are theirs alone.

    Clients ask for them of everybody, so they are left out, and only refused where nothing else
    is asked for.
    """
    if role in ADMINISTRATORS:
        return scopes
    granted = " ".join(scope for scope in scopes.split() if not scope.startswith("admin:"))
    if not granted:
        raise InvalidInput(
            "This app asks for an administrator's rights, and you are none.",
            field="scope",
            rule="invalid_scope",
        )
    return granted


def add_own_scopes(scopes: str, role: str) -> str:
    """The scopes as a token keeps them that was made by one of the community's ways to sign in.

    There `read` and `write` mean an administrator's part of them, too. Those of other apps do not,
    so that an app which may post does not run the server besides.
    """
    asked = scopes.split()
    added = [f"admin:{each}" for each in ("read", "write") if each in asked]
    return " ".join([*asked, COMMUNITY, *(added if role in ADMINISTRATORS else ())])


def told_scopes(scopes: str) -> str:
    """The scopes that were asked for, without those that `add_own_scopes` added."""
    words = scopes.split()
    return " ".join(words[: words.index(COMMUNITY)]) if COMMUNITY in words else scopes


def has_equal(scopes: str, granted: Iterable[str]) -> bool:
    """Whether exactly these scopes were granted before, in whatever order."""
    wanted = set(scopes.split())
    return any(set(each.split()) == wanted for each in granted)


def check_code(code: Code | None, app: App, order: ExchangeCode, now_ms: int) -> Code:
    """The code, if this app may exchange it now. Whether it was used is for the caller to see."""
    if code is None or code.app_id != app.id:
        raise wrong_grant()
    if code.challenge is not None and not order.verifier:
        raise MissingParameter("code_verifier")
    if (
        code.redirect_uri != order.redirect_uri
        or now_ms >= code.created_ms + CODE_MS
        or not _is_verified(code.challenge, order.verifier)
    ):
        raise wrong_grant()
    return code


def _is_verified(challenge: str | None, verifier: str | None) -> bool:
    if challenge is None or not verifier:
        # A verifier without a challenge means that somebody took the challenge away.
        return challenge is None and not verifier
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return is_same(urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def answer_url(redirect_uri: str, answer: dict[str, str], state: str | None) -> str:
    """The redirect URI with the answer appended to whatever query it has."""
    pairs = answer if state is None else {**answer, "state": state}
    # Not every app reads a plus as a space, so spaces are spelled out.
    query = urlencode(pairs, quote_via=quote, safe="")
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"
