"""Mounting: makes routes of a dialect's operations, and serves them.

Who is asking, how often they may, what went wrong and what is written down about it is the
same for every operation of every dialect, and happens here, once.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeAlias, TypeVar

import falcon.asgi

from stonechat.http.observing import Observer
from stonechat.http.operations import (
    TOKEN_CHARACTERS_MAX,
    Answer,
    Call,
    Dialect,
    EventStream,
    Operation,
    Stream,
)
from stonechat.http.parameters import Parameters
from stonechat.http.preflights import preflight
from stonechat.http.rates import CLASSES, Allowance, RateLimits
from stonechat.http.spooling import intake
from stonechat.kernel.errors import StonechatError, Unavailable
from stonechat.kernel.secrets import hash_secret
from stonechat.services.env import Env
from stonechat.services.viewers import admit_bearer

Room = TypeVar("Room")
SPOOLING_LIMIT: Final = "media"
"""The class that a request counts for whose body is spooled."""

App: TypeAlias = falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response]


class _Resource:
    """What Falcon wants for one path: an object with a method for each HTTP method."""


def mount(
    app: App, env: Env, dialect: Dialect[Room], rates: RateLimits, observer: Observer
) -> None:
    """Route every operation of a dialect; two that claim one method and path are refused."""
    door = _Door(env, dialect, rates, observer)
    resources: dict[str, object] = {}
    claimed: dict[str, set[str]] = {}
    for operation in dialect.operations:
        methods = claimed.setdefault(operation.path, set())
        if operation.method in methods:
            raise ValueError(f"{operation.method} {operation.path} is claimed twice")
        methods.add(operation.method)
        assert operation.limit in CLASSES, operation
        responder = door.responder(operation)
        resource = resources.setdefault(operation.path, _Resource())
        setattr(resource, f"on_{operation.method.lower()}", responder)
        if operation.method == "GET":
            setattr(resource, "on_head", responder)  # noqa: B010 - Falcon asks by this name
    for path, resource in resources.items():
        allowed = ", ".join(sorted(claimed[path]))
        setattr(resource, "on_options", preflight(allowed, dialect.headers))  # noqa: B010
        app.add_route(path, resource)


class _Door(Generic[Room]):
    """One dialect, with what it takes to serve it."""

    def __init__(
        self, env: Env, dialect: Dialect[Room], rates: RateLimits, observer: Observer
    ) -> None:
        self._env = env
        self._dialect = dialect
        self._rates = rates
        self._observer = observer
        self._error_headers = {**dialect.headers, "cache-control": "no-store"}

    def responder(self, operation: Operation[Room]) -> Callable[..., Awaitable[None]]:
        """What Falcon calls for one operation."""
        headers = {**self._dialect.headers, "cache-control": operation.cache}
        observer, dialect = self._observer, self._dialect

        async def respond(
            request: falcon.asgi.Request, response: falcon.asgi.Response, **path: str
        ) -> None:
            watch = observer.start(request)
            try:
                call = Call(self._env, dialect.room, operation, request, path)
                answer, allowance = await self._serve(call)
                response.set_headers(headers)
                if allowance is not None:
                    response.set_headers(self._rates.headers(allowance))
            except StonechatError as error:
                self._rates.penalise(operation.limit, error, request.scope)
                answer = await dialect.present_error(error, dialect.room)
                response.set_headers(self._error_headers)
            except Exception as fault:  # noqa: BLE001 - the last wall: the fault is ours
                observer.fault(watch, operation.path, fault)
                answer = await dialect.present_error(Unavailable(is_fault=True), dialect.room)
                answer.status = 500
                response.set_headers(self._error_headers)
            _fill(response, answer)
            observer.finish(watch, response, operation, dialect.name, answer.status)

        return respond

    async def _serve(self, call: Call[Room]) -> tuple[Answer, Allowance | None]:
        operation, rates = call.operation, self._rates
        allowance = rates.check(operation.limit, call.bearer.hash, call.request.scope)
        boundary = call.find_boundary()
        if boundary is not None:
            return await self._serve_spooled(call, boundary, allowance)
        if not operation.reads_itself:
            await call.read_parameters()
            if not call.bearer.hash and operation.key_header is None:
                call.bearer = call.bearer._replace(hash=_parameter_token(call.parameters))
        if operation.rides:
            answer = await operation.handler(call)
            # Who asks is known only now: the work is done, but the next one may have to wait.
            return answer, rates.check_person(operation.limit, call.viewer, allowance)
        call.viewer = await (
            admit_bearer(self._env, call.bearer)
            if operation.admits is None
            else operation.admits(call)
        )
        allowance = rates.check_person(operation.limit, call.viewer, allowance)
        return await operation.handler(call), allowance

    async def _serve_spooled(
        self, call: Call[Room], boundary: str, allowance: Allowance | None
    ) -> tuple[Answer, Allowance | None]:
        """The same where a body may be large: who sends it is known before it is received."""
        query = call.read_query()
        if not call.bearer.hash:
            call.bearer = call.bearer._replace(hash=_parameter_token(Parameters(query)))
        call.viewer = await admit_bearer(self._env, call.bearer)
        # Whatever the operation is, this is an upload.
        allowance = self._rates.check_person(SPOOLING_LIMIT, call.viewer, allowance)
        async with intake.room(self._env.settings.data_dir, call.viewer.account_id) as spool:
            await call.spool_parameters(spool, query, boundary)
            return await call.operation.handler(call), allowance


def _fill(response: falcon.asgi.Response, answer: Answer) -> None:
    if isinstance(answer.body, Stream):
        response.stream = answer.body.chunks
        response.content_length = answer.body.size_bytes
    elif isinstance(answer.body, EventStream):
        response.stream = answer.body.pieces
    else:
        response.data = answer.encoded()
    response.content_type = answer.content_type
    response.status = answer.status
    if answer.headers:
        response.set_headers(answer.headers)
    for cookie in answer.cookies:
        response.append_header("set-cookie", cookie)


def _parameter_token(parameters: Parameters) -> bytes:
    """The token that old clients send as a parameter instead of a header."""
    token = parameters.get("access_token") or parameters.get("bearer_token")
    return hash_secret(token[:TOKEN_CHARACTERS_MAX]) if isinstance(token, str) else b""
