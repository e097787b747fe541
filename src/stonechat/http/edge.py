"""Placeholder while the edge is being written."""
from typing import Any
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as EdgeProtocol  # noqa


class Edge:
    def __init__(self, app: Any, settings: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)
