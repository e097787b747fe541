"""The dialect as a whole: its operations, its words for errors, its headers."""

from typing import Final

from stonechat.dialects.selfcommunity.calls import CommunityOperation
from stonechat.dialects.selfcommunity.errors import present_error
from stonechat.dialects.selfcommunity.rendering import Renderer
from stonechat.dialects.selfcommunity.routes import (
    absences,
    accounts,
    avatars,
    categories,
    comments,
    contributions,
    custom_menus,
    drafts,
    dynamic_preferences,
    embeds,
    features,
    feeds,
    flags,
    jwt,
    labels,
    legal_pages,
    lists,
    localities,
    marks,
    media,
    moderation,
    notifications,
    passwords,
    polls,
    reactions,
    suggestions,
    user_lists,
    user_preferences,
    user_relations,
    users,
)
from stonechat.http.operations import Answer, Dialect
from stonechat.http.rates import RateLimits
from stonechat.kernel.errors import StonechatError
from stonechat.services.env import Env

OPERATIONS: Final[tuple[CommunityOperation, ...]] = (
    *accounts.OPERATIONS,
    *jwt.OPERATIONS,
    *passwords.OPERATIONS,
    *categories.OPERATIONS,
    *comments.OPERATIONS,
    *contributions.OPERATIONS,
    *embeds.OPERATIONS,
    *labels.OPERATIONS,
    *media.OPERATIONS,
    *moderation.OPERATIONS,
    *notifications.OPERATIONS,
    *absences.OPERATIONS,
    *custom_menus.OPERATIONS,
    *dynamic_preferences.OPERATIONS,
    *features.OPERATIONS,
    *feeds.OPERATIONS,
    *flags.OPERATIONS,
    *lists.OPERATIONS,
    *legal_pages.OPERATIONS,
    *localities.OPERATIONS,
    *marks.OPERATIONS,
    *drafts.OPERATIONS,
    *polls.OPERATIONS,
    *reactions.OPERATIONS,
    *suggestions.OPERATIONS,
    *avatars.OPERATIONS,
    *users.OPERATIONS,
    *user_lists.OPERATIONS,
    *user_preferences.OPERATIONS,
    *user_relations.OPERATIONS,
)

HEADERS: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "Link, Retry-After, X-RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining,"
        " X-Request-Id"
    ),
    "vary": "Authorization, Origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


async def _present_error(error: StonechatError, room: Renderer) -> Answer:
    return present_error(error, room.clock)


def make_selfcommunity(env: Env, rates: RateLimits) -> Dialect[Renderer]:
    """SelfCommunity's dialect over these rooms."""
    return Dialect("selfcommunity", OPERATIONS, Renderer(env, rates), _present_error, HEADERS)
