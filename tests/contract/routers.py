"""Falcon's router for servers that live for one test: the tree of paths is made once.

Making and compiling it takes Falcon longer than most tests take for their requests, and comes out
the same for every server with the same paths. What answers at a path stays each server's own.
"""

from typing import Any, ClassVar

import falcon
from falcon.routing import CompiledRouter, set_default_responders

Found = tuple[object, dict[str, Any], dict[str, Any], str | None]


class SharingRouter(CompiledRouter):
    """Finds paths in the tree of the first server that had the same ones."""

    _trees: ClassVar[dict[tuple[str, ...], CompiledRouter]] = {}

    def __init__(self) -> None:
        super().__init__()
        self._resources: dict[str, object] = {}
        self._methods: dict[str, dict[str, Any]] = {}
        self._tree: CompiledRouter | None = None

    @property
    def paths(self) -> set[str]:
        """Every path that something answers at."""
        return set(self._resources)

    def add_route(self, uri_template: str, resource: object, **kwargs: Any) -> None:
        assert kwargs == {"_asgi": True}, "a tree that is shared knows no options"
        self._resources[uri_template] = resource
        self._methods.pop(uri_template, None)
        self._tree = None

    def find(self, uri: str, req: falcon.Request | None = None) -> Found | None:
        self._tree = self._tree or self._shared_tree()
        found = self._tree.find(uri, req)
        if found is None:
            return None
        _, _, parameters, template = found
        assert template is not None
        return self._resources[template], self._methods_at(template), parameters, template

    def _shared_tree(self) -> CompiledRouter:
        paths = tuple(self._resources)
        if paths not in self._trees:
            # With this server's resources, so that Falcon finds fault with them as ever.
            tree = self._trees[paths] = CompiledRouter()
            for path, resource in self._resources.items():
                tree.add_route(path, resource, _asgi=True)
        return self._trees[paths]

    def _methods_at(self, template: str) -> dict[str, Any]:
        if template not in self._methods:
            methods = self._methods[template] = self.map_http_methods(self._resources[template])
            set_default_responders(methods, asgi=True)
        return self._methods[template]
