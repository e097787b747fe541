"""The dialect as a whole: doors for programs, and one for people.

They share the noun and the floor below, and differ in everything that a door decides: programs
get JSON and may come from any site, people get pages that no other site may frame or read. Programs
of communities have a door of their own, whose paths end in a slash (routes/refresh_tokens).
"""

from typing import Final

from stonechat.dialects.oauth.calls import PageRoom, RenewalRoom
from stonechat.dialects.oauth.errors import present_error
from stonechat.dialects.oauth.routes import (
    authorization,
    metadata,
    refresh_tokens,
    sign_in,
    tokens,
)
from stonechat.http.operations import Answer, Dialect, Operation
from stonechat.http.pages import page_headers
from stonechat.http.rates import RateLimits
from stonechat.kernel.errors import StonechatError
from stonechat.services.env import Env

OPERATIONS: Final[tuple[Operation[None], ...]] = (
    *metadata.OPERATIONS,
    *tokens.OPERATIONS,
)
PAGE_OPERATIONS: Final[tuple[Operation[PageRoom], ...]] = (
    *authorization.OPERATIONS,
    *sign_in.OPERATIONS,
)
RENEWAL_OPERATIONS: Final[tuple[Operation[RenewalRoom], ...]] = refresh_tokens.OPERATIONS

HEADERS: Final = {
    "access-control-allow-origin": "*",
    "vary": "Authorization, Origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


async def _present_page_error(error: StonechatError, room: PageRoom) -> Answer:
    return room.pages.problem(error)


def make_oauth() -> Dialect[None]:
    """What programs ask."""
    return Dialect("oauth", OPERATIONS, None, present_error, HEADERS)


def make_community_oauth(rates: RateLimits) -> Dialect[RenewalRoom]:
    """What programs of communities ask."""
    room = RenewalRoom(rates)
    return Dialect("community oauth", RENEWAL_OPERATIONS, room, present_error, HEADERS)


def make_oauth_pages(env: Env, rates: RateLimits) -> Dialect[PageRoom]:
    """What people see on the way."""
    room = PageRoom(env, rates)
    headers = {**page_headers(env.settings), "vary": "Cookie"}
    return Dialect("oauth pages", PAGE_OPERATIONS, room, _present_page_error, headers)
