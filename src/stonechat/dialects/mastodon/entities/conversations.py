"""Conversation, around accounts and a status that were rendered before."""

from collections.abc import Mapping

import msgspec

from stonechat.domain.conversations import ConversationView
from stonechat.domain.ids import AccountId


class Conversation(msgspec.Struct, frozen=True):
    """Mastodon's Conversation. Clients fail on an empty list of accounts."""

    id: str
    unread: bool
    accounts: list[msgspec.Raw]
    last_status: msgspec.Raw


def present_conversation(
    conversation: ConversationView, accounts: Mapping[AccountId, bytes], status: bytes
) -> Conversation:
    """A conversation on the wire."""
    return Conversation(
        id=str(conversation.id),
        unread=conversation.is_unread,
        accounts=[msgspec.Raw(accounts[key]) for key in conversation.people if key in accounts],
        last_status=msgspec.Raw(status),
    )
