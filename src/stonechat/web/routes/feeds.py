"""Feeds: what an account says to everybody, for feed readers. Atom 1.0, RFC 4287.

Only public posts stand in a feed: not the unlisted ones that the profile shows, no boosts, and no
answers to others, which say little by themselves.
"""

from typing import Final

from stonechat.domain.policies import Visibility
from stonechat.domain.profiles import StatusChoice
from stonechat.domain.viewers import Bearer
from stonechat.http.operations import Answer
from stonechat.kernel.paging import Cursor
from stonechat.services import entries, profiles
from stonechat.web.calls import WebCall, answer_page
from stonechat.web.entities.accounts import present_profile
from stonechat.web.entities.statuses import present_feed_html, present_post
from stonechat.web.entities.times import present_moment
from stonechat.web.reading import reading
from stonechat.web.routes.profiles import find_resident

POSTS_MAX: Final = 20
POSTS_LOOKED_AT_MAX: Final = 80
"""Somebody may post mostly unlisted; further back than this nothing is looked for."""
ATOM: Final = "application/atom+xml; charset=utf-8"
KEPT: Final = "public, max-age=60"


async def show(call: WebCall) -> Answer:
    """The newest public posts of an account."""
    account = await find_resident(call)
    choice = StatusChoice(no_replies=True, no_boosts=True)
    cursor = Cursor(POSTS_LOOKED_AT_MAX)
    _, page = await profiles.list_statuses(call.env, Bearer(), account.id, choice, cursor)
    found = await entries.load_entries(call.env, page.items)
    public = [entry for entry in found if entry.visibility == Visibility.PUBLIC][:POSTS_MAX]
    now_ms = call.env.clock.now_ms()
    posts = [present_post(entry, call.room.site, now_ms) for entry in public]
    values = {
        "profile": present_profile(account, call.room.site),
        "posts": [(post, present_feed_html(post)) for post in posts],
        "updated": max(
            (post.changed for post in posts), default=present_moment(account.created_ms)
        ),
    }
    return answer_page(call, "feed.atom", values, content_type=ATOM)


OPERATIONS: Final = (reading("/@{name}/feed.atom", show, cache=KEPT),)
