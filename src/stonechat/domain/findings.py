"""Findings: what the doctor says, and what it says of settings that fit badly together.

Each setting by itself was checked when it was read (config.py). A `fault` needs somebody to act;
a `hint` is for them to judge.
"""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from stonechat.kernel.settings import Settings

OK: Final = "ok"
HINT: Final = "hint"
FAULT: Final = "fault"
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - what it is compared with
_PLAIN_HTTP: Final = (
    "STONECHAT_BASE_URL begins with http: apps on other machines send passwords and tokens in the"
    " clear. Put a reverse proxy with TLS in front, and write https."
)
_NO_PROXY: Final = (
    "STONECHAT_BASE_URL is https and STONECHAT_TRUSTED_PROXIES is empty: every visitor counts as"
    " the proxy, so all of them share one rate limit. Write the proxy's address."
)
_ELSEWHERE: Final = (
    "STONECHAT_HOST lets other machines in, while STONECHAT_BASE_URL leads every link to this one."
    " Write the address that people type."
)
_OPEN_DOOR: Final = (
    "STONECHAT_REGISTRATIONS is open and STONECHAT_RATE_LIMITS is off: anybody may make as many"
    " accounts as they like. Write STONECHAT_RATE_LIMITS=on."
)
_NO_CONTACT: Final = "STONECHAT_CONTACT_EMAIL is empty, so nobody can tell you what goes wrong."
OTHERS_MASK: Final = 0o077
"""The rights of everybody but the owner of a file."""


class Finding(NamedTuple):
    """One thing that was looked at, and what to do about it."""

    level: str
    about: str
    sentence: str


def judge_settings(settings: Settings) -> list[Finding]:
    """What does not fit together."""
    hints = [sentence for sentence, applies in _rules(settings) if applies]
    found = [Finding(HINT, "settings", sentence) for sentence in hints]
    return found or [Finding(OK, "settings", "They fit together.")]


def _rules(settings: Settings) -> list[tuple[str, bool]]:
    is_public = (urlsplit(settings.base_url).hostname or "") not in _LOCAL
    return [
        (_PLAIN_HTTP, is_public and not settings.is_https),
        (_NO_PROXY, settings.is_https and not settings.trusted_proxies),
        (_ELSEWHERE, settings.host in _EVERYWHERE and not is_public),
        (_OPEN_DOOR, settings.registrations == "open" and not settings.rate_limits),
        (_NO_CONTACT, is_public and not settings.contact_email),
    ]


def judge_mode(path: str, mode: int) -> Finding | None:
    """Whether a file that holds secrets can be read by others."""
    if not mode & OTHERS_MASK:
        return None
    return Finding(
        FAULT, "files", f"Others may read {path} (mode {mode & 0o777:o}): chmod go= {path}"
    )
