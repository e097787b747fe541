"""Pages: the furniture of everything that a person reads in a browser.

A door brings a folder of templates of its own; `base.html` and `problem.html` lie here. Every
page goes out with a policy under which no script runs at all, but for those that are live: they
may run our own files, and nothing that stands in a page. Browsers hold the target of a form to
`form-action` even through redirects: a page whose form ends at another site must name that site
in `form_targets`, or the last step is silently blocked.
"""

import re
from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from stonechat.http.operations import Answer
from stonechat.kernel.errors import (
    Conflict,
    InvalidInput,
    MalformedRequest,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    StonechatError,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)
from stonechat.kernel.settings import Settings

HTML: Final = "text/html; charset=utf-8"
STATIC: Final = Path(__file__).parent / "static"
_TEMPLATES: Final = Path(__file__).parent / "templates"
_VERSION_DIGITS: Final = 8
_CSP_HOST: Final = re.compile(r"[A-Za-z0-9.-]+")
_CSP_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")
_POWERS: Final = (
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "microphone",
    "payment",
    "usb",
)

PROBLEMS: Final[dict[type[StonechatError], tuple[int, str]]] = {
    InvalidInput: (400, "That cannot be done"),
    UnsupportedMedia: (415, "That cannot be read"),
    TooLarge: (413, "That is too much"),
    MethodNotAllowed: (405, "That cannot be done here"),
    MalformedRequest: (400, "That cannot be read"),
    NotAuthenticated: (401, "That is not known here"),
    NotAllowed: (403, "That is not allowed"),
    NotFound: (404, "There is nothing here"),
    Conflict: (409, "Somebody else was first"),
    RateLimited: (429, "That was too often"),
    Unavailable: (503, "Not just now"),
    StonechatError: (500, "Something went wrong"),
}
_WORDS: Final[dict[type[StonechatError], str]] = {
    MethodNotAllowed: "This page cannot be used in that way.",
    NotFound: "This page does not exist, or it is not for everybody to see.",
    RateLimited: "Wait a few minutes, then try again.",
    Unavailable: "This is our fault, not yours. Try again in a while.",
}
"""What a person is told where the error's own message is meant for programs."""


def content_policy(
    form_targets: Iterable[str] = (), *, is_live: bool = False, frames: str = "'none'"
) -> str:
    """The Content-Security-Policy of a page whose forms may end at these addresses.

    One that `is_live` runs our own script files, and asks us for what is new; `frames` says who
    may show it in a frame.
    """
    sources = " ".join(dict.fromkeys(("'self'", *(form_source(each) for each in form_targets))))
    live = "script-src 'self'; connect-src 'self'; " if is_live else ""
    return (
        f"default-src 'none'; {live}style-src 'self'; img-src 'self'; media-src 'self'; "
        f"form-action {sources}; base-uri 'none'; frame-ancestors {frames}"
    )


def form_source(uri: str) -> str:
    """What `form-action` calls an address: its origin, or its scheme where it has no host.

    A host that the policy's grammar has no word for, such as IPv6, is let through by scheme.
    """
    parts = urlsplit(uri)
    assert _CSP_SCHEME.fullmatch(parts.scheme), "apps register nothing without a scheme"
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not _CSP_HOST.fullmatch(host):
        return f"{parts.scheme}:"
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


HEADERS: Final = {
    "content-security-policy": content_policy(),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: with that, browsers send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": ", ".join(f"{power}=()" for power in _POWERS),
}
"""What every page is sent with. A site that opens one of them in a window loses its hold on it,
so sign-in goes by redirect, not by a window that reports back."""
_HSTS: Final = {"strict-transport-security": "max-age=31536000"}


def page_headers(settings: Settings) -> Mapping[str, str]:
    """The headers of every page of this server; over TLS, browsers come by TLS from then on."""
    return HEADERS | _HSTS if settings.is_https else HEADERS


@cache
def static_url(name: str) -> str:
    """A static file's address with a mark of its content, so that it may be kept for long."""
    mark = sha256((STATIC / name).read_bytes()).hexdigest()[:_VERSION_DIGITS]
    return f"/static/{name}?v={mark}"


@cache
def _templates(*folders: Path) -> Mapping[str, Template]:
    """The templates of these folders, compiled once in a process however many rooms ask."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return {name: environment.get_template(name) for name in environment.list_templates()}


class Pages:
    """Renders the templates of one door."""

    def __init__(self, settings: Settings, *folders: Path) -> None:
        # Compiled while the server starts: a first visitor should not wait for that.
        self._templates = _templates(*folders, _TEMPLATES)
        self._site: Mapping[str, object] = {
            "site": settings.title,
            "domain": settings.domain,
            "lang": "en",
            "style_url": static_url("style.css"),
            "static_url": static_url,
        }

    def render(self, template: str, values: Mapping[str, object]) -> bytes:
        """A template with these values, and with what every template may name."""
        return self._templates[template].render({**self._site, **values}).encode()

    def answer(
        self,
        template: str,
        values: Mapping[str, object],
        *,
        status: int = 200,
        form_targets: Iterable[str] = (),
        cookies: Iterable[str] = (),
    ) -> Answer:
        """A page, ready to be sent."""
        body = self.render(template, values)
        headers = {"content-security-policy": content_policy(form_targets)}
        return Answer(body, status, headers, HTML, tuple(cookies))

    def problem(self, error: StonechatError) -> Answer:
        """The page that says what went wrong."""
        status, title = _find_problem(error)
        words = _WORDS.get(type(error), error.message)
        page = self.answer("problem.html", {"title": title, "message": words}, status=status)
        page.headers = {**page.headers, **_retry_headers(error)}
        return page


def problem_for_programs(error: StonechatError) -> Answer:
    """The same where no person reads it."""
    status, _ = _find_problem(error)
    return Answer({"message": error.message}, status, _retry_headers(error))


def _find_problem(error: StonechatError) -> tuple[int, str]:
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def _retry_headers(error: StonechatError) -> dict[str, str]:
    if not isinstance(error, RateLimited):
        return {}
    return {"retry-after": format_datetime(error.resets_at, usegmt=True)}


def redirect(location: str, *, cookies: Iterable[str] = (), status: int = 302) -> Answer:
    """Send the browser on, by GET."""
    return Answer(b"", status, {"location": location}, HTML, tuple(cookies))
