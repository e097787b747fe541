"""Tags: what everybody here said to everybody under a hashtag."""

from typing import Final

from stonechat.domain.tags import TagChoice, read_tag
from stonechat.domain.text.tags import tag_url
from stonechat.domain.timelines import Origin
from stonechat.domain.viewers import Bearer
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import tags
from stonechat.web.calls import WebCall, answer_page
from stonechat.web.reading import is_top, load_posts, older, read_place, reading


async def show(call: WebCall) -> Answer:
    """The page of a tag, used or not. Three statements, or four with quotes."""
    tag = read_tag(call.path["tag"])
    if tag is None:
        raise NotFound
    cursor = read_place(call)
    choice, origin = TagChoice(tag.name), Origin()
    _, page = await tags.see_tagged(call.env, Bearer(), cursor, choice, origin)
    values = {
        "tag": tag.name,
        "url": tag_url(call.room.site.base_url, tag.name),
        "posts": await load_posts(call, page.items),
        "older": older(page),
        "is_top": is_top(cursor),
    }
    return answer_page(call, "tag.html", values)


OPERATIONS: Final = (reading("/tags/{tag}", show),)
