"""The door's room, and its own names for the furniture that all doors share.

Every page goes out with a mark of its content. A browser asks each time whether that is still the
current one, so what was deleted is gone at once, and what did not change is not sent again.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeAlias

from stonechat.http.live import Live
from stonechat.http.observing import Observer
from stonechat.http.operations import Answer, Call, Operation
from stonechat.http.pages import HTML, Pages
from stonechat.services.env import Env
from stonechat.web.entities.addresses import Site

TEMPLATES: Final = Path(__file__).parent / "templates"
CHECKED: Final = "public, no-cache"
"""Anybody may keep a copy, and asks before showing it."""
_MARK_DIGITS: Final = 24
_NOT_MODIFIED: Final = 304


class WebRoom:
    """What every handler finds at `call.room`."""

    def __init__(self, env: Env, observer: Observer, live: Live) -> None:
        settings = env.settings
        self.pages = Pages(settings, TEMPLATES)
        self.observer = observer
        self.live = live
        self.site = Site(settings.base_url, settings.title, settings.domain, settings.is_https)


WebCall: TypeAlias = Call[WebRoom]
WebOperation: TypeAlias = Operation[WebRoom]


def answer_page(
    call: WebCall, template: str, values: Mapping[str, object], *, content_type: str = HTML
) -> Answer:
    """A rendered template, or 304 where the reader has it already."""
    body = call.room.pages.render(template, {"here": call.room.site, **values})
    mark = f'"{sha256(body).hexdigest()[:_MARK_DIGITS]}"'
    headers = {"etag": mark}
    if _is_known(mark, call.header("if-none-match")):
        return Answer(b"", _NOT_MODIFIED, headers, content_type)
    return Answer(body, headers=headers, content_type=content_type)


def _is_known(mark: str, sent: str | None) -> bool:
    # A proxy that compresses what it passes on calls our mark a weak one.
    held = [each.strip().removeprefix("W/") for each in (sent or "").split(",")]
    return mark in held or held == ["*"]
