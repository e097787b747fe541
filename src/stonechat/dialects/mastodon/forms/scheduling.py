"""The parameter that puts a status off: `scheduled_at`.

Mastodon has nothing to say of a time that cannot be read but "Record invalid", whatever is wrong
with it. Blank is not given; seconds since 1970 are no time, because read as a date they could be
one that is long over, and the status would be posted at once.
"""

from stonechat.domain import limits, scheduling
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import InvalidInput


def read_due(parameters: Parameters) -> int | None:
    """When to post, in ms since 1970; None where that was not said."""
    given = parameters.get("scheduled_at")
    if given is None:
        return None
    if not isinstance(given, str) or len(given) > limits.SCHEDULED_AT_CHARACTERS_MAX:
        raise InvalidInput(field="scheduled_at")
    return scheduling.read_due(given) if given.strip() else None
