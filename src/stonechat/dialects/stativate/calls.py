"""The dialect's own names for the furniture that all doors share, and how it lets callers in.

The order of refusals is a part of the contract: no good key, account not verified, no API in
the plan, too many requests, nothing there, no right to it, and only then what is wrong with the
request. So no operation has its body read for it; handlers do that when all else is settled.
"""

from typing import Final, TypeAlias

from stonechat.domain.viewers import Caller, Viewer
from stonechat.http.operations import BODY_BYTES_MAX, Admission, Call, Handler, Operation
from stonechat.http.rates import BEACONS
from stonechat.kernel.clock import Clock
from stonechat.kernel.errors import NotInPlan
from stonechat.services.env import Env
from stonechat.services.viewers import admit_bearer

StativateCall: TypeAlias = Call[Clock]
StativateOperation: TypeAlias = Operation[Clock]

KEY_HEADER: Final = "stativate-api-key"
READ: Final = "read"
WRITE: Final = "write"
"""What a person's token has to cover; a key covers both."""


def ensure_planned(env: Env) -> None:
    """NotInPlan where the operator's plan has no API."""
    if not env.settings.beacon_api:
        raise NotInPlan("The API is not part of your plan")


async def admit(call: StativateCall) -> Viewer:
    """Who asks, where they may use the API at all."""
    viewer = await admit_bearer(call.env, call.bearer)
    ensure_planned(call.env)
    return viewer


def offer(
    line: str,
    handler: Handler[Clock],
    entity: str,
    scope: str,
    *,
    admits: Admission[Clock] = admit,
    body_bytes_max: int = BODY_BYTES_MAX,
) -> StativateOperation:
    """One operation of this dialect; `line` is its method and its path."""
    method, _, path = line.partition(" ")
    return StativateOperation(
        method,
        path,
        handler,
        entity,
        Caller.PERSON,
        scope,
        limit=BEACONS,
        body_bytes_max=body_bytes_max,
        key_header=KEY_HEADER,
        reads_itself=True,
        admits=admits,
    )
