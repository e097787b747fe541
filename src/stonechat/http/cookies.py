"""Cookies and forms: how a browser is known again, and how a forged form is told from ours.

There are two cookies. One is the session of somebody who signed in; the other one only ties the
sign-in form to the browser that fetched it, and goes when the session comes. On https both bear
the `__Host-` prefix, with which no other host and no plain http can set them.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from stonechat.domain.sessions import is_own_form
from stonechat.http.operations import Call
from stonechat.kernel.errors import NotAllowed
from stonechat.services.sessions import SESSION_MS

SESSION: Final = "stonechat_session"
SIGN_IN_FORM: Final = "stonechat_form"
FORM_TOKEN: Final = "form_token"
_COOKIE_CHARACTERS_MAX: Final = 128
_FORGED: Final = (
    "This form did not come from a page of ours, or the page was open for too long. Nothing was"
    " done. Please go back, load the page anew, and try again."
)


def read_cookie(call: Call[Any], name: str) -> str | None:
    """A cookie of ours, or None."""
    wanted = _full_name(call, name)
    for pair in (call.header("cookie") or "").split(";"):
        key, _, value = pair.strip().partition("=")
        if key == wanted and 0 < len(value) <= _COOKIE_CHARACTERS_MAX and value.isascii():
            return value
    return None


def session_cookie(call: Call[Any], secret: str) -> str:
    """The line that begins a session."""
    return _line(call, SESSION, secret, f"; Max-Age={SESSION_MS // 1000}")


def form_cookie(call: Call[Any], secret: str) -> str:
    """The line that ties the sign-in form to this browser until it is closed."""
    return _line(call, SIGN_IN_FORM, secret)


def no_cookie(call: Call[Any], name: str) -> str:
    """The line that takes a cookie away."""
    return _line(call, name, "", "; Max-Age=0")


def _full_name(call: Call[Any], name: str) -> str:
    return f"__Host-{name}" if call.env.settings.is_https else name


def _line(call: Call[Any], name: str, value: str, age: str = "") -> str:
    secure = "; Secure" if call.env.settings.is_https else ""
    return f"{_full_name(call, name)}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"


def ensure_own_form(call: Call[Any], secret: str | None) -> None:
    """NotAllowed unless the form was made for the session of `secret`, and sent from here."""
    given = call.parameters.exact(FORM_TOKEN, _COOKIE_CHARACTERS_MAX) or ""
    if not _is_sent_from_here(call) or not is_own_form(secret, given):
        raise NotAllowed(_FORGED)


def _is_sent_from_here(call: Call[Any]) -> bool:
    """Whether the browser says that a page of ours sent it; an old one may say nothing."""
    sender = call.header("origin") or call.header("referer")
    if sender is None:
        return True
    try:
        parts = urlsplit(sender)
    except ValueError:
        return False
    # Besides the configured address, people open the server as localhost or by its number.
    return parts.netloc in (call.env.settings.domain, call.header("host"))
