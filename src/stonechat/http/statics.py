"""Static files: styles, the script of live pages, and pictures that stand in for missing ones.

They are read once. Other sites may show them, for clients in browsers draw avatars on canvases;
nothing else that a browser gets from us is open in this way.
"""

from pathlib import PurePath
from typing import Final

from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer, Call, Dialect, Operation
from stonechat.http.pages import STATIC, Pages
from stonechat.http.rates import UNCOUNTED
from stonechat.kernel.errors import NotFound, StonechatError
from stonechat.services.env import Env

KEPT: Final = "public, max-age=86400"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_HEADERS: Final = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}


class Shelf:
    """The files, by name, and the pages for what is not among them."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.files = {
            path.name: (path.read_bytes(), _TYPES[path.suffix])
            for path in STATIC.iterdir()
            if path.suffix in _TYPES
        }


async def show(call: Call[Shelf]) -> Answer:
    """One file."""
    name = PurePath(call.path["name"]).name
    if name not in call.room.files:
        raise NotFound
    content, content_type = call.room.files[name]
    return Answer(content, content_type=content_type)


async def _present_error(error: StonechatError, room: Shelf) -> Answer:
    return room.pages.problem(error)


OPERATIONS: Final = (
    Operation(
        "GET",
        "/static/{name}",
        show,
        "file",
        Caller.ANYONE,
        rides=True,
        # They cost nothing, and must not use up what the page that shows them needs.
        limit=UNCOUNTED,
        cache=KEPT,
    ),
)


def make_statics(env: Env) -> Dialect[Shelf]:
    """The static files as a door of their own."""
    return Dialect("static", OPERATIONS, Shelf(Pages(env.settings)), _present_error, _HEADERS)
