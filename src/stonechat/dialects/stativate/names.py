"""Names: which beacon a path means, and which version of it a caller knows."""

import re
from typing import Final

from stonechat.dialects.stativate.calls import StativateCall
from stonechat.domain.beacons import (
    OWNER,
    Address,
    BeaconView,
    read_address,
    read_status_id,
)
from stonechat.kernel.errors import NotFound
from stonechat.kernel.secrets import is_same
from stonechat.services import beacons
from stonechat.services.beacons import Name

_NO_VERSION: Final = -1
"""What is no version of ours is none that a beacon has: a caller who names it is outdated."""
_is_version: Final = re.compile('"([0-9]{1,15})"').fullmatch


def read_name(call: StativateCall) -> Name:
    """The beacon that a path names by its status id."""
    return Name(*read_status_id(call.path["status_id"]))


async def see_addressed(call: StativateCall) -> BeaconView:
    """The beacon that a path names by its status id, or as its page is addressed.

    Whoever has no role on it knows a beacon by its page alone.
    """
    text, me = call.path["status_id"], call.viewer.account_id
    try:
        name = Name(*read_status_id(text))
    except NotFound:
        return await beacons.see_shared(call.env, me, read_address(text))
    view = await beacons.see_shared(call.env, me, Address(name.id))
    if not is_same(view.beacon.tail, name.tail or ""):
        raise NotFound
    return view


async def ensure_owner(call: StativateCall) -> Name:
    """The beacon that a path names, for its owner alone: before anything else is looked at."""
    name = read_name(call)
    await beacons.see_as(call.env, call.viewer, name, OWNER)
    return name


def read_version(call: StativateCall) -> int | None:
    """The version that `If-Match` asks for; None where any will do."""
    wanted = (call.header("if-match") or "*").strip()
    if wanted == "*":
        return None
    found = _is_version(wanted)
    return int(found[1]) if found else _NO_VERSION


def write_version(view: BeaconView) -> dict[str, str]:
    """The header that names the version of a beacon."""
    return {"etag": f'"{view.beacon.version}"'}
