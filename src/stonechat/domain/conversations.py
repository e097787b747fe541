"""Conversations: threads of direct statuses, as one of the people in them sees them."""

from dataclasses import dataclass

from stonechat.domain.ids import AccountId
from stonechat.domain.views import Glance


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation with its newest status; `people` are the others, or oneself if alone."""

    id: int
    is_unread: bool
    people: tuple[AccountId, ...]
    last_status: Glance
