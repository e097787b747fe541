"""Strays: requests that no operation answers. Preflights, unknown paths, unknown methods.

Under the API everything is JSON, because clients fail on an HTML page there; elsewhere a
person is reading. CORS is open where a dialect's headers say so, and nowhere else.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import falcon
import falcon.asgi
import msgspec

from stonechat.kernel.errors import MalformedRequest, MethodNotAllowed, NotFound, StonechatError

ALLOWED_HEADERS: Final = "Authorization, Content-Type, Idempotency-Key, Accept-Language"
PREFLIGHT_SECONDS: Final = "86400"
_API_PATHS: Final = ("/api", "/oauth/token", "/oauth/revoke", "/.well-known", "/nodeinfo")
_NO_STORE: Final = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    "<h1>{title}</h1><p>{text}</p><p><a href='/'>To the front page</a></p></html>"
)

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


async def _answer(
    request: falcon.asgi.Request,
    response: falcon.asgi.Response,
    error: Exception,
    params: Mapping[str, str],
) -> None:
    del params
    known = _KNOWN.get(type(error))
    fault: StonechatError = MalformedRequest() if known is None else known[1]()
    response.status = 400 if known is None else known[0]
    response.set_headers(_NO_STORE)
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        response.set_header("allow", ", ".join(error.allowed_methods))
    if request.path.startswith(_API_PATHS):
        response.content_type = "application/json; charset=utf-8"
        response.set_header("access-control-allow-origin", "*")
        response.data = msgspec.json.encode({"error": fault.message})
    else:
        response.content_type = "text/html; charset=utf-8"
        response.data = _PAGE.format(title=fault.message, text="There is nothing here.").encode()


_KNOWN: Final[dict[type[Exception], tuple[int, type[StonechatError]]]] = {
    falcon.HTTPNotFound: (404, NotFound),
    falcon.HTTPRouteNotFound: (404, NotFound),
    falcon.HTTPMethodNotAllowed: (405, MethodNotAllowed),
}


def answer_strays(app: falcon.asgi.App) -> None:
    """Answer in our own words what Falcon would answer in its own."""
    app.add_error_handler(falcon.HTTPError, _answer)
