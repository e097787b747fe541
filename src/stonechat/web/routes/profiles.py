"""Profiles: an account's page, and the old addresses that lead there."""

import re
from typing import Final

from stonechat.domain.profiles import StatusChoice
from stonechat.domain.relationships import PRESENT_STATES
from stonechat.domain.viewers import Bearer
from stonechat.domain.views import AccountView, Glance
from stonechat.http.operations import Answer
from stonechat.http.pages import redirect
from stonechat.kernel.errors import NotFound
from stonechat.kernel.paging import Cursor
from stonechat.services import accounts, profiles
from stonechat.web.calls import WebCall, answer_page
from stonechat.web.entities.accounts import present_profile
from stonechat.web.reading import is_top, load_posts, older, read_place, reading

MOVED: Final = 301
_NAME: Final = re.compile(r"\w+", re.ASCII)
_PINNED: Final = StatusChoice(only_pinned=True)
_PINNED_PAGE: Final = Cursor(limit=20)


async def find_resident(call: WebCall) -> AccountView:
    """The account whose page this is; NotFound where nobody may see it."""
    account = await accounts.look_up(call.env, call.path["name"])
    if account.state not in PRESENT_STATES or account.acct.lower() != call.path["name"].lower():
        raise NotFound
    return account


async def show(call: WebCall) -> Answer:
    """What somebody says of themselves, and their posts without answers to others."""
    return await _show(call, "", no_replies=True)


async def show_with_replies(call: WebCall) -> Answer:
    """The same with their answers."""
    return await _show(call, "/with_replies", no_replies=False)


async def _show(call: WebCall, tab: str, *, no_replies: bool) -> Answer:
    account = await find_resident(call)
    cursor = read_place(call)
    choice = StatusChoice(no_replies=no_replies)
    _, page = await profiles.list_statuses(call.env, Bearer(), account.id, choice, cursor)
    pinned = await _list_pinned(call, account) if is_top(cursor) and not tab else []
    above = {glance.id for glance in pinned}
    below = [glance for glance in page.items if glance.id not in above]
    posts = await load_posts(call, [*pinned, *below])
    values = {
        "profile": present_profile(account, call.room.site),
        "pinned": [post for post in posts if post.id in above and post.booster is None],
        "posts": [post for post in posts if post.id not in above or post.booster is not None],
        "older": older(page),
        "is_top": is_top(cursor),
        "tab": tab,
    }
    return answer_page(call, "profile.html", values)


async def _list_pinned(call: WebCall, account: AccountView) -> list[Glance]:
    _, page = await profiles.list_statuses(call.env, Bearer(), account.id, _PINNED, _PINNED_PAGE)
    return list(page.items)


async def redirect_old(call: WebCall) -> Answer:
    """The page of an account by the name that it has in data."""
    return redirect(f"/@{read_name(call)}", status=MOVED)


def read_name(call: WebCall) -> str:
    """A user name in a path, fit to be sent back in a header."""
    name = call.path["name"]
    if not _NAME.fullmatch(name):
        raise NotFound
    return name


OPERATIONS: Final = (
    reading("/@{name}", show),
    reading("/@{name}/with_replies", show_with_replies),
    reading("/users/{name}", redirect_old),
)
