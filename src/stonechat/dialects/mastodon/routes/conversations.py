"""Conversations, and the old timeline of direct statuses that they replaced."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from stonechat.dialects.mastodon.calls import MastodonCall, MastodonOperation
from stonechat.dialects.mastodon.entities.conversations import Conversation, present_conversation
from stonechat.dialects.mastodon.routes.timelines import answer_page
from stonechat.domain import limits
from stonechat.domain.conversations import ConversationView
from stonechat.http.links import link_header, read_cursor
from stonechat.http.operations import Answer
from stonechat.services import conversations


async def _present(call: MastodonCall, found: Sequence[ConversationView]) -> list[Conversation]:
    statuses = await call.room.statuses(call.viewer, [each.last_status for each in found])
    people = dict.fromkeys(key for each in found for key in each.people)
    accounts = await call.room.accounts(people)
    return [
        present_conversation(each, accounts, status)
        for each, status in zip(found, statuses, strict=True)
    ]


async def index(call: MastodonCall) -> Answer:
    """The viewer's conversations."""
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE)
    page = await conversations.list_conversations(call.env, call.viewer, cursor)
    url = call.env.settings.base_url + call.request.path
    links = link_header(url, call.parameters, page)
    return Answer(await _present(call, page.items), headers=links)


async def _mark(call: MastodonCall, *, is_unread: bool) -> Answer:
    found = await conversations.mark_conversation(
        call.env, call.viewer, call.path_id(), is_unread=is_unread
    )
    return Answer((await _present(call, [found]))[0])


async def delete(call: MastodonCall) -> Answer:
    """Take a conversation out of the list."""
    await conversations.delete_conversation(call.env, call.viewer, call.path_id())
    return Answer({})


async def direct(call: MastodonCall) -> Answer:
    """Direct statuses one by one, as clients before 2.6 read them."""
    cursor = read_cursor(call.parameters, limits.STATUSES_PAGE)
    page = await conversations.list_direct(call.env, call.viewer, cursor)
    return await answer_page(call, call.viewer, page)


def _marking(name: str, *, is_unread: bool) -> MastodonOperation:
    path = f"/api/v1/conversations/{{id}}/{name}"
    handler = partial(_mark, is_unread=is_unread)
    return MastodonOperation("POST", path, handler, "Conversation", scope="write:conversations")


OPERATIONS: Final = (
    MastodonOperation(
        "GET", "/api/v1/conversations", index, "[Conversation]", scope="read:statuses"
    ),
    MastodonOperation(
        "DELETE", "/api/v1/conversations/{id}", delete, "{}", scope="write:conversations"
    ),
    _marking("read", is_unread=False),
    _marking("unread", is_unread=True),
    MastodonOperation("GET", "/api/v1/timelines/direct", direct, "[Status]", scope="read:statuses"),
)
