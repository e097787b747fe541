"""Visits: who looks at a page of a beacon or a board, and what such a page is sent with.

These pages may be looked at by anybody, and show more to whoever is signed in and has a role. So
no copy of one may be given to somebody else, and a page by a private link is kept by nobody.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from stonechat.domain.ids import NOBODY, AccountId
from stonechat.domain.sessions import make_form_token
from stonechat.domain.viewers import Caller
from stonechat.http.cookies import SESSION, read_cookie
from stonechat.http.operations import PRIVATE, Answer, Handler
from stonechat.http.pages import content_policy, page_headers
from stonechat.http.rates import SHARES
from stonechat.kernel.settings import Settings
from stonechat.services import sessions
from stonechat.web.calls import WebCall, WebOperation, WebRoom, answer_page

CHECKED: Final = "private, no-cache"
LINK_HEADERS: Final = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
"""With whatever a private link opens: its address is a secret."""


class Visit(NamedTuple):
    """Somebody who looks at a page; the secret of their session, if they are signed in."""

    account_id: AccountId = NOBODY
    secret: str | None = None

    @property
    def form_token(self) -> str | None:
        """What the forms of the page carry; there are none for who is not signed in."""
        return None if self.secret is None else make_form_token(self.secret)


_NOBODY: Final = Visit()


async def find_visit(call: WebCall) -> Visit:
    """Who it is. No statement without a cookie, and one with it."""
    secret = read_cookie(call, SESSION)
    visitor = await sessions.find_visitor(call.env, secret)
    return _NOBODY if visitor is None else Visit(visitor.account_id, secret)


def visit_headers(settings: Settings) -> Mapping[str, str]:
    """The headers of every live page."""
    live = {"content-security-policy": content_policy(is_live=True), "vary": "Cookie"}
    return {**page_headers(settings), **live}


def answer_visit(
    call: WebCall, template: str, values: Mapping[str, object], *, is_secret: bool, has_form: bool
) -> Answer:
    """A live page, or 304 where the reader has it already."""
    answer = answer_page(call, template, values)
    if not is_secret:
        return answer
    headers = {"cache-control": PRIVATE, **LINK_HEADERS}
    if has_form:
        # Without any referrer a browser sends `Origin: null` with our own form. Other sites are
        # told nothing either way.
        headers["referrer-policy"] = "same-origin"
    answer.headers = {**answer.headers, **headers}
    return answer


def looking(path: str, handler: Handler[WebRoom], entity: str = "page") -> WebOperation:
    """An operation that shows something to whoever asks."""
    return WebOperation(
        "GET", path, handler, entity, Caller.ANYONE, rides=True, limit=SHARES, cache=CHECKED
    )


def sending(path: str, handler: Handler[WebRoom]) -> WebOperation:
    """An operation that takes a form from somebody who is signed in."""
    return WebOperation("POST", path, handler, "redirect", Caller.ANYONE, rides=True, limit=SHARES)
