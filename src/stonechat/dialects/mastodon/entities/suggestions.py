"""Suggestion: an account, and why it is suggested."""

import msgspec


class Suggestion(msgspec.Struct, frozen=True):
    """Mastodon's Suggestion; `source` is the older word for the first of `sources`."""

    source: str
    sources: list[str]
    account: msgspec.Raw


def present_suggestion(account: bytes, *, is_of_friends: bool) -> Suggestion:
    """A suggestion on the wire."""
    if is_of_friends:
        return Suggestion("past_interactions", ["friends_of_friends"], msgspec.Raw(account))
    return Suggestion("global", ["most_followed"], msgspec.Raw(account))
