"""Statuses by the caller's own keys: read, made or changed, deleted.

A key means nothing to anybody but its owner: what another owner calls so is another beacon.
"""

from typing import Final

from stonechat.dialects.stativate.bodies import read_fields
from stonechat.dialects.stativate.calls import READ, WRITE, StativateCall, offer
from stonechat.dialects.stativate.forms.properties import read_form
from stonechat.dialects.stativate.names import read_version
from stonechat.dialects.stativate.routes.statuses import answer, delete
from stonechat.http.operations import Answer
from stonechat.services import beacons


async def show(call: StativateCall) -> Answer:
    """The beacon that the caller calls so."""
    name = await beacons.find_name(call.env, call.viewer, call.path["key"])
    return answer(call, await beacons.see_own(call.env, call.viewer, name))


async def put(call: StativateCall) -> Answer:
    """Change the beacon that the caller calls so, or make it."""
    form = read_form(await read_fields(call))
    made = await beacons.put_beacon(
        call.env,
        call.viewer,
        call.path["key"],
        form,
        version=read_version(call),
        idempotency_key=call.idempotency_key(),
    )
    return answer(call, made.view, 201 if made.is_new else 200)


async def destroy(call: StativateCall) -> Answer:
    """Delete the beacon that the caller calls so; the answer is what it was."""
    name = await beacons.find_name(call.env, call.viewer, call.path["key"])
    return await delete(call, name)


_PATH: Final = "/v1/status-keys/{key}"
OPERATIONS: Final = (
    offer(f"GET {_PATH}", show, "Status", READ),
    offer(f"POST {_PATH}", put, "Status", WRITE),
    offer(f"PUT {_PATH}", put, "Status", WRITE),
    offer(f"DELETE {_PATH}", destroy, "Status", WRITE),
)
