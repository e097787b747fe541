"""Preflights: the answer to OPTIONS on a path that has operations.

CORS is open where a dialect's headers say so, and nowhere else.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import falcon.asgi

ALLOWED_HEADERS: Final = (
    "Authorization, Stativate-Api-Key, Content-Type, Idempotency-Key, If-Match, If-None-Match,"
    " Accept-Language"
)
PREFLIGHT_SECONDS: Final = "86400"


def preflight(methods: str, headers: Mapping[str, str]) -> Callable[..., Awaitable[None]]:
    """The answer to OPTIONS on a path with these methods, in a dialect with these headers."""
    answered = {"allow": methods, "cache-control": "no-store"}
    if "access-control-allow-origin" in headers:
        answered |= {
            "access-control-allow-origin": headers["access-control-allow-origin"],
            "access-control-allow-methods": methods,
            "access-control-allow-headers": ALLOWED_HEADERS,
            "access-control-max-age": PREFLIGHT_SECONDS,
        }

    async def respond(
        request: falcon.asgi.Request, response: falcon.asgi.Response, **path: str
    ) -> None:
        del request, path
        response.status = 204
        response.set_headers(answered)

    return respond
