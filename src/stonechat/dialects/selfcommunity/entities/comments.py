"""Comment and CommentSummary in pieces: what is the same for everybody, and what is not.

The pieces of one version are rendered once and kept. Left out are the author, the viewer's vote,
the comments beneath and the contribution, which all have versions of their own. A summary is made
of the same pieces; it names the contribution by its id alone and shows nothing beneath. The
vendor's comments have no media of their own: those of an answer from elsewhere end its HTML.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from stonechat.dialects.selfcommunity.entities.contributions import (
    ReactionCount,
    html_of,
    present_counts,
    slug_of,
)
from stonechat.dialects.selfcommunity.entities.media import present_media
from stonechat.dialects.selfcommunity.entities.times import instant, instant_or_none
from stonechat.domain.ids import CategoryId
from stonechat.domain.inline_media import find_inline
from stonechat.domain.media import IMAGE, INLINE
from stonechat.domain.policies import Visibility
from stonechat.domain.text.markup import escape
from stonechat.domain.text.summaries import summarise
from stonechat.domain.text.writing import picture, web_link
from stonechat.domain.views import StatusView
from stonechat.kernel.ids import ms_of_id

_encode: Final = msgspec.json.Encoder().encode


class Words(msgspec.Struct, frozen=True):
    """What stands between the author and the viewer's vote."""

    added_at: str
    last_edited_at: str | None
    html: str
    summary: str
    summary_html: str
    summary_truncated: bool
    deleted: bool
    collapsed: bool
    parent: int | None
    in_reply_to: int | None
    comment_count: int
    vote_count: int
    reactions_count: list[ReactionCount]


class Owner(msgspec.Struct, frozen=True):
    """The contribution that a comment is on."""

    id: int
    slug: str


class CommentFragment(NamedTuple):
    """The rendered pieces of one version."""

    words: bytes
    veiled: bytes | None
    """The same for whom a moderator hid it from."""
    flags: bytes
    is_sealed: bool


class OwnerFragment(NamedTuple):
    """A contribution as its comments name it, and as their summaries do."""

    whole: bytes
    brief: bytes


def present_comment(
    view: StatusView, base_url: str, category_tags: Mapping[CategoryId, str]
) -> CommentFragment:
    """The pieces of a comment. `category_tags` are the hashtags of its categories."""
    html = html_of(view, base_url, category_tags) + "".join(_attached(view, base_url))
    words = _words(view, html, base_url)
    return CommentFragment(
        words=_encode(words)[1:-1],
        veiled=_encode(_veil(words))[1:-1] if view.is_collapsed else None,
        flags=b"%d" % view.flags,
        is_sealed=view.visibility > Visibility.UNLISTED,
    )


def _attached(view: StatusView, base_url: str) -> Iterator[str]:
    """A paragraph for each medium that the words do not show themselves."""
    inside = find_inline(view.facets.html, view.account_id)
    is_sealed = view.visibility > Visibility.UNLISTED
    for each in view.media:
        if each.type == INLINE or each.id in inside:
            continue
        medium = present_media(each, base_url, is_sealed=is_sealed)
        name = each.description or medium.title or ""
        if medium.url is None:
            continue
        if each.type == IMAGE:
            yield f"<p>{picture({'src': medium.url, 'alt': name}) or escape(name)}</p>"
        else:
            begin = web_link(medium.url)
            yield f"<p>{begin}{escape(name or each.type)}</a></p>" if begin else ""


def _words(view: StatusView, html: str, base_url: str) -> Words:
    summary = summarise(html)
    answered = view.in_reply_to_id
    is_deep = view.top_id is not None and answered != view.top_id
    return Words(
        added_at=instant(ms_of_id(view.id)),
        last_edited_at=instant_or_none(view.edited_ms),
        html=html,
        summary=summary.text,
        summary_html=summary.html,
        summary_truncated=summary.is_truncated,
        deleted=view.deleted_ms is not None,
        collapsed=view.is_collapsed,
        parent=view.top_id,
        in_reply_to=answered if is_deep else None,
        comment_count=view.comments,
        vote_count=view.votes,
        reactions_count=present_counts(view, base_url),
    )


def _veil(words: Words) -> Words:
    """What of something hidden is shown: that it is there, and nothing of what it says."""
    return msgspec.structs.replace(
        words, html="", summary="", summary_html="", summary_truncated=False
    )


def present_owner(view: StatusView, base_url: str) -> OwnerFragment:
    """The contribution that comments are on; hidden words are not in its slug either."""
    if view.is_collapsed:
        slug = view.kind
    else:
        slug = slug_of(view, summarise(html_of(view, base_url, {})).text)
    key = b'"%b":' % view.kind.encode()
    return OwnerFragment(key + _encode(Owner(view.id, slug)), key + b"%d" % view.id)
