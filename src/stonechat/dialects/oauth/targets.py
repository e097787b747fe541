"""Targets: where the pages send a browser next.

Two kinds, never mixed. A path of ours may come from a parameter, so it is looked at with
suspicion. Another site is only ever an app's registered redirect URI.
"""

import re
from typing import Final
from urllib.parse import quote, urlsplit

from stonechat.dialects.oauth.forms import authorization_query, read_authorization
from stonechat.domain.apps import OUT_OF_BAND
from stonechat.domain.oauth import AuthorizationRequest
from stonechat.http.parameters import Parameters, parse_query
from stonechat.kernel.errors import StonechatError
from stonechat.services import oauth
from stonechat.services.env import Env

FRONT_PAGE: Final = "/"
SIGN_IN: Final = "/auth/sign_in"
AUTHORIZE: Final = "/oauth/authorize"
PATH_CHARACTERS_MAX: Final = 32_768
# One slash and then no other: browsers read `//host` and `/\\host` as another site, and drop tabs
# and line breaks before they look. What is left is printable ASCII without a backslash.
_OWN_PATH: Final = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")


def own_path(given: str | None) -> str:
    """A path of this server, as given; the front page instead of anything that leads away."""
    if given is None:
        return FRONT_PAGE
    path = quote(given, safe="!#$%&'()*+,/:;=?@[]\\~\t\r\n ")
    if len(path) > PATH_CHARACTERS_MAX or not _OWN_PATH.fullmatch(path):
        return FRONT_PAGE
    return path


def sign_in_url(request: AuthorizationRequest) -> str:
    """The sign-in page that comes back to a request for authorization."""
    return f"{SIGN_IN}?next={quote(authorization_url(request), safe='')}"


def authorization_url(request: AuthorizationRequest) -> str:
    """The request again, at the path that it came to: a slash at its end means a community's."""
    slash = "/" if request.is_of_community else ""
    return f"{AUTHORIZE}{slash}?{authorization_query(request)}"


async def form_targets(env: Env, path: str) -> tuple[str, ...]:
    """The site at which signing in may end: that of the app which sent the person here.

    After signing in, somebody who agreed before is sent straight on, and browsers hold the
    sign-in form to its policy through all of those redirects.
    """
    parts = urlsplit(path)
    if parts.path.rstrip("/") != AUTHORIZE:
        return ()
    try:
        parameters = Parameters(parse_query(parts.query.encode()))
        is_of_community = parts.path.endswith("/")
        request = read_authorization(parameters, is_of_community=is_of_community)
        await oauth.see_request(env, request, None)
    except StonechatError:
        return ()
    return () if request.redirect_uri == OUT_OF_BAND else (request.redirect_uri,)


def describe_target(redirect_uri: str) -> str:
    """Where the answer goes, in a few words that no app can choose."""
    parts = urlsplit(redirect_uri)
    if redirect_uri == OUT_OF_BAND:
        return "a page with a code for you to copy"
    if parts.scheme in ("http", "https"):
        return parts.netloc
    return f"the app on this device that opens {parts.scheme}: links"
