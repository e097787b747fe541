"""Comments: said, read, listed, edited, deleted, brought back.

To edit what is another's, what one may not see and what is not there is one answer, and so it is
to list the comments on it. Votes and flags stand with those of contributions.
"""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityCall, offer
from stonechat.dialects.selfcommunity.forms.comments import (
    read_branch,
    read_post,
    read_sorting,
    read_words,
)
from stonechat.dialects.selfcommunity.pages import COUNTED_MAX, answer_page, read_window
from stonechat.domain.comments import Authored, Branch, Window
from stonechat.domain.ids import AccountId, StatusId
from stonechat.domain.viewers import Caller
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import comments


async def create(call: CommunityCall) -> Answer:
    """Comment on a contribution, or answer a comment on it."""
    domain, key = call.env.settings.domain, call.idempotency_key()
    command = read_post(call.parameters, domain, idempotency_key=key)
    found = await comments.post_comment(call.env, call.viewer, command)
    return Answer(await call.room.comments.one(call.viewer, found), 201)


async def list_all(call: CommunityCall) -> Answer:
    """Comments on something, beneath a comment, or by somebody."""
    window, by = read_window(call), read_sorting(call.parameters)
    wanted, part = read_branch(call.parameters), Window(window.limit, window.offset)
    env, viewer = call.env, call.viewer
    if isinstance(wanted, Branch):
        found = await comments.list_comments(env, viewer, wanted, by, part, counted_max=COUNTED_MAX)
    else:
        authored = Authored(AccountId(wanted), by.is_newest_first)
        found = await comments.list_authored(env, viewer, authored, part, counted_max=COUNTED_MAX)
    rendered = await call.room.comments.page(viewer, found)
    return answer_page(call, window, rendered, found.count, has_more=found.has_more)


async def show(call: CommunityCall) -> Answer:
    """One comment; a deleted one, for its author and for staff."""
    comment_id = StatusId(call.path_id())
    try:
        found = await comments.see_comment(call.env, call.viewer, comment_id)
    except NotFound:
        found = await comments.see_deleted(call.env, call.viewer, comment_id)
    return Answer(await call.room.comments.one(call.viewer, found))


async def update(call: CommunityCall) -> Answer:
    """Put one's own in other words."""
    comment_id = StatusId(call.path_id())
    text, html = read_words(call.parameters, call.env.settings.domain)
    found = await comments.edit_comment(call.env, call.viewer, comment_id, text, html)
    return Answer(await call.room.comments.one(call.viewer, found))


async def destroy(call: CommunityCall) -> Answer:
    """Delete one's own; it can be brought back for a while."""
    await comments.delete_comment(call.env, call.viewer, StatusId(call.path_id()))
    return Answer(b"", 204)


async def restore(call: CommunityCall) -> Answer:
    """Bring back what one deleted."""
    await comments.restore_comment(call.env, call.viewer, StatusId(call.path_id()))
    return Answer(b"", 204)


OPERATIONS: Final = (
    offer("GET /api/v2/comment/", list_all, "Comment", Caller.ANYONE),
    offer("POST /api/v2/comment/", create, "Comment", limit="post"),
    offer("GET /api/v2/comment/{id}/", show, "Comment", Caller.ANYONE),
    offer("PUT /api/v2/comment/{id}/", update, "Comment"),
    offer("DELETE /api/v2/comment/{id}/", destroy, "-", limit="delete"),
    offer("POST /api/v2/comment/{id}/restore/", restore, "-"),
)
