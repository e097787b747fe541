"""Forks: two contracts lay claim to one path, and the nouns and the last slash tell them apart.

SelfCommunity's paths all end in a slash, and `/api/v2/media/` is another thing than Mastodon's
`/api/v2/media`. So the community's dialect is an application of its own, and gets what is
below `/api/v2/` and begins with one of its nouns. A slash that a client forgot is put there, but
where the other dialect has the same noun.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, Final

from stonechat.http.edge import Receive, Scope, Send
from stonechat.http.operations import Operation

Application = Callable[[Any, Receive, Send], Awaitable[None]]

PREFIX: Final = "/api/v2/"


def nouns_of(operations: Iterable[Operation[Any]]) -> frozenset[str]:
    """The first words of paths behind PREFIX."""
    return frozenset(
        each.path[len(PREFIX) :].partition("/")[0]
        for each in operations
        if each.path.startswith(PREFIX)
    )


class Fork:
    """One application for most paths, another one for some nouns below PREFIX."""

    __slots__ = ("_both", "_branch", "_nouns", "_paths", "_trunk")

    def __init__(
        self,
        trunk: Application,
        branch: Application,
        nouns: Collection[str],
        both: Collection[str],
        paths: Collection[str] = (),
    ) -> None:
        """`nouns` are the branch's; those in `both` only where the path ends in a slash.

        So are `paths`, wherever they are.
        """
        self._trunk = trunk
        self._branch = branch
        self._nouns = frozenset(nouns)
        self._both = frozenset(both)
        self._paths = frozenset(paths)

    @property
    def applications(self) -> tuple[Application, Application]:
        """The one for most paths, and the other one."""
        return self._trunk, self._branch

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request to whose it is."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            path: str = scope["path"]
            noun = path[len(PREFIX) :].partition("/")[0]
            if noun in self._nouns:
                if path[-1] == "/":
                    return self._branch(scope, receive, send)
                if noun not in self._both:
                    return self._branch({**scope, "path": path + "/"}, receive, send)
        elif scope["type"] == "http" and scope["path"] in self._paths:
            return self._branch(scope, receive, send)
        return self._trunk(scope, receive, send)
