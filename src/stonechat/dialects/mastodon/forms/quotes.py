"""The parameters of quoting."""

from typing import Final

from stonechat.domain.quotes import QUOTE_POLICIES, QuotePolicy
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import InvalidInput, MissingParameter

_POLICY: Final = "quote_approval_policy"


def read_quote_policy(parameters: Parameters) -> QuotePolicy | None:
    """Who may quote; an unknown policy is refused, never widened. Mastodon says no more of it."""
    given = parameters.get(_POLICY)
    if given is None or given == "":
        return None
    policy = QUOTE_POLICIES.get(given) if isinstance(given, str) else None
    if policy is None:
        raise InvalidInput(field=_POLICY, rule="inclusion")
    return policy


def read_required_quote_policy(parameters: Parameters) -> QuotePolicy:
    """Who may quote, where that is all that is asked about."""
    policy = read_quote_policy(parameters)
    if policy is None:
        raise MissingParameter(_POLICY)
    return policy
