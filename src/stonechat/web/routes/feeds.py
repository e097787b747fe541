"""Feeds: what an account says to everybody, for feed readers. Atom 1.0, RFC 4287.

Only public posts stand in a feed: not the unlisted ones that the profile shows, no boosts, and no
answers to others, which say little by themselves.
"""

from dataclasses import replace
from typing import Final

from stonechat.domain.entries import EntryView
from stonechat.domain.policies import Visibility
from stonechat.domain.profiles import StatusChoice
from stonechat.domain.viewers import Bearer
from stonechat.http.operations import Answer
from stonechat.kernel.paging import Cursor
from stonechat.services import entries, profiles
from stonechat.web.calls import WebCall, answer_page
from stonechat.web.entities.accounts import present_profile
from stonechat.web.entities.feeds import present_feed_html
from stonechat.web.entities.statuses import present_post
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
    public = [entry for entry in found if _is_public(entry)][:POSTS_MAX]
    site, now_ms = call.room.site, call.env.clock.now_ms()
    posts = [present_post(_without_unlisted(entry), site, now_ms) for entry in public]
    values = {
        "profile": present_profile(account, site),
        "posts": [(post, present_feed_html(post, site.base_url)) for post in posts],
        "updated": max(
            (post.changed for post in posts), default=present_moment(account.created_ms)
        ),
    }
    return answer_page(call, "feed.atom", values, content_type=ATOM)


def _is_public(entry: EntryView) -> bool:
    return entry.visibility == Visibility.PUBLIC


def _without_unlisted(entry: EntryView) -> EntryView:
    """What an entry quotes is in no feed either unless it is public; its address stands there."""
    is_kept = entry.quoted is None or _is_public(entry.quoted)
    return entry if is_kept else replace(entry, quoted=None)


OPERATIONS: Final = (reading("/@{name}/feed.atom", show, cache=KEPT),)
