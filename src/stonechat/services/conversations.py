"""Conversations: direct statuses, grouped by thread and by who takes part.

A conversation is left out of the list while its newest status cannot be seen, or when the
reader blocks or mutes everybody else in it. Its paging id is that of its newest status.
"""

from collections.abc import Sequence

from stonechat.domain.conversations import ConversationView
from stonechat.domain.statuses import Status
from stonechat.domain.viewers import Viewer
from stonechat.domain.views import Glance
from stonechat.kernel.errors import NotFound
from stonechat.kernel.paging import Cursor, Page
from stonechat.services import views
from stonechat.services.env import Env
from stonechat.storage import conversations
from stonechat.storage.conversations import ConversationRow
from stonechat.storage.database import Transaction
from stonechat.storage.visibility import load_hidden_accounts


async def add_status(env: Env, tx: Transaction, status: Status) -> None:
    """Show a new direct status to its author and to everybody whom it mentions."""
    people = {status.account_id, *(mention.id for mention in status.mentions)}
    for owner_id in sorted(people):
        await conversations.add_status(
            tx,
            owner_id=owner_id,
            conversation_id=env.ids.next_id(),
            thread_id=status.thread_id,
            participants=sorted(people - {owner_id}),
            status_id=status.id,
            is_unread=owner_id != status.account_id,
        )


async def bring_back_status(env: Env, tx: Transaction, status: Status) -> None:
    """Show a direct status again that had been deleted; whoever had read it has read it."""
    people = {status.account_id, *(mention.id for mention in status.mentions)}
    for owner_id in sorted(people):
        await conversations.bring_back_status(
            tx,
            owner_id=owner_id,
            conversation_id=env.ids.next_id(),
            thread_id=status.thread_id,
            participants=sorted(people - {owner_id}),
            status_id=status.id,
        )


async def list_conversations(env: Env, viewer: Viewer, cursor: Cursor) -> Page[ConversationView]:
    """The viewer's conversations, the one with the newest status first. Four statements."""
    rows = await conversations.list_page(env.db, viewer.account_id, cursor)
    found = await _visible(env, viewer, rows)
    if not rows:
        return Page(found)
    first, last = rows[0].last_status_id, rows[-1].last_status_id
    return Page(found, first, last, len(rows) == cursor.limit)


async def _visible(
    env: Env, viewer: Viewer, rows: Sequence[ConversationRow]
) -> list[ConversationView]:
    me = viewer.account_id
    hidden = await load_hidden_accounts(env.db, me, env.clock.now_ms())
    glances = await views.glance_statuses(env.db, me, [row.last_status_id for row in rows])
    seen = {glance.id: glance for glance in glances if glance.account_id not in hidden}
    return [
        ConversationView(row.id, row.is_unread, row.participants or (me,), seen[key])
        for row in rows
        if (key := row.last_status_id) in seen
        and not (row.participants and hidden.issuperset(row.participants))
    ]


async def mark_conversation(
    env: Env, viewer: Viewer, conversation_id: int, *, is_unread: bool
) -> ConversationView:
    """Mark one of the viewer's conversations as read or unread."""

    async def work(tx: Transaction) -> ConversationRow:
        me = viewer.account_id
        await conversations.update_unread(tx, me, conversation_id, is_unread=is_unread)
        row = await conversations.find(tx, me, conversation_id)
        if row is None:
            raise NotFound
        return row

    found = await _visible(env, viewer, [await env.db.write(work)])
    if not found:
        raise NotFound
    return found[0]


async def delete_conversation(env: Env, viewer: Viewer, conversation_id: int) -> None:
    """Take a conversation out of the viewer's list; what was said stays said."""

    async def work(tx: Transaction) -> bool:
        return await conversations.delete(tx, viewer.account_id, conversation_id)

    if not await env.db.write(work):
        raise NotFound


async def list_direct(env: Env, viewer: Viewer, cursor: Cursor) -> Page[Glance]:
    """The direct statuses in the viewer's conversations, newest first."""
    ids = await conversations.list_statuses(env.db, viewer.account_id, cursor)
    hidden = await load_hidden_accounts(env.db, viewer.account_id, env.clock.now_ms())
    glances = await views.glance_statuses(env.db, viewer.account_id, ids)
    found = [glance for glance in glances if glance.account_id not in hidden]
    return Page(found, ids[0], ids[-1], len(ids) == cursor.limit) if ids else Page(found)
