"""Conversations: direct statuses, grouped by thread and by who takes part."""

from stonechat.domain.statuses import Status
from stonechat.services.env import Env
from stonechat.storage import conversations
from stonechat.storage.database import Transaction


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
