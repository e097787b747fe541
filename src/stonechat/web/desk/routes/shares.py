"""Shares: the ways to a beacon that its owner gives to others, to people and to programs.

A private link stands here for its owner to copy, as long as it is good. A write token is shown
once, in the answer that makes it: a second sending of that form makes nothing, and shows nothing.
"""

from typing import Final

from stonechat.domain.ids import TokenId
from stonechat.domain.keys import NewKey
from stonechat.http.operations import Answer
from stonechat.kernel.errors import NotFound
from stonechat.services import beacon_links, beacon_tokens
from stonechat.web.desk.calls import (
    NOTHING_REFUSED,
    DeskCall,
    Person,
    Refused,
    act,
    desk,
    is_first,
    read,
    see,
    show,
)
from stonechat.web.desk.entities.keys import present_key, present_link, present_new_key
from stonechat.web.desk.entities.lines import present_lines
from stonechat.web.desk.forms import ENDS, read_days
from stonechat.web.desk.routes.beacons import find_own, name_of, present

PATH: Final = "/beacons/{id}/share"


async def show_shares(call: DeskCall, person: Person) -> Answer:
    """Addresses, links, write tokens."""
    return await _show(call, person, NOTHING_REFUSED)


async def _show(
    call: DeskCall, person: Person, refused: Refused, new: NewKey | None = None
) -> Answer:
    view = await find_own(call, person)
    name, now_ms = name_of(call), call.env.clock.now_ms()
    links = await beacon_links.list_links(call.env, person.viewer, name)
    tokens = await beacon_tokens.list_tokens(call.env, person.viewer, name)
    values = {
        "beacon": present(call, view),
        "lines": present_lines(view.beacon, call.room.site.base_url),
        "status_id": view.beacon.status_id,
        "links": [present_link(each) for each in links],
        "tokens": [present_key(each, now_ms) for each in tokens],
        "new": None if new is None else present_new_key(new, now_ms),
        "ends": ENDS,
    }
    return show(call, person, "share.html", values, refused)


async def change_shares(call: DeskCall, person: Person) -> Answer:
    """Make and end links and write tokens."""
    # Rights before bounds: others learn nothing of what is here.
    await find_own(call, person)
    acts = {
        "make_link": _make_link,
        "rotate_link": _rotate_link,
        "end_link": _end_link,
        "make_token": _make_token,
        "revoke_token": _revoke_token,
    }
    return await act(call, person, acts, _show)


def _back(call: DeskCall) -> Answer:
    return see(f"/beacons/{name_of(call).id}/share")


async def _make_link(call: DeskCall, person: Person) -> Answer:
    label, days = read(call, "label"), read_days(call)
    if await is_first(call, person):
        name = name_of(call)
        await beacon_links.create_link(call.env, person.viewer, name, label=label, days=days)
    return _back(call)


async def _rotate_link(call: DeskCall, person: Person) -> Answer:
    # Whoever sends it twice finds that the first one did it.
    if await is_first(call, person):
        secret = read(call, "link")
        await beacon_links.rotate_link(call.env, person.viewer, name_of(call), secret)
    return _back(call)


async def _end_link(call: DeskCall, person: Person) -> Answer:
    if await is_first(call, person):
        secret = read(call, "link")
        await beacon_links.end_link(call.env, person.viewer, name_of(call), secret)
    return _back(call)


async def _make_token(call: DeskCall, person: Person) -> Answer:
    label = read(call, "label")
    if not await is_first(call, person):
        return _back(call)
    new = await beacon_tokens.create_token(call.env, person.viewer, name_of(call), label)
    return await _show(call, person, NOTHING_REFUSED, new)


async def _revoke_token(call: DeskCall, person: Person) -> Answer:
    token_id = call.parameters.identifier("token")
    if token_id is None:
        raise NotFound
    if await is_first(call, person):
        name = name_of(call)
        await beacon_tokens.revoke_token(call.env, person.viewer, name, TokenId(token_id))
    return _back(call)


OPERATIONS: Final = (
    desk("GET", PATH, show_shares),
    desk("POST", PATH, change_shares),
)
