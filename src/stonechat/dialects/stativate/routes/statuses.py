"""Statuses by their id: made, read, changed, deleted."""

from typing import Final

from stonechat.dialects.stativate.bodies import read_fields
from stonechat.dialects.stativate.calls import READ, WRITE, StativateCall, offer
from stonechat.dialects.stativate.entities.statuses import present_details, present_status
from stonechat.dialects.stativate.forms.properties import read_form
from stonechat.dialects.stativate.names import read_name, read_version, write_version
from stonechat.domain.beacons import UPDATER, BeaconView
from stonechat.http.operations import Answer
from stonechat.http.parameters import Fields
from stonechat.kernel.errors import InvalidInput, MalformedRequest, NotAllowed, NotInPlan
from stonechat.services import beacons
from stonechat.services.beacons import Name

_BY_UPDATERS: Final = frozenset({"value", "type"})


def answer(call: StativateCall, view: BeaconView, status: int = 200) -> Answer:
    """A beacon with its version: exactly what is documented, unless more is asked for."""
    if call.read_query().get("include") == "details":
        return Answer(present_details(view, call.env.clock.now_ms()), status, write_version(view))
    return Answer(present_status(view), status, write_version(view))


async def create(call: StativateCall) -> Answer:
    """Make a beacon."""
    form = read_form(await read_fields(call))
    key = call.idempotency_key()
    made = await beacons.create_beacon(call.env, call.viewer, form, idempotency_key=key)
    return answer(call, made, 201)


async def show(call: StativateCall) -> Answer:
    """A beacon, for its owner and its updaters."""
    return answer(call, await beacons.see_own(call.env, call.viewer, read_name(call)))


async def update(call: StativateCall) -> Answer:
    """Change parts of a beacon: its owner any, an updater the value."""
    name = read_name(call)
    fields: Fields = {}
    try:
        fields = await read_fields(call)
        changed = await beacons.change_beacon(
            call.env,
            call.viewer,
            name,
            read_form(fields),
            version=read_version(call),
            idempotency_key=call.idempotency_key(),
        )
    except (InvalidInput, MalformedRequest, NotInPlan):
        # What is wrong with a request is for those alone who may make it.
        await _ensure_may_change(call, name, fields)
        raise
    return answer(call, changed)


async def _ensure_may_change(call: StativateCall, name: Name, fields: Fields) -> None:
    view = await beacons.see_own(call.env, call.viewer, name)
    if view.role == UPDATER and not fields.keys() <= _BY_UPDATERS:
        raise NotAllowed


async def destroy(call: StativateCall) -> Answer:
    """Delete a beacon; the answer is what it was."""
    return await delete(call, read_name(call))


async def delete(call: StativateCall, name: Name) -> Answer:
    """Delete the beacon that somebody names in whichever way."""
    version = read_version(call)
    gone = await beacons.delete_beacon(call.env, call.viewer, name, version=version)
    return answer(call, gone)


OPERATIONS: Final = (
    offer("POST /v1/status", create, "Status", WRITE),
    offer("GET /v1/status/{status_id}", show, "Status", READ),
    offer("PATCH /v1/status/{status_id}", update, "Status", WRITE),
    offer("DELETE /v1/status/{status_id}", destroy, "Status", WRITE),
)
