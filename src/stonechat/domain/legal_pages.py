"""Legal pages: what everybody agrees to, and what the server keeps about people.

The rules are the operator's, from the settings; who signs up agrees to them. What the server
keeps is the same wherever it runs, so it is written here.
"""

from typing import Final, NamedTuple

from stonechat.domain import limits
from stonechat.domain.text.markup import escape
from stonechat.kernel.settings import Settings

RULES: Final = "tec"
PRIVACY: Final = "privacy"

PRIVACY_UPDATED_MS: Final = 1_767_225_600_000
PRIVACY_PARAGRAPHS: Final = (
    (
        "This server keeps what you give it: your name, your profile, your e-mail address, a hash"
        " of your password, what you post and what you mark. It shows what you post to those for"
        " whom you post it, and your e-mail address to nobody but those who run the server."
    ),
    (
        "What you delete disappears at once, and is erased after"
        f" {limits.DELETED_STATUS_DAYS} days. The server does not write down the addresses from"
        " which it is used, nor what was read."
    ),
    "Those who run the server can read all that it keeps. Ask them about their backups.",
)


class LegalPage(NamedTuple):
    """One of them. `policy` is its short name; when the rules were written nobody knows."""

    id: int
    policy: str
    title: str
    html: str
    updated_ms: int | None


def privacy_html() -> str:
    """What the server keeps about people, and for how long."""
    return "".join(f"<p>{paragraph}</p>" for paragraph in PRIVACY_PARAGRAPHS)


def list_legal_pages(settings: Settings) -> list[LegalPage]:
    """Those that there are: the rules only where there are any."""
    pages = [LegalPage(2, PRIVACY, "Privacy", privacy_html(), PRIVACY_UPDATED_MS)]
    if settings.rules:
        rules = "".join(f"<li>{escape(rule)}</li>" for rule in settings.rules)
        pages.insert(0, LegalPage(1, RULES, "Rules", f"<ol>{rules}</ol>", None))
    return pages
