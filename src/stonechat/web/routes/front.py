"""The front page: what this is, how to sign in with an app, and what was said last."""

from typing import Final

from stonechat.domain.timelines import Origin
from stonechat.domain.viewers import Bearer
from stonechat.http.operations import Answer
from stonechat.services import timelines
from stonechat.web.calls import WebCall, answer_page
from stonechat.web.reading import is_top, load_posts, older, read_place, reading


async def index(call: WebCall) -> Answer:
    """The newest public posts, under a word of welcome. Three statements, or four with quotes."""
    cursor = read_place(call)
    _, page = await timelines.see_public(call.env, Bearer(), cursor, Origin(is_local=True))
    settings = call.env.settings
    values = {
        "posts": await load_posts(call, page.items),
        "older": older(page),
        "is_top": is_top(cursor),
        "description": settings.description,
        "registrations": settings.registrations,
    }
    return answer_page(call, "front.html", values)


OPERATIONS: Final = (reading("/", index),)
