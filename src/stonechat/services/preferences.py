"""Preferences of a viewer: what a client should begin with."""

from stonechat.domain.policies import Visibility
from stonechat.domain.preferences import PreferencesView
from stonechat.domain.quotes import QuotePolicy
from stonechat.domain.viewers import Viewer
from stonechat.services.env import Env
from stonechat.storage import accounts


async def see_preferences(env: Env, viewer: Viewer) -> PreferencesView:
    """How the viewer posts unless they say otherwise."""
    row = await accounts.get_author_row(env.db, viewer.account_id)
    usual = Visibility.PRIVATE if row[0] else Visibility.PUBLIC
    return PreferencesView(
        visibility=row[1] or usual.label,
        is_sensitive=bool(row[2]),
        language=row[3],
        quote_policy=QuotePolicy(row[5]),
    )
