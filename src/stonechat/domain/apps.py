"""Apps: the programs that people sign in with, and what they may register.

A redirect URI is where a code is sent, so one that a browser would run or open by itself is
refused. Custom schemes (`myapp://`) and the out-of-band name are fine: phones and terminals
have nothing else. URIs are kept byte for byte, because they are compared byte for byte: never
normalise one.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from stonechat.domain import limits
from stonechat.domain.ids import AppId
from stonechat.domain.text.cleaning import clean_name
from stonechat.kernel.errors import InvalidInput

OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
"""Stands for "show the code on a page": the person carries it over."""
_FORBIDDEN_SCHEMES: Final = frozenset(
    {
        "about",
        "blob",
        "chrome",
        "data",
        "file",
        "filesystem",
        "intent",
        "jar",
        "javascript",
        "vbscript",
        "view-source",
    }
)
_URI: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):[!-~]+")
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")


@dataclass(frozen=True, slots=True)
class RegisterApp:
    """The order to register an app."""

    name: str
    redirect_uris: tuple[str, ...]
    scopes: str
    website: str | None = None


@dataclass(frozen=True, slots=True)
class App:
    """An app as it is kept, without its secret."""

    id: AppId
    client_id: str
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: str
    created_ms: int


def check_name(name: str) -> str:
    """The app's name as it is kept and shown, or InvalidInput."""
    if len(name) > limits.APP_NAME_CHARACTERS_MAX:
        raise _refuse("client_name", f"is too long (maximum is {limits.APP_NAME_CHARACTERS_MAX})")
    cleaned = clean_name(name, field="client_name")
    if not cleaned:
        raise _refuse("client_name", "can't be blank")
    return cleaned


def check_website(website: str | None) -> str | None:
    """The app's website, or InvalidInput; it becomes a link, so only the web will do."""
    if not website:
        return None
    maximum = limits.APP_WEBSITE_CHARACTERS_MAX
    if len(website) > maximum:
        raise _refuse("website", f"is too long (maximum is {maximum} characters)")
    if not website.lower().startswith(("https://", "http://")) or " " in website:
        raise _refuse("website", "is not a valid URL")
    return website


def check_redirect_uris(uris: tuple[str, ...]) -> tuple[str, ...]:
    """The redirect URIs, each once, or InvalidInput."""
    distinct = tuple(dict.fromkeys(uris))
    if not distinct:
        raise _refuse("redirect_uris", "can't be blank")
    if len(distinct) > limits.REDIRECT_URIS_MAX:
        raise _refuse("redirect_uris", f"is too long (maximum is {limits.REDIRECT_URIS_MAX} URIs)")
    for uri in distinct:
        _check_redirect_uri(uri)
    return distinct


def _check_redirect_uri(uri: str) -> None:
    maximum = limits.REDIRECT_URI_CHARACTERS_MAX
    if len(uri) > maximum:
        raise _refuse("redirect_uris", f"is too long (maximum is {maximum} characters)")
    found = _URI.fullmatch(uri)
    if found is None:
        raise _refuse("redirect_uris", "must be an absolute URI.")
    if "#" in uri:
        raise _refuse("redirect_uris", "cannot contain a fragment.")
    scheme = found[1].lower()
    if scheme in _FORBIDDEN_SCHEMES:
        raise _refuse("redirect_uris", "is forbidden by the server.")
    if scheme in ("http", "https") and not _has_plain_host(uri):
        raise _refuse("redirect_uris", "must be an absolute URI.")


def _has_plain_host(uri: str) -> bool:
    """Whether it is plain to see which host a web address leads to."""
    try:
        parts = urlsplit(uri)
        host = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc
    except ValueError:
        return False
    # A user name in front of the host is only ever there to look like another host.
    return _HOST.fullmatch(host.removesuffix(":")) is not None and "\\" not in uri


def _refuse(field: str, words: str) -> InvalidInput:
    names = {"client_name": "Application name", "redirect_uris": "Redirect URI"}
    return InvalidInput(f"Validation failed: {names.get(field, 'Website')} {words}", field=field)
