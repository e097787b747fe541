"""Strays: requests that no operation answers, on unknown paths or with unknown methods.

Under the API everything is JSON, because clients fail on an HTML page there; elsewhere a
person is reading, and gets the very page that a private or absent thing has. Under `/v1` the
words are those of the live-value API, where what is not there has no body at all.
"""

from collections.abc import Mapping
from typing import Any, Final

import falcon
import falcon.asgi
import msgspec

from stonechat.http.pages import Pages, page_headers
from stonechat.kernel.errors import MalformedRequest, MethodNotAllowed, NotFound, StonechatError
from stonechat.kernel.settings import Settings

_API_PATHS: Final = ("/api", "/oauth/token", "/oauth/revoke", "/.well-known", "/nodeinfo")
_BEACON_PATHS: Final = "/v1"
_API_HEADERS: Final = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "access-control-allow-origin": "*",
}
_KNOWN: Final[dict[type[Exception], tuple[int, StonechatError]]] = {
    falcon.HTTPNotFound: (404, NotFound()),
    falcon.HTTPRouteNotFound: (404, NotFound()),
    falcon.HTTPMethodNotAllowed: (405, MethodNotAllowed()),
}
_OTHERWISE: Final = (400, MalformedRequest())


def answer_strays(app: falcon.asgi.App[Any, Any], settings: Settings) -> None:
    """Answer in our own words what Falcon would answer in its own."""
    pages = Pages(settings)
    headers = {**page_headers(settings), "cache-control": "no-store"}
    rendered = {error.code: pages.problem(error) for _, error in (*_KNOWN.values(), _OTHERWISE)}

    async def answer(
        request: falcon.asgi.Request,
        response: falcon.asgi.Response,
        error: Exception,
        params: Mapping[str, str],
    ) -> None:
        del params
        status, fault = fault_of(error)
        response.status = status
        if isinstance(error, falcon.HTTPMethodNotAllowed):
            response.set_headers(error.headers or {})
        if _is_below(request.path, _BEACON_PATHS):
            _fill(response, _beacon_body(fault))
        elif request.path.startswith(_API_PATHS):
            _fill(response, msgspec.json.encode({"error": fault.message}))
        else:
            page = rendered[fault.code]
            response.set_headers({**headers, **page.headers})
            response.content_type = page.content_type
            response.data = page.encoded()

    app.add_error_handler(falcon.HTTPError, answer)


def fault_of(error: Exception) -> tuple[int, StonechatError]:
    """What Falcon found wrong, in the words of the core."""
    return _KNOWN.get(type(error), _OTHERWISE)


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root + "/")


def _beacon_body(fault: StonechatError) -> bytes:
    if isinstance(fault, NotFound):
        return b""
    if isinstance(fault, MethodNotAllowed):
        words = {"message": "Method Not Allowed", "errorCode": "methodNotAllowed"}
    else:
        words = {"message": "Bad Request", "errorCode": "validationError"}
    return msgspec.json.encode(words)


def _fill(response: falcon.asgi.Response, body: bytes) -> None:
    response.set_headers(_API_HEADERS)
    response.content_type = (
        "application/json; charset=utf-8" if body else "text/plain; charset=utf-8"
    )
    response.data = body
