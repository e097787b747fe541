"""Operations: each dialect lists what it offers as data, and `mount` makes routes of it.

From the same table come the API document, the coverage page in docs/, and the tests that try
every route with every wrong scope. A handler takes a `Call` and gives an `Answer`; who is
asking, what the body says, rate limits, errors and the log line are all dealt with here.

A handler whose service looks the token up in its own first statement is marked `rides`: it
gets `call.bearer` and must set `call.viewer` itself. All others find `call.viewer` set.
"""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, TypeVar

import falcon
import falcon.asgi
import msgspec

from stonechat.domain import limits
from stonechat.domain.viewers import ANONYMOUS, Bearer, Caller, Viewer
from stonechat.http import parameters as params
from stonechat.http.parameters import Parameters
from stonechat.http.spooling import SPOOLED_BODY_BYTES_MAX, Spool
from stonechat.kernel.errors import InvalidInput, StonechatError, TooLarge
from stonechat.kernel.secrets import hash_secret
from stonechat.services.env import Env

BODY_BYTES_MAX: Final = 256 * 1024
UPLOAD_BYTES_MAX: Final = 18 * 1024 * 1024
TOKEN_CHARACTERS_MAX: Final = limits.TOKEN_CHARACTERS_MAX

TOKEN_SCHEMES: Final = frozenset({"bearer", "token"})
"""How `Authorization` may say that a token follows: some clients of communities write `Token`."""

JSON: Final = "application/json; charset=utf-8"
PRIVATE: Final = "private, no-store"
PUBLIC: Final = "public, max-age=300"

Room = TypeVar("Room")
_encode: Final = msgspec.json.Encoder().encode


class Stream(NamedTuple):
    """A body that is sent in pieces, and how long it is, where that is known."""

    chunks: AsyncIterator[bytes]
    size_bytes: int | None = None


class EventStream(NamedTuple):
    """A body that goes on for as long as somebody listens (http/live.py)."""

    pieces: AsyncIterator[bytes]


@dataclass(slots=True)
class Answer:
    """What goes out: a body ready to send, a stream, or something that msgspec can encode."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content_type: str = JSON
    cookies: Sequence[str] = ()
    """Whole Set-Cookie lines: several may go out, which a mapping of headers cannot hold."""

    def encoded(self) -> bytes:
        """The body as bytes; a stream is none."""
        assert not isinstance(self.body, (Stream, EventStream))
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
        self.bearer: Bearer = Bearer(
            _bearer_hash(request, operation.key_header),
            operation.caller,
            operation.scope,
            operation.key_header is not None,
            env.clock.now_ms(),
        )
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

    def idempotency_key(self) -> str | None:
        """The Idempotency-Key, which makes a retry safe; InvalidInput where it is too long."""
        key = self.header("idempotency-key")
        maximum = limits.IDEMPOTENCY_KEY_CHARACTERS_MAX
        if key is not None and len(key) > maximum:
            raise InvalidInput(f"The Idempotency-Key is longer than {maximum} characters")
        return key or None

    def read_query(self) -> params.Fields:
        """What the query says. A body that is spooled may be left unread, this never."""
        raw_query: bytes = self.request.scope["query_string"]
        return params.parse_query(raw_query) if raw_query else {}

    def find_boundary(self) -> str | None:
        """The boundary of a body that is to be spooled; None for any other one."""
        if not self.operation.spools or not self._has_body():
            return None
        request = self.request
        return params.find_boundary(
            request.get_header("content-type"), request.get_header("content-encoding")
        )

    async def spool_parameters(self, room: Spool, query: params.Fields, boundary: str) -> None:
        """Write the files of the body to the disk, and merge its fields with the query's."""
        self._ensure_length(SPOOLED_BODY_BYTES_MAX)
        body = await room.receive(
            self.request.stream,
            boundary,
            wanted=self.operation.spools,
            size_max=SPOOLED_BODY_BYTES_MAX,
        )
        self._parameters = Parameters(params.merge(query, body.fields), spooled=body.files)

    async def read_parameters(self) -> None:
        """Read and merge query and body; within the operation's bound."""
        query = self.read_query()
        if not self._has_body():
            self._parameters = Parameters(query)
            return
        body = await self.read_body()
        self._parameters = Parameters(params.merge(query, body.fields), body.files)

    async def read_body(self) -> params.Body:
        """What the body alone says: for an operation that `reads_itself`."""
        request = self.request
        return params.parse_body(
            request.get_header("content-type"),
            await self.read_raw() if self._has_body() else b"",
            content_encoding=request.get_header("content-encoding"),
        )

    async def read_raw(self) -> bytes:
        """The body as it came, within the operation's bound; it can be read once."""
        maximum = self.operation.body_bytes_max
        self._ensure_length(maximum)
        raw = await self.request.stream.read(maximum + 1)
        if len(raw) > maximum:
            raise TooLarge(f"The request body is larger than {maximum} bytes")
        return raw

    def _has_body(self) -> bool:
        # Many clients name a type even where they send nothing.
        length: str | None = self.request.get_header("content-length")
        if length is None:
            return self.request.get_header("transfer-encoding") is not None
        return length != "0"

    def _ensure_length(self, maximum: int) -> None:
        """Refuse unread what says itself that it is too large."""
        length = self.request.content_length
        if length is not None and length > maximum:
            raise TooLarge(f"The request body is larger than {maximum} bytes")


Handler = Callable[[Call[Room]], Awaitable[Answer]]
Admission = Callable[[Call[Room]], Awaitable[Viewer]]


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
    spools: Collection[str] = ()
    """The fields whose files are written to disk; a multipart body may then be much larger."""
    key_header: str | None = None
    """Where a key may stand besides `Authorization`; then none is taken as a parameter."""
    reads_itself: bool = False
    """Whether the handler reads query and body, once it knows that the caller may send them."""
    admits: Admission[Room] | None = None
    """Finds the viewer where their token alone does not say whether they may."""


@dataclass(frozen=True, slots=True)
class Dialect(Generic[Room]):
    """One wire contract: its operations, its own words for errors, its headers."""

    name: str
    operations: Sequence[Operation[Room]]
    room: Room
    present_error: Callable[[StonechatError, Room], Awaitable[Answer]]
    headers: Mapping[str, str]


def _bearer_hash(request: falcon.asgi.Request, key_header: str | None) -> bytes:
    value: str | None = request.get_header("authorization")
    if value is not None:
        scheme, _, token = value.partition(" ")
        if scheme.lower() in TOKEN_SCHEMES:
            return hash_secret(token.strip()[:TOKEN_CHARACTERS_MAX])
    key: str | None = request.get_header(key_header) if key_header is not None else None
    return hash_secret(key.strip()[:TOKEN_CHARACTERS_MAX]) if key else b""
