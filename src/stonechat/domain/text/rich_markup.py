"""Markup of rich texts: the HTML that each kind of client gets of a text that may hold markup.

What is turned into links is found in the text alone: a mention's id, like all that a client
claims, was dropped when the text was read (rich.py). Nothing is looked for inside code and links,
and a mention that nobody resolves stays plain text. What is kept of a text is enough to render it:
`Rich(html, text)`, or for a plain one its text alone. HTML that `read_rich` has not made must never
come here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from stonechat.domain.text.entities import Entity, Hashtag, Link, Mention, extract
from stonechat.domain.text.hosts import shown_host
from stonechat.domain.text.markup import (
    LINK_REL,
    Mentions,
    escape,
    has_namesake,
    render_hashtag,
    render_link,
    render_mention,
    render_status,
)
from stonechat.domain.text.mentions import Handle, hashtags
from stonechat.domain.text.rich import Rich
from stonechat.domain.text.summaries import unescape
from stonechat.domain.text.tags import tag_url

_SPLIT: Final = re.compile(r"(<[^>]*>)")
_MARKS: Final = re.compile("[@#\uff03]|://")
_PARAGRAPH_BREAK: Final = re.compile("\n\n(\n*)")
# The renderers for text inside these leave it as it is.
_LEFT_ALONE: Final = frozenset({"a", "code", "pre"})
_NAMED: Final = frozenset({"<mention>", "</mention>", "<hashtag>", "</hashtag>"})
_HEADING: Final = re.compile("<(/?)h[1-4]>")
_PICTURE: Final = re.compile('<img src="([^"]*)" alt="([^"]*)"[^>]*>')


class CommunityPerson(NamedTuple):
    """An account that a mention leads to, by the number that the community's clients know."""

    id: int
    username: str


_Resolve: TypeAlias = Callable[[Entity], str | None]
"""The markup of an entity, or None where it stays text."""


def render_community(
    source: Rich | str,
    people: Mapping[Handle, CommunityPerson],
    base_url: str,
    *,
    categories: Mapping[str, int] | None = None,
) -> str:
    """The HTML for the community's clients; `categories` are ids by the names of their tags."""
    known = categories or {}

    def resolve(entity: Entity) -> str | None:
        if isinstance(entity, Link):
            return _plain_link(entity)
        if isinstance(entity, Mention):
            person = people.get(Handle(entity.username, entity.domain))
            return None if person is None else _mention_element(person)
        return _tag_element(entity, known.get(entity.name), base_url)

    if isinstance(source, Rich) and not source.is_plain:
        return _resolve_markup(source.html, resolve)
    text = source if isinstance(source, str) else source.text
    if not text:
        return ""
    inline = _resolve_text(text, resolve)
    if "\n" in inline:
        # Each line end beyond two is kept, so that the text can be read back as it was typed.
        inline = _PARAGRAPH_BREAK.sub(r"</p><p>\1", inline).replace("\n", "<br />")
    return f"<p>{inline}</p>"


def render_mastodon(
    source: Rich,
    mentions: Mentions,
    base_url: str,
    *,
    title: str = "",
    category_tags: Sequence[tuple[str, str]] = (),
) -> str:
    """The HTML for Mastodon's clients: title, text, and the tags (spelling, name) not in it."""
    if source.is_plain:
        return render_plain(
            source.text, mentions, base_url, title=title, category_tags=category_tags
        )
    named: set[str] = set()

    def resolve(entity: Entity) -> str | None:
        if isinstance(entity, Link):
            return render_link(entity)
        if isinstance(entity, Mention):
            target = mentions.get(Handle(entity.username, entity.domain))
            if target is None:
                return None
            return render_mention(target, is_full=has_namesake(target, mentions))
        named.add(entity.name)
        return render_hashtag(entity.name, entity.spelling, base_url)

    content = _resolve_markup(_without_rare_elements(source.html), resolve)
    return _title(title) + content + _closing_tags(category_tags, named, base_url)


def render_plain(
    text: str,
    mentions: Mentions,
    base_url: str,
    *,
    title: str = "",
    category_tags: Sequence[tuple[str, str]] = (),
) -> str:
    """A plain text for Mastodon's clients, with its title and the tags that are not in it."""
    content = render_status(text, mentions, base_url)
    if not title and not category_tags:
        return content
    return _title(title) + content + _closing_tags(category_tags, set(hashtags(text)), base_url)


def _title(title: str) -> str:
    return f"<p><strong>{escape(title)}</strong></p>" if title else ""


def _closing_tags(tags: Sequence[tuple[str, str]], named: set[str], base_url: str) -> str:
    missing = {name: spelling for spelling, name in tags if name not in named}
    links = " ".join(render_hashtag(name, spelling, base_url) for name, spelling in missing.items())
    return f"<p>{links}</p>" if links else ""


def _without_rare_elements(clean: str) -> str:
    """Headings and pictures as apps show them that know neither."""
    if "<h" in clean:
        clean = _HEADING.sub(lambda tag: "</strong></p>" if tag[1] else "<p><strong>", clean)
    if "<img " not in clean:
        return clean
    is_in_link = False
    tokens = _SPLIT.split(clean)
    for at, token in enumerate(tokens):
        if token.startswith(("<a ", "</a>")):
            is_in_link = token != "</a>"
        elif picture := _PICTURE.fullmatch(token):
            shown = picture[2] or picture[1]
            link = f'<a href="{picture[1]}" rel="{LINK_REL}">{shown}</a>'
            tokens[at] = shown if is_in_link else link
    return "".join(tokens)


def _resolve_markup(clean: str, resolve: _Resolve) -> str:
    """Our own HTML, with the entities of its text outside code and links resolved."""
    if not _MARKS.search(clean):
        return clean
    out: list[str] = []
    left_alone = 0
    for token in _SPLIT.split(clean):
        if token in _NAMED:
            continue
        if token.startswith("<"):
            out.append(token)
            if token.split(maxsplit=1)[0].strip("</>") in _LEFT_ALONE:
                left_alone += -1 if token.startswith("</") else 1
        elif left_alone or not _MARKS.search(token):
            out.append(token)
        else:
            out.append(_resolve_text(unescape(token), resolve))
    return "".join(out)


def _resolve_text(text: str, resolve: _Resolve) -> str:
    parts: list[str] = []
    position = 0
    for entity in extract(text):
        markup = resolve(entity)
        if markup is not None:
            parts += (escape(text[position : entity.start]), markup)
            position = entity.end
    return "".join((*parts, escape(text[position:])))


def _plain_link(link: Link) -> str:
    shown = link.url
    if not link.host.isascii():
        end = link.host_at + len(link.host)
        shown = link.url[: link.host_at] + shown_host(link.host) + link.url[end:]
    return f'<a href="{escape(link.url)}" rel="{LINK_REL}">{escape(shown)}</a>'


def _mention_element(person: CommunityPerson) -> str:
    # The vendor's pages make it a link only with a blank directly before `id="digits"`.
    return f'<mention id="{person.id}" ext-id="{person.id}">@{escape(person.username)}</mention>'


def _tag_element(tag: Hashtag, category_id: int | None, base_url: str) -> str:
    spelling = escape(tag.spelling)
    if category_id is not None:
        return f'<hashtag id="{category_id}">#{spelling}</hashtag>'
    return f'<a href="{escape(tag_url(base_url, tag.name))}" rel="tag">#{spelling}</a>'
