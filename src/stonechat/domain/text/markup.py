"""Markup: the HTML that stands for a plain text.

The shapes are those that Mastodon's clients take apart again, so classes, spans and their order
are a contract. Every piece of the text goes through `escape` and nothing else makes tags, so
there is nothing to sanitise. A mention that `mentions` does not resolve stays plain text.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from stonechat.domain.text.entities import Link, Mention, extract
from stonechat.domain.text.hosts import shown_host
from stonechat.domain.text.mentions import Handle
from stonechat.domain.text.tags import tag_url

LINK_CHARACTERS_SHOWN: Final = 30

# Mastodon dropped `noreferrer` in 4.4. We keep it, and mark links as written by users: no client
# reads `rel`, and the address of a page here is nobody's business.
LINK_REL: Final = "nofollow noopener noreferrer ugc"
_FIELD_LINK_REL: Final = f"{LINK_REL} me"
_PARAGRAPH_BREAK: Final = re.compile("\n{2,}")
_HOST: Final = re.compile("[^/?#:]+")


class MentionTarget(NamedTuple):
    """An account that a mention leads to. `url` is the very one of the status's metadata."""

    username: str
    domain: str | None
    url: str


Mentions = Mapping[Handle, MentionTarget]


def render_status(text: str, mentions: Mentions, base_url: str) -> str:
    """A status or a profile's note: paragraphs with links, mentions and tags."""
    if not text:
        return ""
    inline = _render_inline(text, mentions, base_url, LINK_REL, shows_domains=False)
    if "\n" in inline:
        inline = _PARAGRAPH_BREAK.sub("</p><p>", inline).replace("\n", "<br />")
    return f"<p>{inline}</p>"


def render_note(text: str, mentions: Mentions, base_url: str) -> str:
    """A profile's note, which reads like a status."""
    return render_status(text, mentions, base_url)


def render_field(value: str, mentions: Mentions, base_url: str) -> str:
    """A value of a profile's table: one line, names in full, links that say "this is me"."""
    line = value.replace("\n", " ")
    return _render_inline(line, mentions, base_url, _FIELD_LINK_REL, shows_domains=True)


def render_address(url: str) -> str:
    """A link to an address of our own making, which needs no finding in a text."""
    host_at = url.index("://") + len("://")
    host = _HOST.match(url, host_at)
    assert host is not None, "our addresses have hosts"
    return render_link(Link(0, len(url), url, host.group(), host_at), LINK_REL)


def escape(text: str) -> str:
    """Text that means itself inside HTML, also inside a quoted attribute."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )


def _render_inline(
    text: str, mentions: Mentions, base_url: str, rel: str, *, shows_domains: bool
) -> str:
    parts: list[str] = []
    position = 0
    for entity in extract(text):
        if isinstance(entity, Link):
            html = render_link(entity, rel)
        elif isinstance(entity, Mention):
            target = mentions.get(Handle(entity.username, entity.domain))
            if target is None:
                continue
            is_full = shows_domains or has_namesake(target, mentions)
            html = render_mention(target, is_full=is_full)
        else:
            html = render_hashtag(entity.name, entity.spelling, base_url)
        parts += (escape(text[position : entity.start]), html)
        position = entity.end
    return "".join((*parts, escape(text[position:])))


def render_hashtag(name: str, spelling: str, base_url: str) -> str:
    """A tag as a link to all that has it."""
    return (
        f'<a href="{escape(tag_url(base_url, name))}" class="mention hashtag" rel="tag">'
        f"#<span>{escape(spelling)}</span></a>"
    )


def render_mention(target: MentionTarget, *, is_full: bool) -> str:
    """A link to an account; its domain is shown where the name alone would not do."""
    name = f"{target.username}@{target.domain}" if is_full and target.domain else target.username
    return (
        f'<span class="h-card" translate="no"><a href="{escape(target.url)}" '
        f'class="u-url mention">@<span>{escape(name)}</span></a></span>'
    )


def has_namesake(target: MentionTarget, mentions: Mentions) -> bool:
    """Whether another mentioned account has this user name, so that only domains tell them."""
    if len(mentions) == 1:
        return False
    username = target.username.lower()
    return any(
        other.domain != target.domain and other.username.lower() == username
        for other in mentions.values()
    )


def render_link(link: Link, rel: str = LINK_REL) -> str:
    """A link to the web that shows the part of its address that people read."""
    shown, host_end, name_at = _shown_url(link)
    # The host is never cut off: in `https://bank.example.of.somebody.else.example/` the end is
    # what matters. One leftover character is shown, since an ellipsis would be no shorter.
    cut = max(name_at + LINK_CHARACTERS_SHOWN, host_end)
    is_cut = len(shown) - cut > 1
    if not is_cut:
        cut = len(shown)
    return (
        f'<a href="{escape(link.url)}" target="_blank" rel="{rel}" translate="no">'
        f'<span class="invisible">{escape(shown[:name_at])}</span>'
        f'<span class="{"ellipsis" if is_cut else ""}">{escape(shown[name_at:cut])}</span>'
        f'<span class="invisible">{escape(shown[cut:])}</span></a>'
    )


def _shown_url(link: Link) -> tuple[str, int, int]:
    """The address as it is read, where its host ends, and where its readable part begins."""
    url, host, at = link.url, link.host, link.host_at
    if not host.isascii():
        host = shown_host(host)
        url = url[:at] + host + url[at + len(link.host) :]
    name_at = url.index("://") + len("://")
    # Userinfo looks like a host and is none, so it must not push the real one out of sight.
    if name_at == at and host[:4].lower() == "www." and "." in host[4:]:
        name_at += 4
    return url, at + len(host), name_at
