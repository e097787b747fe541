"""Preferences: how somebody posts unless they say otherwise."""

from dataclasses import dataclass

from stonechat.domain.quotes import QuotePolicy


@dataclass(frozen=True, slots=True)
class PreferencesView:
    """The defaults of one account. No language means the server's."""

    visibility: str
    is_sensitive: bool
    language: str | None
    quote_policy: QuotePolicy
