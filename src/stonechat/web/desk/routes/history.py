"""History: every value that a beacon had, and the same as a file."""

from collections.abc import AsyncIterator, Callable
from typing import Final

from stonechat.domain import limits
from stonechat.domain.beacons import BeaconView
from stonechat.http.operations import Answer, EventStream
from stonechat.services import beacon_exports, beacons
from stonechat.services.env import Env
from stonechat.web.desk.calls import DeskCall, Person, desk, show
from stonechat.web.desk.entities.beacons import present_change
from stonechat.web.desk.routes.beacons import find_view, present

_PAGE: Final = 50
assert limits.BEACON_CHANGES_PAGE[1] >= _PAGE


async def show_history(call: DeskCall, person: Person) -> Answer:
    """A page of it, the newest first."""
    view = await find_view(call, person)
    below = call.parameters.identifier("below")
    if below is not None and below < 0:
        below = 0
    changes = await beacons.list_changes(call.env, view, below=below, limit=_PAGE)
    values = {
        "beacon": present(call, view),
        "changes": [present_change(each) for each in changes],
        "next": changes[-1].number if len(changes) == _PAGE else None,
        "is_first_page": below is None,
        "may_see_users": view.may(view.beacon.users_access),
    }
    return show(call, person, "history.html", values)


async def export_csv(call: DeskCall, person: Person) -> Answer:
    """All of it for a spreadsheet."""
    return await _export(call, person, beacon_exports.export_csv, "csv", "text/csv; charset=utf-8")


async def export_json(call: DeskCall, person: Person) -> Answer:
    """All of it for a program."""
    return await _export(call, person, beacon_exports.export_json, "json", "application/json")


async def _export(
    call: DeskCall,
    person: Person,
    export: Callable[[Env, BeaconView], AsyncIterator[bytes]],
    suffix: str,
    content_type: str,
) -> Answer:
    view = await find_view(call, person)
    name = f'attachment; filename="beacon-{view.beacon.id}.{suffix}"'
    headers = {"content-disposition": name}
    return Answer(EventStream(export(call.env, view)), headers=headers, content_type=content_type)


OPERATIONS: Final = (
    desk("GET", "/beacons/{id}/history", show_history),
    desk("GET", "/beacons/{id}/history.csv", export_csv),
    desk("GET", "/beacons/{id}/history.json", export_json),
)
