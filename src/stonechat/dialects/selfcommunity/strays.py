"""Strays: requests below this dialect's paths that no operation answers, in its own words."""

from collections.abc import Mapping
from typing import Any

import falcon
import falcon.asgi

from stonechat.dialects.selfcommunity.rendering import Renderer
from stonechat.http.operations import Dialect
from stonechat.http.strays import fault_of


def answer_community_strays(app: falcon.asgi.App[Any, Any], dialect: Dialect[Renderer]) -> None:
    """Answer in the dialect's words what Falcon would answer in its own."""

    async def answer(
        request: falcon.asgi.Request,
        response: falcon.asgi.Response,
        error: Exception,
        params: Mapping[str, str],
    ) -> None:
        del request, params
        told = await dialect.present_error(fault_of(error)[1], dialect.room)
        response.status = told.status
        if isinstance(error, falcon.HTTPMethodNotAllowed):
            response.set_headers(error.headers or {})
        response.set_headers({**dialect.headers, "cache-control": "no-store"})
        response.content_type = told.content_type
        response.data = told.encoded()

    app.add_error_handler(falcon.HTTPError, answer)
