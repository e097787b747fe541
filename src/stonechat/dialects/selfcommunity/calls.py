"""The dialect's own names for the furniture that all doors share, and how it lets callers in.

Whether strangers may read at all is a setting (`community_is_open`). A JWT that the community's
own back end signed is as good as a token of ours: at first sight it becomes one
(services/assertions.py), so that every statement finds it by its hash like any other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeAlias, TypeVar

from stonechat.dialects.selfcommunity.rendering import Renderer
from stonechat.domain.viewers import ADMINISTRATORS, STAFF, Caller, Viewer, covers
from stonechat.domain.viewers import COMMUNITY as COMMUNITY_SCOPE
from stonechat.http.operations import BODY_BYTES_MAX, Call, Handler, Operation
from stonechat.http.rates import COMMUNITY
from stonechat.kernel.errors import NotAllowed, NotAuthenticated
from stonechat.services import assertions
from stonechat.services.viewers import admit_bearer

CommunityCall: TypeAlias = Call[Renderer]
CommunityOperation: TypeAlias = Operation[Renderer]

READ: Final = "read"
WRITE: Final = "write"
T = TypeVar("T")


async def admit(call: CommunityCall) -> Viewer:
    """Who asks; strangers only where the community is open."""
    return ensure_welcome(call, await riding(call, lambda: admit_bearer(call.env, call.bearer)))


async def riding(call: CommunityCall, work: Callable[[], Awaitable[T]]) -> T:
    """What `work` gives, which looks the caller's token up; a JWT is taken up where it must be.

    For operations that are marked `rides`, whose first statement finds out who asks. A token that
    is no good is told so even where none is needed: that is when clients of communities renew it.
    """
    if call.bearer.hash and call.bearer.caller is Caller.ANYONE:
        call.bearer = call.bearer._replace(caller=Caller.TOKEN)
    try:
        found = await work()
    except NotAuthenticated:
        if not await assertions.take_up(call.env, call.header("authorization")):
            raise
        return await work()
    return found


def ensure_welcome(call: CommunityCall, viewer: Viewer) -> Viewer:
    """The viewer, who is somebody where the community is not open to strangers."""
    if not viewer.is_person and not call.env.settings.community_is_open:
        raise NotAuthenticated
    return viewer


def ensure_administrator(call: CommunityCall) -> None:
    """NotAllowed for whoever does not run the community, or does not do it with this token.

    An app that an administrator lets post for them is not let run the server with it.
    """
    scope = "admin:read" if call.operation.method == "GET" else "admin:write"
    if call.viewer.role not in ADMINISTRATORS or not covers(call.viewer.scopes, scope):
        raise NotAllowed


def ensure_own_token(call: CommunityCall) -> None:
    """NotAllowed for a token that was not made by one of the community's ways to sign in.

    Whoever changes the address of an account, or closes it, ends or takes all that its owner has.
    """
    if not covers(call.viewer.scopes, COMMUNITY_SCOPE):
        raise NotAllowed


def ensure_staff(call: CommunityCall) -> None:
    """NotAllowed for whoever neither runs nor moderates the community."""
    if call.viewer.role not in STAFF:
        raise NotAllowed


def offer(
    line: str,
    handler: Handler[Renderer],
    entity: str,
    caller: Caller = Caller.PERSON,
    scope: str | None = None,
    *,
    limit: str = COMMUNITY,
    rides: bool = False,
    body_bytes_max: int = BODY_BYTES_MAX,
    reads_itself: bool = False,
) -> CommunityOperation:
    """One operation of this dialect; `line` is its method and its path, with the last slash.

    GET and HEAD take the scope `read`, all others `write`, unless `scope` says otherwise.
    """
    method, _, path = line.partition(" ")
    assert path.endswith("/"), line
    return CommunityOperation(
        method,
        path,
        handler,
        entity,
        caller,
        scope or (READ if method == "GET" else WRITE),
        rides=rides,
        limit=limit,
        body_bytes_max=body_bytes_max,
        reads_itself=reads_itself,
        admits=None if rides else admit,
    )


def tell(line: str, handler: Handler[Renderer], entity: str) -> CommunityOperation:
    """One operation that tells everybody the same, whatever token they carry.

    Interfaces ask for these before they know who is there, also where the community is closed and
    the token of yesterday is none any more: with a refusal they would not even show a way in.
    """
    return replace(offer(line, handler, entity, Caller.ANYONE, rides=True), scope=None)
