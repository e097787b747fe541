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
from stonechat.http.observing import Observer
from stonechat.http.parameters import Parameters
from stonechat.http.preflights import preflight
from stonechat.http.rates import CLASSES, RateLimits
from stonechat.kernel.errors import StonechatError, TooLarge, Unavailable
from stonechat.kernel.secrets import hash_secret
from stonechat.services.env import Env
from stonechat.services.viewers import admit_bearer

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


def mount(
    app: falcon.asgi.App, env: Env, dialect: Dialect[Room], rates: RateLimits, observer: Observer
) -> None:
    """Route every operation of a dialect; two that claim one method and path are refused."""
    resources: dict[str, object] = {}
    claimed: set[tuple[str, str]] = set()
    for operation in dialect.operations:
        key = (operation.method, operation.path)
        if key in claimed:
            raise ValueError(f"{operation.method} {operation.path} is claimed twice")
        claimed.add(key)
        assert operation.limit in CLASSES, operation
        responder = _responder(env, dialect, operation, rates, observer)
        resource = resources.setdefault(operation.path, _Resource())
        setattr(resource, f"on_{operation.method.lower()}", responder)
        if operation.method == "GET":
            setattr(resource, "on_head", responder)  # noqa: B010 - Falcon asks by this name
    for path, resource in resources.items():
        methods = ", ".join(sorted(method for method, at in claimed if at == path))
        setattr(resource, "on_options", preflight(methods, dialect.headers))  # noqa: B010
        app.add_route(path, resource)


class _Resource:
    """What Falcon wants for one path: an object with a method for each HTTP method."""


def _responder(
    env: Env,
    dialect: Dialect[Room],
    operation: Operation[Room],
    rates: RateLimits,
    observer: Observer,
) -> Callable[..., Awaitable[None]]:
    headers = {**dialect.headers, "cache-control": operation.cache}

    async def respond(
        request: falcon.asgi.Request, response: falcon.asgi.Response, **path: str
    ) -> None:
        watch = observer.start(request)
        call = Call(env, dialect.room, operation, request, path)
        try:
            allowance = rates.check(operation.limit, call.bearer.hash, request.scope)
            await call.read_parameters()
            if not call.bearer.hash:
                call.bearer = call.bearer._replace(hash=_parameter_token(call.parameters))
            if not operation.rides:
                call.viewer = await admit_bearer(env, call.bearer)
                allowance = rates.check_person(operation.limit, call.viewer, allowance)
            answer = await operation.handler(call)
            if operation.rides:
                # Who asks is known only now; the work is done, but the next one may wait.
                allowance = rates.check_person(operation.limit, call.viewer, allowance)
            response.set_headers(headers)
            if allowance is not None:
                response.set_headers(rates.headers(allowance))
        except StonechatError as error:
            rates.penalise(error, request.scope)
            answer = await dialect.present_error(error, dialect.room)
            response.set_headers({**dialect.headers, "cache-control": "no-store"})
        except Exception as fault:  # noqa: BLE001 - the last wall: a fault is ours, said in the dialect's words
            observer.fault(watch, operation.path, fault)
            answer = await dialect.present_error(Unavailable(), dialect.room)
            answer.status = 500
            response.set_headers({**dialect.headers, "cache-control": "no-store"})
        response.data = answer.encoded()
        response.content_type = answer.content_type
        response.status = answer.status
        if answer.headers:
            response.set_headers(answer.headers)
        for cookie in answer.cookies:
            response.append_header("set-cookie", cookie)
        observer.finish(watch, response, operation, dialect.name, answer.status)

    return respond


def _parameter_token(parameters: Parameters) -> bytes:
    """The token that old clients send as a parameter instead of a header."""
    token = parameters.get("access_token") or parameters.get("bearer_token")
    return hash_secret(token[:TOKEN_CHARACTERS_MAX]) if isinstance(token, str) else b""
