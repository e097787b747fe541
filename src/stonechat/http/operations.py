"""Operations: each dialect lists what it offers as data, and `mount` makes routes of it.

From the same table come the API document, the coverage page in docs/, and the tests that try
every route with every wrong scope. A handler takes a `Call` and gives an `Answer`; who is
asking, what the body says, rate limits, errors and the log line are all dealt with here.

A handler whose service looks the token up in its own first statement is marked `rides`: it
gets `call.bearer` and must set `call.viewer` itself. All others find `call.viewer` set.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

import falcon
import falcon.asgi
import msgspec

from stonechat.domain.viewers import ANONYMOUS, Bearer, Caller, Viewer
from stonechat.http import parameters as params
from stonechat.http.parameters import Parameters
from stonechat.kernel.errors import StonechatError, TooLarge
from stonechat.kernel.secrets import hash_secret
from stonechat.services.env import Env

BODY_BYTES_MAX: Final = 256 * 1024
UPLOAD_BYTES_MAX: Final = 18 * 1024 * 1024
TOKEN_CHARACTERS_MAX: Final = 512

JSON: Final = "application/json; charset=utf-8"
PRIVATE: Final = "private, no-store"
PUBLIC: Final = "public, max-age=300"

Room = TypeVar("Room")
_encode: Final = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Answer:
    """What goes out: a body ready to send, or something that msgspec can encode."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content_type: str = JSON
    cookies: Sequence[str] = ()
    """Whole Set-Cookie lines: several may go out, which a mapping of headers cannot hold."""

    def encoded(self) -> bytes:
        """The body as bytes."""
        return self.body if isinstance(self.body, bytes) else _encode(self.body)


class Call(Generic[Room]):
    """One request on its way: the rooms it may use, who asks, and what was sent."""

    __slots__ = ("_parameters", "bearer", "env", "operation", "path", "request", "room", "viewer")

    def __init__(
        self,
        env: Env,
        room: Room,
        operation: "Operation[Room]",
        request: falcon.asgi.Request,
        path: Mapping[str, str],
    ) -> None:
        self.env = env
        self.room = room
        self.operation = operation
        self.request = request
        self.path = path
        self.viewer: Viewer = ANONYMOUS
        self.bearer: Bearer = Bearer(_bearer_hash(request), operation.caller, operation.scope)
        self._parameters: Parameters | None = None

    def path_id(self, name: str = "id") -> int:
        """An id in the path; what is no id becomes NO_ID, which no row has."""
        return params.parse_id(self.path[name])

    @property
    def parameters(self) -> Parameters:
        """Query and body as one set, as Mastodon merges them."""
        assert self._parameters is not None
        return self._parameters

    def header(self, name: str) -> str | None:
        """A request header, by its name in any case."""
        value: str | None = self.request.get_header(name)
        return value

    async def read_parameters(self) -> None:
        """Read and merge query and body; within the operation's bound."""
        request = self.request
        raw_query: bytes = request.scope["query_string"]
        query = params.parse_query(raw_query) if raw_query else {}
        if request.get_header("content-length") is None and (
            request.get_header("transfer-encoding") is None
        ):
            self._parameters = Parameters(query)
            return
        body = params.parse_body(
            request.get_header("content-type"),
            await self._read_body(),
            content_encoding=request.get_header("content-encoding"),
        )
        self._parameters = Parameters(params.merge(query, body.fields), body.files)

    async def _read_body(self) -> bytes:
        maximum = self.operation.body_bytes_max
        length = self.request.content_length
        if length is not None and length > maximum:
            raise TooLarge(f"The request body is larger than {maximum} bytes")
        raw = await self.request.stream.read(maximum + 1)
        if len(raw) > maximum:
            raise TooLarge(f"The request body is larger than {maximum} bytes")
        return raw


Handler = Callable[[Call[Room]], Awaitable[Answer]]


# No slots: `Operation[Room](…)` leaves a mark on the object that it makes.
@dataclass(frozen=True)
class Operation(Generic[Room]):
    """One thing that a dialect offers: a method and a path, whom it serves, and its handler."""

    method: str
    path: str
    handler: Handler[Room]
    entity: str
    caller: Caller = Caller.PERSON
    scope: str | None = None
    rides: bool = False
    limit: str = "api"
    cache: str = PRIVATE
    body_bytes_max: int = BODY_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Dialect(Generic[Room]):
    """One wire contract: its operations, its own words for errors, its headers."""

    name: str
    operations: Sequence[Operation[Room]]
    room: Room
    present_error: Callable[[StonechatError, Room], Awaitable[Answer]]
    headers: Mapping[str, str]


def _bearer_hash(request: falcon.asgi.Request) -> bytes:
    value: str | None = request.get_header("authorization")
    if value is not None and value[:7].lower() == "bearer ":
        return hash_secret(value[7:].strip()[:TOKEN_CHARACTERS_MAX])
    return b""
