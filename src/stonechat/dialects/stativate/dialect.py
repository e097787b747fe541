"""The dialect as a whole: its operations, its words for errors, its headers."""

from typing import Final

from stonechat.dialects.stativate.calls import StativateOperation
from stonechat.dialects.stativate.errors import present_error
from stonechat.dialects.stativate.routes import (
    accounts,
    histories,
    keys,
    links,
    notices,
    statuses,
    users,
    values,
    webhooks,
)
from stonechat.http.operations import Answer, Dialect
from stonechat.kernel.clock import Clock
from stonechat.kernel.errors import StonechatError
from stonechat.services.env import Env

OPERATIONS: Final[tuple[StativateOperation, ...]] = (
    *accounts.OPERATIONS,
    *histories.OPERATIONS,
    *keys.OPERATIONS,
    *links.OPERATIONS,
    *notices.OPERATIONS,
    *statuses.OPERATIONS,
    *users.OPERATIONS,
    *values.OPERATIONS,
    *webhooks.OPERATIONS,
)

HEADERS: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "ETag, Link, Retry-After, X-RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining,"
        " X-Request-Id"
    ),
    "vary": "Authorization, Stativate-Api-Key, Origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


async def _present_error(error: StonechatError, clock: Clock) -> Answer:
    return present_error(error, clock.now())


def make_stativate(env: Env) -> Dialect[Clock]:
    """Stativate's dialect over these rooms."""
    return Dialect("stativate", OPERATIONS, env.clock, _present_error, HEADERS)
