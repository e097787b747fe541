"""Values: one beacon's value, set by whoever has a write token for it, or a right to it.

The body is the value, as plain a text as a shell sends it: no escapes, no JSON. A program that
would rather send JSON, or a form, names the value in it. A token that is good for another beacon
finds nothing here, and one that is good for this one finds nothing anywhere else.
"""

from typing import Final

from stonechat.dialects.stativate.calls import WRITE, StativateCall, ensure_planned, offer
from stonechat.dialects.stativate.entities.statuses import present_confirmation
from stonechat.dialects.stativate.forms.values import read_value
from stonechat.dialects.stativate.names import read_version
from stonechat.domain.beacons import BeaconForm, BeaconView, read_address
from stonechat.domain.ids import BeaconId
from stonechat.domain.viewers import Viewer
from stonechat.http.operations import Answer
from stonechat.kernel.errors import InvalidInput, MalformedRequest, NotFound
from stonechat.services import beacons
from stonechat.services.beacons import Name
from stonechat.services.viewers import admit_bearer, admit_write_token

VALUE_BODY_BYTES_MAX: Final = 4096
_NONE: Final = BeaconId("")
_VALUE_SCOPE: Final = "beacon:value"
"""What a write token may do, by the name of a scope that no other token has."""


def _read_id(call: StativateCall) -> BeaconId:
    """The beacon of the path; what cannot be one has an id that no beacon has."""
    try:
        address = read_address(call.path["address"])
    except NotFound:
        return _NONE
    return address.id if address.secret is None else _NONE


async def admit_writer(call: StativateCall) -> Viewer:
    """Who asks: the maker of a write token of this beacon, or a person as everywhere else."""
    writer = await admit_write_token(call.env, call.bearer.hash, _read_id(call))
    if writer is None:
        writer = await admit_bearer(call.env, call.bearer)
    else:
        writer = writer._replace(scopes=_VALUE_SCOPE)
    ensure_planned(call.env)
    return writer


async def put(call: StativateCall) -> Answer:
    """Set the value of one beacon."""
    beacon_id = _read_id(call)
    try:
        changed = await _set(call, beacon_id, await _read_value(call))
    except (InvalidInput, MalformedRequest):
        # What is wrong with a request is for those alone who may make it.
        await beacons.see_own(call.env, call.viewer, Name(beacon_id))
        raise
    # No version: it would count what others do, and a write token is not told of that.
    return Answer(present_confirmation(changed.beacon))


async def _set(call: StativateCall, beacon_id: BeaconId, value: str) -> BeaconView:
    env, viewer, key = call.env, call.viewer, call.idempotency_key()
    version = read_version(call)
    if viewer.scopes == _VALUE_SCOPE:
        return await beacons.set_by_token(
            env, viewer, beacon_id, value, version=version, idempotency_key=key
        )
    form = BeaconForm(value=value)
    return await beacons.change_beacon(
        env, viewer, Name(beacon_id), form, version=version, idempotency_key=key
    )


async def _read_value(call: StativateCall) -> str:
    raw = await call.read_raw()
    return read_value(raw, call.header("content-type"), call.header("content-encoding"))


OPERATIONS: Final = (
    offer(
        "PUT /s/{address}/value",
        put,
        "Confirmation",
        WRITE,
        admits=admit_writer,
        body_bytes_max=VALUE_BODY_BYTES_MAX,
    ),
)
