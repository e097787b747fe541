"""Feeds: a post as HTML that goes out by itself, into readers of other people's making.

Their style is not ours and nothing can be folded away there, so a warning goes first, and in the
place of sensitive media stands a link to the page that folds them. Every address is whole. How a
poll goes is not told: it changes, and an entry that changes by itself is shown as a new one.
"""

from collections.abc import Iterator
from typing import Final

from markupsafe import Markup

from stonechat.domain.media import AUDIO, IMAGE
from stonechat.web.entities.media import Exhibit
from stonechat.web.entities.polls import Question
from stonechat.web.entities.quotes import Quote
from stonechat.web.entities.statuses import Post

_WARNING: Final = Markup("<p><strong>Content warning:</strong> {}</p><hr>")
_QUOTE: Final = Markup(
    '<blockquote cite="{url}"><p><a href="{url}">{name} (@{acct})</a></p><p>{words}</p>'
    "</blockquote>"
)
_PLACE: Final = Markup("<p>Place: {}</p>")
_OPTION: Final = Markup("<li>{}</li>")
_POLL: Final = Markup("<ul>{options}</ul><p>{kind}</p>")
_POLL_UNTIL: Final = Markup("Poll until {} UTC")
_PICTURE: Final = Markup('<p><a href="{url}"><img src="{shown}" alt="{name}"{size}></a></p>')
_SIZE: Final = Markup(' width="{}" height="{}"')
_PLAYED: Final = Markup('<p><a href="{url}">{kind}{length}</a>{about}</p>')
_FOLDED: Final = Markup('<p><a href="{}">Sensitive media</a></p>')


def present_feed_html(post: Post, base_url: str) -> str:
    """What a feed reader shows."""
    return "".join(_parts(post, base_url))


def _parts(post: Post, base_url: str) -> Iterator[Markup]:
    if post.spoiler:
        yield _WARNING.format(post.spoiler)
    yield post.content
    if post.place:
        yield _PLACE.format(post.place)
    if post.quote is not None:
        yield _quote(post.quote)
    if post.poll is not None:
        yield _poll(post.poll)
    if post.media and post.is_sensitive:
        yield _FOLDED.format(post.url)
        return
    for each in post.media:
        yield _picture(each, base_url) if each.kind == IMAGE else _played(each, base_url)


def _quote(quote: Quote) -> Markup:
    author = quote.author
    return _QUOTE.format(url=quote.url, name=author.name, acct=author.acct, words=quote.words)


def _poll(poll: Question) -> Markup:
    options = Markup("").join(_OPTION.format(each.title) for each in poll.options)
    kind = "Poll" if poll.ends is None else _POLL_UNTIL.format(poll.ends.words)
    return _POLL.format(options=options, kind=kind)


def _picture(picture: Exhibit, base_url: str) -> Markup:
    shown = picture.shown or picture.file
    size = Markup("")
    if shown.width is not None and shown.height is not None:
        size = _SIZE.format(shown.width, shown.height)
    return _PICTURE.format(
        url=base_url + picture.file.path,
        shown=base_url + shown.path,
        name=picture.description,
        size=size,
    )


def _played(exhibit: Exhibit, base_url: str) -> Markup:
    return _PLAYED.format(
        url=base_url + exhibit.file.path,
        kind="Listen" if exhibit.kind == AUDIO else "Watch",
        length=f" ({exhibit.length})" if exhibit.length else "",
        about=f": {exhibit.description}" if exhibit.description else "",
    )
