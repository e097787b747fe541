"""Forms of what is to be said later: `scheduled_at` and `draft`.

What waits says both of itself, so that a time goes before `draft`: a body that an interface read
and sends again leaves it as it is. Without either, something that waits becomes a draft, as a
name that is not sent takes away what it named.
"""

from stonechat.dialects.selfcommunity.forms.polls import read_moment
from stonechat.domain.scheduling import DRAFT_MS
from stonechat.http.parameters import Parameters


def read_due(parameters: Parameters) -> int | None:
    """When to say something, in ms since 1970; DRAFT_MS for a draft, None for at once."""
    due_ms = read_moment(parameters, "scheduled_at", "scheduled_at")
    if due_ms is None and parameters.flag("draft"):
        return DRAFT_MS
    return due_ms
