"""Keys: what a person's programs sign in with. A key is shown once, with a line to try it with."""

from typing import Final

from stonechat.domain.ids import TokenId
from stonechat.domain.keys import NewKey
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import beacons, keys
from stonechat.web.desk.calls import (
    NOTHING_REFUSED,
    DeskCall,
    Person,
    Refused,
    act,
    desk,
    ensure_sure,
    is_first,
    read,
    see,
    show,
)
from stonechat.web.desk.entities.keys import present_key, present_new_key
from stonechat.web.desk.entities.lines import check_line, patch_line
from stonechat.web.desk.forms import ENDS, read_days

PATH: Final = "/beacons/keys"


async def show_keys(call: DeskCall, person: Person) -> Answer:
    """All keys of the person."""
    return await _show(call, person, NOTHING_REFUSED)


async def _show(
    call: DeskCall, person: Person, refused: Refused, new: NewKey | None = None
) -> Answer:
    now_ms = call.env.clock.now_ms()
    found = await keys.list_keys(call.env, person.viewer)
    values = {
        "keys": [present_key(each, now_ms) for each in found],
        "new": None if new is None else present_new_key(new, now_ms),
        "line": "" if new is None else await _line(call, person, new.secret),
        "ends": ENDS,
    }
    return show(call, person, "keys.html", values, refused)


async def _line(call: DeskCall, person: Person, secret: str) -> str:
    """What to try a new key with: it changes nothing but the time of the newest beacon."""
    base_url = call.room.site.base_url
    own = await beacons.list_own(call.env, person.viewer, 1)
    if not own:
        return check_line(base_url, secret)
    return patch_line(base_url, own[0].status_id, own[0].value, secret)


async def change_keys(call: DeskCall, person: Person) -> Answer:
    """Make and revoke them."""
    return await act(call, person, {"make": _make, "revoke": _revoke}, _show)


async def _make(call: DeskCall, person: Person) -> Answer:
    label, days = read(call, "label"), read_days(call)
    if not await is_first(call, person):
        return see(PATH)
    new = await keys.create_key(call.env, person.viewer, label, days=days)
    return await _show(call, person, NOTHING_REFUSED, new)


async def _revoke(call: DeskCall, person: Person) -> Answer:
    ensure_sure(call)
    key_id = call.parameters.identifier("key")
    if key_id is None:
        raise NotFound
    if await is_first(call, person):
        await keys.revoke_key(call.env, person.viewer, TokenId(key_id))
    return see(PATH)


OPERATIONS: Final = (
    desk("GET", PATH, show_keys),
    desk("POST", PATH, change_keys),
)
