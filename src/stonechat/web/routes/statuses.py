"""Statuses: the page of one post in its thread, and the addresses that lead there.

What nobody may see and what never was get the same page. So does a post under somebody else's
name: an address that names the wrong author would put words into their mouth.
"""

from typing import Final

from stonechat.domain.ids import StatusId
from stonechat.domain.viewers import ANONYMOUS, Bearer
from stonechat.http.operations import Answer
from stonechat.http.pages import redirect
from stonechat.http.parameters import NO_ID
from stonechat.kernel.errors import NotFound
from stonechat.services import entries, statuses, threads
from stonechat.web.calls import WebCall, answer_page
from stonechat.web.entities.addresses import status_path
from stonechat.web.entities.statuses import Post, present_post
from stonechat.web.reading import load_posts, reading
from stonechat.web.routes.profiles import MOVED, read_name


async def show(call: WebCall) -> Answer:
    """A post, what it answers, and what answers it."""
    status_id = StatusId(call.path_id())
    _, glance = await statuses.see_status(call.env, Bearer(), status_id)
    if glance.boost_of is not None:
        return await redirect_to_original(call)
    context = await threads.see_context(call.env, ANONYMOUS, status_id)
    posts = await load_posts(call, [*context.ancestors, glance, *context.descendants])
    place = _place_of(posts, status_id)
    values = {"above": posts[:place], "post": posts[place], "below": posts[place + 1 :]}
    if posts[place].author.acct.lower() != call.path["name"].lower():
        raise NotFound
    return answer_page(call, "status.html", values)


def _place_of(posts: list[Post], status_id: StatusId) -> int:
    place = next((at for at, post in enumerate(posts) if post.id == status_id), None)
    if place is None:
        raise NotFound
    return place


async def redirect_to_original(call: WebCall) -> Answer:
    """From a boost to what it passes on, which is the only page that the two have."""
    status_id = StatusId(call.path_id())
    _, glance = await statuses.see_status(call.env, Bearer(), status_id)
    found = await entries.load_entries(call.env, [glance])
    if not found:
        raise NotFound
    post = present_post(found[0], call.room.site, call.env.clock.now_ms())
    owner = post.booster or post.author
    if owner.acct.lower() != call.path["name"].lower():
        raise NotFound
    return redirect(post.path)


async def redirect_old(call: WebCall) -> Answer:
    """The page of a post by the name that it has in data, whether or not there is one."""
    status_id = call.path_id()
    if status_id == NO_ID:
        raise NotFound
    return redirect(status_path(read_name(call), status_id), status=MOVED)


OPERATIONS: Final = (
    reading("/@{name}/{id}", show),
    reading("/@{name}/{id}/activity", redirect_to_original),
    reading("/users/{name}/statuses/{id}", redirect_old),
    reading("/users/{name}/statuses/{id}/activity", redirect_old),
)
