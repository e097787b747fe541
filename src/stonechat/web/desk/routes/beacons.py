"""Beacons: the list of one's own and watched ones, making one, and the page of each.

The list and the page of a beacon are one tap away from a new value. What only an owner may do has
pages of its own, which others are refused by the services and never led to.
"""

from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacon_roles import BeaconFilter
from stonechat.domain.beacons import OWNER, BeaconView, read_address
from stonechat.http.operations import Answer
from stonechat.kernel.errors import InvalidInput, NotAllowed, NotFound
from stonechat.kernel.paging import Cursor
from stonechat.services import beacon_keys, beacon_notices, beacon_roles, beacons
from stonechat.services.beacons import Name
from stonechat.web.desk.calls import (
    NOTHING_REFUSED,
    DeskCall,
    Person,
    Refused,
    act,
    desk,
    ensure_sure,
    once_key,
    read,
    see,
    show,
)
from stonechat.web.desk.entities.beacons import (
    ACCESS_WORDS,
    ANNOUNCE_WORDS,
    LIST_ACCESS_WORDS,
    SWATCHES,
    UNITS,
    Card,
    present_card,
    present_change,
    present_parts,
)
from stonechat.web.desk.entities.notices import present_inbox
from stonechat.web.desk.forms import read_filters, read_new, read_parts, read_value

LIST: Final = "/beacons"
_CHANGES_SHOWN: Final = 5
_SHOWN_AT_ONCE: Final = 60
_NOTICES: Final = Cursor(limits.BEACON_NOTICES_PAGE[0])
_BACK_CHARACTERS_MAX: Final = 16


# Finding -------------------------------------------------------------------------------------


async def find_view(call: DeskCall, person: Person) -> BeaconView:
    """The beacon of the path, if the person has a role on it; otherwise it is absent."""
    address = read_address(call.path["id"])
    view = await beacons.see_shared(call.env, person.visitor.account_id, address)
    if view.role is None or address.secret is not None:
        raise NotFound
    return view


async def find_own(call: DeskCall, person: Person) -> BeaconView:
    """The beacon of the path, for its owner; NotAllowed for others who have a role on it."""
    view = await find_view(call, person)
    if view.role != OWNER:
        raise NotAllowed
    return view


def present(call: DeskCall, view: BeaconView) -> Card:
    """A beacon as it is shown now."""
    return present_card(view, call.env.clock.now_ms())


def name_of(call: DeskCall) -> Name:
    """What the path names, whether or not it is there."""
    return Name(read_address(call.path["id"]).id)


# The list ------------------------------------------------------------------------------------


async def list_all(call: DeskCall, person: Person) -> Answer:
    """What is so now with all that the person owns or watches, and what they were told."""
    return await _list(call, person, NOTHING_REFUSED)


async def _list(call: DeskCall, person: Person, refused: Refused) -> Answer:
    views = await beacons.list_watched(call.env, person.viewer)
    inbox = await beacon_notices.list_notices(call.env, person.viewer, _NOTICES)
    unread = await beacon_notices.count_unread(call.env, person.viewer)
    start = min(max(call.parameters.integer("from") or 0, 0), limits.BEACONS_PAGE[1])
    end = start + _SHOWN_AT_ONCE
    cards = [present(call, view) for view in views[start:end]]
    values = {
        "start": start,
        "next": end if len(views) > end else None,
        "own": [card for card in cards if card.is_own],
        "watched": [card for card in cards if not card.is_own],
        "inbox": present_inbox(inbox.items, unread),
    }
    return show(call, person, "list.html", values, refused)


async def change_list(call: DeskCall, person: Person) -> Answer:
    """What can be done on the list itself."""
    return await act(call, person, {"mark_read": _mark_read}, _list)


async def _mark_read(call: DeskCall, person: Person) -> Answer:
    # Only what was on the page: what came meanwhile was not read.
    newest = call.parameters.integer("newest") or 0
    await beacon_notices.mark_seen(call.env, person.viewer, newest)
    return see(LIST)


# Making --------------------------------------------------------------------------------------


async def show_new(call: DeskCall, person: Person) -> Answer:
    """The form of a new beacon."""
    return await _show_new(call, person, NOTHING_REFUSED)


async def _show_new(call: DeskCall, person: Person, refused: Refused) -> Answer:
    parts = present_parts(None, refused.of("create"), refused.rows.get("presets", ()))
    return show(call, person, "new.html", {"parts": parts, **_CHOICES}, refused)


async def create(call: DeskCall, person: Person) -> Answer:
    """Make a beacon, and go to its page. The same form sent again makes nothing more."""
    return await act(call, person, {"create": _create}, _show_new)


async def _create(call: DeskCall, person: Person) -> Answer:
    made = await beacons.create_beacon(
        call.env,
        person.viewer,
        read_new(call),
        source="page",
        idempotency_key=once_key(call),
    )
    return see(f"{LIST}/{made.beacon.id}")


# One beacon ----------------------------------------------------------------------------------


async def show_one(call: DeskCall, person: Person) -> Answer:
    """A beacon to set, and what its person wants to hear of it."""
    return await _show_one(call, person, NOTHING_REFUSED)


async def _show_one(call: DeskCall, person: Person, refused: Refused) -> Answer:
    view = await find_view(call, person)
    settings = await beacon_roles.see_settings(call.env, person.viewer, Name(view.beacon.id))
    may_see_history = view.may(view.beacon.history_access)
    changes = (
        await beacons.list_changes(call.env, view, limit=_CHANGES_SHOWN) if may_see_history else []
    )
    values = {
        "beacon": present(call, view),
        "settings": settings,
        "filters": _filters(settings.filters, refused),
        "changes": [present_change(each) for each in changes],
        "may_see_history": may_see_history,
        "may_see_users": view.may(view.beacon.users_access),
    }
    return show(call, person, "one.html", values, refused)


def _filters(kept: tuple[BeaconFilter, ...], refused: Refused) -> list[tuple[str, str]]:
    rows = [(each.kind, each.value) for each in kept]
    if refused.action == "watch":
        typed = refused.rows.get("filters", ())
        rows = [(each.get("kind", ""), each.get("value", "")) for each in typed]
    rows = [row for row in rows if row[1]][: limits.BEACON_FILTERS_MAX]
    return [*rows, *[("to", "")] * min(2, limits.BEACON_FILTERS_MAX - len(rows))]


async def change_one(call: DeskCall, person: Person) -> Answer:
    """Choose what to hear, or leave."""
    return await act(call, person, {"watch": _watch, "leave": _leave}, _show_one)


async def _watch(call: DeskCall, person: Person) -> Answer:
    wish = read(call, "wish", _BACK_CHARACTERS_MAX)
    if wish not in ("all", "filters", "off"):
        raise InvalidInput("Say what you want to hear", field="wish")
    filters = [] if wish == "off" else read_filters(call)
    if wish == "filters" and not filters:
        raise InvalidInput("Say at least one value that you want to hear of", field="filters")
    name = name_of(call)
    await beacon_roles.set_settings(
        call.env, person.viewer, name, notifies=wish == "all", filters=filters
    )
    return see(f"{LIST}/{name.id}")


async def _leave(call: DeskCall, person: Person) -> Answer:
    await beacon_roles.leave(call.env, person.viewer, name_of(call).id)
    return see(LIST)


async def show_after_value(call: DeskCall, person: Person) -> Answer:
    """Where a refused value came from, for whoever loads that page anew."""
    view = await find_view(call, person)
    return see(f"{LIST}/{view.beacon.id}")


async def set_value(call: DeskCall, person: Person) -> Answer:
    """Set a value: one tap on the list or on the page of the beacon, and back to there."""
    name = name_of(call)
    place = f"{LIST}/{name.id}"
    if read(call, "back", _BACK_CHARACTERS_MAX) == "list":
        place = f"{LIST}#b-{name.id}"
    return await act(call, person, {"set": lambda c, p: _set(c, p, place)}, _show_one)


async def _set(call: DeskCall, person: Person, place: str) -> Answer:
    view = await find_view(call, person)
    form, name = read_value(call, view), Name(view.beacon.id)
    key = once_key(call)
    await beacons.change_beacon(
        call.env, person.viewer, name, form, source="page", idempotency_key=key
    )
    return see(place)


# Its parts -----------------------------------------------------------------------------------

_CHOICES: Final = {
    "swatches": SWATCHES,
    "accesses": ACCESS_WORDS,
    "list_accesses": LIST_ACCESS_WORDS,
    "announcements": ANNOUNCE_WORDS,
    "units": tuple(UNITS),
}


async def show_parts(call: DeskCall, person: Person) -> Answer:
    """The form of all that an owner may change."""
    return await _show_parts(call, person, NOTHING_REFUSED)


async def _show_parts(call: DeskCall, person: Person, refused: Refused) -> Answer:
    view = await find_own(call, person)
    presets = refused.rows.get("presets", ())
    parts = present_parts(view.beacon, refused.of("change"), presets)
    has_lists = call.env.settings.beacon_lists
    values = {
        "beacon": present(call, view),
        "key": view.beacon.key,
        "parts": parts,
        "has_lists": has_lists,
        **_CHOICES,
    }
    return show(call, person, "parts.html", values, refused)


async def change_parts(call: DeskCall, person: Person) -> Answer:
    """Change them, give the beacon its key, or take it away."""
    acts = {"change": _change, "name": _name, "delete": _delete}
    return await act(call, person, acts, _show_parts)


async def _change(call: DeskCall, person: Person) -> Answer:
    # Rights before bounds: others learn nothing of what a form may say.
    view = await find_own(call, person)
    form, name = read_parts(call, view.beacon), Name(view.beacon.id)
    if not form.is_empty:
        await beacons.change_beacon(call.env, person.viewer, name, form, source="page")
    return see(f"{LIST}/{name.id}")


async def _name(call: DeskCall, person: Person) -> Answer:
    await find_own(call, person)
    key, name = read(call, "key").strip(), name_of(call)
    await beacon_keys.name_beacon(call.env, person.viewer, name, key)
    return see(f"{LIST}/{name.id}/edit")


async def _delete(call: DeskCall, person: Person) -> Answer:
    await find_own(call, person)
    ensure_sure(call)
    await beacons.delete_beacon(call.env, person.viewer, name_of(call))
    return see(LIST)


OPERATIONS: Final = (
    desk("GET", LIST, list_all),
    desk("POST", LIST, change_list),
    desk("GET", "/beacons/new", show_new),
    desk("POST", "/beacons/new", create),
    desk("GET", "/beacons/{id}", show_one),
    desk("POST", "/beacons/{id}", change_one),
    desk("GET", "/beacons/{id}/value", show_after_value),
    desk("POST", "/beacons/{id}/value", set_value),
    desk("GET", "/beacons/{id}/edit", show_parts),
    desk("POST", "/beacons/{id}/edit", change_parts),
)
